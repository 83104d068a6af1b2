#include "triage/checklist.h"
