#include "mail/mail.h"
