/* Outlook's .msg ([MS-OXMSG], a compound file) to an Outlook item. */
#pragma once

#include "mail/outlook_item.h"

/* NULL when it is no such file. At most max_size bytes of streams are read. */
OutlookItem *msg_read(GBytes *bytes, gsize max_size);
