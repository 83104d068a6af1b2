#include "net/secret.h"
