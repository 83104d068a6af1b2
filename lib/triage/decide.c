#include "triage/decide.h"
