/*
 * What bounds our replies: how many went out, whom not to answer, the breaker.
 *
 * Surprising rule: ask and add the reply in one transaction, else two watchers can pass the
 * same limit together. An address that was forgotten still counts, by its keyed hash. Counted are replies that are queued, under way, sent or of unknown
 * fate; not those held, refused or cancelled.
 */
#pragma once

#include "store/store.h"

/* Replies to an address (its "+tag" left out), in a conversation, or to anybody, made ready at
 * or after a time. */
gboolean reply_limit_count_address(
        Store *store, const char *address, gint64 since, guint *count, GError **error);
gboolean reply_limit_count_conversation(
        Store *store, gint64 conversation, guint *count, GError **error);
/* Counts no further than most. */
gboolean reply_limit_count_all(
        Store *store, gint64 since, guint most, guint *count, GError **error);

typedef struct {
	gint64 since; /* 0: closed */
	char *reason; /* or NULL */
} Breaker;

void breaker_clear(Breaker *breaker);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Breaker, breaker_clear)

/* The breaker that holds all replies. Opening an open one changes nothing. */
gboolean breaker_get(Store *store, Breaker *breaker, GError **error);
gboolean breaker_open(Store *store, const char *reason, gint64 now, GError **error);
gboolean breaker_close(Store *store, GError **error);

#define BOUNCED_DAYS 30

/* An address that refused our reply: not answered until BOUNCED_DAYS later. */
gboolean bounced_add(Store *store, const char *address, const char *reason, gint64 now,
        GError **error);
/* The same of the address to which the reply to a mail of the journal went; nothing when there
 * is no such reply any more. */
gboolean bounced_add_reply(
        Store *store, gint64 mail, const char *reason, gint64 now, GError **error);
gboolean bounced_has(
        Store *store, const char *address, gint64 now, gboolean *has, GError **error);
