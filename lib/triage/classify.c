#include "triage/classify.h"
