#include "rules/settings.h"
