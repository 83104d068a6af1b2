#include "store/quarantine.h"
