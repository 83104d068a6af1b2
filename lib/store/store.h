/*
 * The store: what must survive a crash. One handle per process, never carried over a fork.
 *
 * Surprising rules: every verb that writes needs a transaction that the use case opened with
 * store_begin(), so that what belongs together is committed together; and nothing may be
 * done outside (a tag set, a mail sent) before the store_commit() that records it returned.
 *
 * All times are microseconds since the epoch, as clock_now() gives them. Errors: ERROR_STORE
 * when the state is not safe (damaged, read-only, of a newer version), ERROR_TEMPORARY when
 * waiting helps (locked, disk full); the message names the file and the remedy. After an
 * error inside a transaction only store_rollback() is allowed.
 */
#pragma once

#include <glib.h>

#include "store/signing_key.h"

typedef struct Store Store;

typedef enum {
	STORE_CREATE, /* the service: makes what is missing, migrates an older version */
	STORE_READING, /* the exporter: as the next, without the secret, which it need not know */
	STORE_EXISTING, /* the tools: ERROR_STORE when there is none or it needs migration */
} StoreMode;

/* Open the store in the state directory, which is made 0700 with STORE_CREATE and refused
 * (ERROR_CONFIG) when group or world may enter it. ERROR_STORE when the database is gone or
 * empty although the directory was in use. */
Store *store_open(const char *state, StoreMode mode, GError **error);

/* A store that lives in memory, with a secret of its own; for tests and dry runs. */
Store *store_open_memory(GError **error);

/* Roll back what is open, release leases, close. Takes NULL. */
void store_close(Store *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Store, store_close)

/* Begin to write; waits some seconds for other writers, then ERROR_TEMPORARY. */
gboolean store_begin(Store *store, GError **error);

/* Make it durable. On failure all of it is rolled back. */
gboolean store_commit(Store *store, GError **error);

/* Forget what was written since store_begin(). Nothing when no transaction is open. */
void store_rollback(Store *store);

/* Become the only process that does a job ("courier", "watcher/assistenza") until the store
 * is closed or the process dies; ERROR_TEMPORARY when another one has it. */
gboolean store_lease(Store *store, const char *job, GError **error);

/* Whether another process does a job now. */
gboolean store_lease_is_held(const Store *store, const char *job);

/* Whether another process committed something since the last call. Cheap; false on error. */
gboolean store_has_changed(Store *store);

/* The secret of this state directory; NULL with STORE_READING. Borrowed. */
const SigningKey *store_secret(const Store *store);

/* The state directory, or NULL in memory. Borrowed. */
const char *store_directory(const Store *store);
