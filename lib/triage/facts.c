#include "triage/facts.h"
