#include "net/folder.h"
