#include "mail/part.h"
