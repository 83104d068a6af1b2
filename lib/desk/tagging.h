/* Tags as effects: queued in the outbox as "+keyword" and "-keyword" lines, stored on the mails
 * in as few commands as there are different sets. */
#pragma once

#include <glib.h>

#include "net/mailbox.h"
#include "store/outbox.h"

/* Queue a change of a mail's tags at a place, and record what it carries then: words separated
 * by spaces, "triage-x" to add, "-triage-x" to take away if it is there. Needs a transaction. */
gboolean tagging_queue(Store *store, const Place *place, gint64 mail, const char *tags,
        gint64 now, GError **error);

/* Carry out the tag effects among effects (of Effect, in outbox order), later lines of a mail
 * winning over earlier ones. Those of another UIDVALIDITY are passed over: the mail's new
 * place has effects of its own. ERROR_REFUSED when the server keeps no such keywords; the
 * keywords it does keep are stored all the same. */
gboolean tagging_store(Mailbox *mailbox, const GPtrArray *effects, GError **error);
