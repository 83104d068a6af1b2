#include "triage/plan.h"
