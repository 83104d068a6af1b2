#include "desk/watcher.h"
