#include "net/store_group.h"
