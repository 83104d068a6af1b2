#include "desk/reply.h"
