/* Where a setting stands, for messages about what only shows when it is used. */
#pragma once

#include "rules/settings.h"

/* "FILE:LINE" of the first of some settings that is there, such as "smtp.password_file", or of the
 * nearest group around the first. NULL-terminated. The file is read anew. */
char *settings_place(const Settings *settings, const char *const *names);

/* The same for a setting of a mailbox, "imap.url", which may stand in "defaults". */
char *settings_place_of_mailbox(
        const Settings *settings, guint index, const char *name);
