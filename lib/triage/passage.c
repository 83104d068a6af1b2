#include "triage/passage.h"
