/* A case and its plan told as a colleague would: what was seen where, which signature of
 * which file and line, why not the runner-up, what is missing, why a reply goes out or not. */
#pragma once

#include "triage/case.h"
#include "triage/plan.h"

char *explain(const Case *kase, const Plan *plan, const char *file);
