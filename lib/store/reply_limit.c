#include "store/reply_limit.h"
