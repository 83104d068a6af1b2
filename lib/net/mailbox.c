#include "net/mailbox.h"
