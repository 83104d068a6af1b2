#include "mail/header.h"
