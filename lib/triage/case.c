#include "triage/case.h"
