/*
 * What agents have answered, as their folder of sent mails shows it.
 *
 * Surprising rule: it is looked at only when a mail that may be a follow-up is about to be
 * decided, and then only at what was added since: one question when there is nothing new.
 */
#pragma once

#include "desk/sync.h"

/* Note agents' answers in their conversations, in one commit. FALSE: the connection is over,
 * or the store is not safe. */
gboolean sent_look(Sync *sync, Mailbox *mailbox, GError **error);
