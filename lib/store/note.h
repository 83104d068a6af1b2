/*
 * Notes: status facts that the processes write and `triagectl status` shows.
 *
 * A note is (scope, key) -> value with a time; scope "mailbox/NAME" or "courier"; keys such as
 * "last-success", "last-error", "keywords". They decide nothing.
 */
#pragma once

#include "store/store.h"

typedef struct {
	char *scope, *key, *value;
	gint64 at;
} Note;

void note_free(Note *note);

/* Set or, with value NULL, remove a note. Needs a transaction. */
gboolean note_set(Store *store, const char *scope, const char *key, const char *value,
        gint64 now, GError **error);

/* All notes by scope and key; scope NULL: every one. Of Note. */
GPtrArray *note_list(Store *store, const char *scope, GError **error);
