#include "triage/date.h"
