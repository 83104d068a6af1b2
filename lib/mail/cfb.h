/*
 * Compound files ([MS-CFB]): what must be known of one before libgsf may read it.
 *
 * libgsf 1.14 reads a directory by recursion, entry by entry, and sorts each storage's
 * children one by one: a hundred thousand entries end the process. What stands beside the
 * root it reads and forgets: a process that reads many such files runs out of memory.
 */
#pragma once

#include <glib.h>

#define CFB_ENTRIES_MAX 4000 /* of a directory; a mail to 200 people has 3,000 */

/* Whether the file's directory can be followed to its end within CFB_ENTRIES_MAX entries, and
 * its root stands alone. */
gboolean cfb_is_fit(GBytes *bytes);
