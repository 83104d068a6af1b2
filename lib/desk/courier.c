#include "desk/courier.h"
