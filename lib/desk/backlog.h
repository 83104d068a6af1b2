/*
 * The mails of a folder that are still to be done.
 *
 * Surprising rule: while there are more than a batch of them, the newest and the oldest have
 * their turns by and by, so that who writes now is not behind all the others, and the oldest
 * are never starved. The last of them come in smaller and smaller batches, so that little is
 * left to be recorded and answered when all is read.
 */
#pragma once

#include <glib.h>

#include "net/mailbox.h"

#define BACKLOG_BATCH 100 /* mails of one turn */

typedef struct {
	GArray *mails; /* of MailBrief, by ascending UID; NULL: not listed yet */
	guint32 listed_to;
	gboolean newest_had_turn;
	gboolean in_order; /* the oldest first, whatever there is */
	gboolean flood;    /* there were more than a batch, and some are left */
} Backlog;

void backlog_clear(Backlog *backlog);

/* Take over what was listed (freed): all UIDs are greater than those known. */
void backlog_add(Backlog *backlog, GArray *listed);

/* Take the next ones out, most of them at most, fewer when they make up bytes; of MailBrief, by
 * ascending UID, never empty while mails are left. */
GArray *backlog_next(Backlog *backlog, guint most, guint64 bytes);

guint backlog_left(const Backlog *backlog);

/* All mails with a UID less than this one have been taken. */
guint32 backlog_floor(const Backlog *backlog);
