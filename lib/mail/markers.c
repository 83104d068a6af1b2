#include "mail/markers.h"
