/*
 * Visits: work in another folder over the connection that watches one.
 *
 * Surprising rule: while the work runs, mailbox_fetch(), mailbox_store() and the searches of
 * folder.h mean the other folder. What happened in the watched one meanwhile is unknown, so a
 * visit counts as news.
 */
#pragma once

#include <glib.h>

#include "net/mailbox.h"

typedef gboolean (*VisitWork)(Mailbox *mailbox, gpointer data, GError **error);

typedef struct {
	const char *folder; /* UTF-8; NULL or the watched one: no way to go */
	gboolean change;    /* SELECT, not EXAMINE */
	VisitWork work;
	gpointer data;
	/* set by mailbox_visit() before the work begins */
	gboolean
	        there; /* FALSE: no such folder, or it may not be entered; nothing was done */
	guint32 uidvalidity;
	guint64 highestmodseq; /* 0: no CONDSTORE */
} Visit;

/* Go, work, come back. Fails as the work does, or when the connection is over; errors as in
 * mailbox.h. */
gboolean mailbox_visit(Mailbox *mailbox, Visit *visit, GError **error);
