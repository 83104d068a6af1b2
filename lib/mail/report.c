#include "mail/report.h"
