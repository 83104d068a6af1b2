/*
 * One pass over a folder: list what is new, fetch it in batches, have it analysed, record each
 * batch in one commit.
 *
 * Surprising rule: a batch that cannot be fetched is tried again mail by mail; a single mail
 * that fails SYNC_TRIES times is recorded as an error, so that one bad mail never blocks the
 * mailbox.
 */
#pragma once

#include <glib.h>

#include "desk/analyst.h"
#include "desk/intake.h"
#include "net/mailbox.h"

#define SYNC_TRIES 3

typedef struct {
	const Role *role;
	const MailboxSettings *settings;
	Store *store;
	AnalystPool *analysts;
	GPtrArray
	        *arrivals; /* of Arrival: the batch in hand; filled by sync_receive() */
	gboolean single;   /* mail by mail, after a failure */
	guint32 suspect;   /* the UID that failed last, and how often */
	guint failures;
} Sync;

/* Called by the analysts' pool; data is the Sync. */
void sync_receive(Analysis *analysis, gpointer data);

/* Do all that is new. ERROR_TEMPORARY: the connection is over. */
gboolean sync_folder(Sync *sync, Mailbox *mailbox, GError **error);

/* A dry run: read everything, hand each mail's JSON line to print; nothing is changed. */
gboolean sync_print(Sync *sync, Mailbox *mailbox, GError **error);
