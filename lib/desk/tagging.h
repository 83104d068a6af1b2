/* Tags as effects: queued in the outbox as "+keyword" and "-keyword" lines, stored on the mails
 * in as few commands as there are different sets. */
#pragma once

#include <glib.h>

#include "net/mailbox.h"
#include "store/outbox.h"

/* Queue a change of a mail's tags at a place, and record what it carries then: words separated
 * by spaces, "triage-x" to add, "-triage-x" to take away if it is there, "?triage-x" to do
 * all that only while the mail carries it on the server. What an
 * agent changed stands against it (desk/override.h). Needs a transaction. */
gboolean tagging_queue(Store *store, const Place *place, gint64 mail, const char *tags,
        gint64 now, GError **error);

/* The same for a mail that is only about to be recorded, and so carries nothing and was not
 * corrected: the tags for its line of the journal, and the change to queue once it has an id.
 * NULL for NULL. */
char *tagging_begin(const char *wanted, GBytes **change);
gboolean tagging_queue_first(
        Store *store, const Place *place, gint64 mail, GBytes *change, GError **error);

/* What a server would not keep: the UIDs, and its words or ours, once. */
typedef struct {
	GHashTable *uids; /* set of guint32 as pointers */
	char *words;      /* NULL: nothing was refused */
	GHashTable *
	        spared; /* set of const Effect *: not done, an agent has changed the tag */
} TagRefusal;

void tag_refusal_clear(TagRefusal *refusal);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TagRefusal, tag_refusal_clear)

/* Carry out the tag effects among effects (of Effect, in outbox order), later lines of a mail
 * winning over earlier ones. All are of the folder that is selected; those of another
 * UIDVALIDITY than its present one are passed over: the mail's new place has effects of its
 * own. What the server refuses is told in *refusal and keeps nothing
 * else from being stored; FALSE: the connection is over. */
gboolean tagging_store(Mailbox *mailbox, const GPtrArray *effects, guint32 uidvalidity,
        TagRefusal *refusal, GError **error);

/* A spared change was not made: the journal goes back to what it said before it. Needs a
 * transaction. */
gboolean tagging_take_back(Store *store, const Effect *effect, GError **error);
