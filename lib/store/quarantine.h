/*
 * Quarantine: the raw bytes of mails whose analysis died, for a developer to look at.
 *
 * STATE/quarantine/SHA256.eml, 0600. Bounded: the oldest go when there are more than
 * QUARANTINE_FILES or QUARANTINE_BYTES.
 */
#pragma once

#include "store/store.h"

#define QUARANTINE_FILES 200
#define QUARANTINE_BYTES (256 * 1024 * 1024)

/* Keep a mail; *file (may be NULL) is where. Writes whole or not at all; the same mail again
 * is no error. A store in memory keeps nothing (*file is NULL). */
gboolean quarantine_keep(Store *store, GBytes *mail, char **file, GError **error);

/* Remove the files that were kept before a time, or those that name an address (the other is 0
 * or NULL). Gives how many; what cannot be removed is passed over. */
guint quarantine_clean(Store *store, gint64 before, const char *address);

/* The files that name an address. Of char *. */
GPtrArray *quarantine_find(Store *store, const char *address);

/* Add a line for each file that is not what its name says. */
void quarantine_inspect(Store *store, GPtrArray *lines);
