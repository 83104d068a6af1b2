#include "triage/nature.h"
