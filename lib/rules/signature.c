#include "rules/signature.h"
