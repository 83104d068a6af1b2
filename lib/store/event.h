/* Events: a mail's story beside its columns, such as an agent's correction of a tag or the
 * admin's word on its reply. They decide nothing. */
#pragma once

#include "store/store.h"

typedef struct {
	gint64 mail, at;
	char *what;   /* one word: "correction", "released", "tagged-again" */
	char *detail; /* one line, or NULL */
} JournalEvent;

gboolean journal_add_event(Store *store, const JournalEvent *event, GError **error);
GPtrArray *journal_events(
        Store *store, gint64 mail, GError **error); /* of JournalEvent, in order */
