#include "triage/gate.h"
