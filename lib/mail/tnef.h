/* winmail.dat ([MS-OXTNEF]) to an Outlook item. */
#pragma once

#include "mail/outlook_item.h"

/* NULL when nothing can be read. Values borrow from bytes, which they keep alive. */
OutlookItem *tnef_read(GBytes *bytes);
