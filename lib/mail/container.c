#include "mail/container.h"
