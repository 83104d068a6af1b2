#include "triage/analyse.h"
