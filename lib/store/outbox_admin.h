/* The outbox as people see it: what is in it, and the admin's word on an entry. */
#pragma once

#include "store/outbox.h"

/* The admin's verbs; ERROR_INPUT when there is no such effect or its state does not allow
 * it. retry: now, whatever is queued, held, refused or unknown. release: what is held or
 * unknown. cancel: what is queued, held, refused or unknown. */
gboolean outbox_retry(Store *store, gint64 id, gint64 now, GError **error);
gboolean outbox_release(Store *store, gint64 id, gint64 now, GError **error);
gboolean outbox_cancel(
        Store *store, gint64 id, const char *words, gint64 now, GError **error);

/* One effect whole; ERROR_INPUT when there is none. */
Effect *outbox_get(Store *store, gint64 id, GError **error);

/* The effects of one mail in the order added, or with mail 0 all that are not done or
 * cancelled. Of Effect, with the payload of tags and folders only. */
GPtrArray *outbox_list(Store *store, gint64 mail, GError **error);

typedef struct {
	EffectKind kind;
	EffectState state;
	gint64 count;
	gint64 oldest; /* smallest queued_at */
	gint64 due;    /* smallest next_at of what is queued; 0 in the other states */
} OutboxCount;

/* How many per kind and state, without those done or cancelled. Of OutboxCount. */
GPtrArray *outbox_counts(Store *store, GError **error);
