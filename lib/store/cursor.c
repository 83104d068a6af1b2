#include "store/cursor.h"
