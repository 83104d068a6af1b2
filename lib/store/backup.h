/*
 * Backups: the whole store in one file, made while everybody works on, and put back.
 *
 * Surprising rule: the file is a database as the store's own, with one table more: the secret, so
 * that replies of before are still known as ours. What is in the quarantine is left out.
 */
#pragma once

#include "store/store.h"

/* Write the store, as it is at one moment, into a new file, 0600, on disk when this returns.
 * ERROR_INPUT when there is such a file already. */
gboolean backup_write(Store *store, const char *file, GError **error);

/* Make a store of a backup in a state directory that has none: ERROR_INPUT when it has. What may
 * have been answered since the backup is not answered by itself: mails that came since are a
 * backlog, replies that were under way are of unknown fate. */
gboolean backup_restore(const char *file, const char *state, GError **error);
