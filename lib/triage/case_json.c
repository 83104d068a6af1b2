#include "triage/case_json.h"
