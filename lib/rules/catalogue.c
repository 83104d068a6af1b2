#include "rules/catalogue.h"
