#include "mail/report_layout.h"
