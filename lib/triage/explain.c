#include "triage/explain.h"
