#include "mail/section.h"
