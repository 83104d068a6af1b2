/*
 * Upkeep: what keeps the store's files small, and empty of what was erased.
 *
 * Surprising rule: SQLite's log (WAL) keeps old pages until it is emptied, which nobody who reads
 * for long lets happen. A store in memory has no files: nothing is done then.
 */
#pragma once

#include "store/store.h"

/* How large the log is. */
gint64 store_log_bytes(const Store *store);

/* Write the log into the database and cut it to nothing, waiting for others at most some
 * milliseconds; *emptied is FALSE when one stood in the way. */
gboolean store_empty_log(
        Store *store, guint milliseconds, gboolean *emptied, GError **error);

/* Write the whole database anew, without free space. Others cannot write meanwhile. */
gboolean store_compact(Store *store, GError **error);

/* Whether the bytes of the store's files still name an address; FALSE also when they cannot be
 * read. */
gboolean store_names(const Store *store, const char *address);
