#include "desk/sandbox.h"
