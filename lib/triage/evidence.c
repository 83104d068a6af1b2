#include "triage/evidence.h"
