#include "desk/analyst.h"
