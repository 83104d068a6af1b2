#include "store/secret.h"
