#include "rules/template.h"
