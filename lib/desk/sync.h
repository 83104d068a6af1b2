/*
 * One pass over a folder: list what is new, fetch it in batches, have it analysed, record each
 * batch in one commit.
 *
 * Surprising rule: a batch that cannot be fetched is tried again mail by mail; a mail that is
 * at fault itself (see suspect.h) is recorded as an error and passed, so that one bad mail
 * never blocks the mailbox. While a batch is with the analysts the next ones are fetched, and
 * while it is recorded they read those: what the cursor has passed is what is recorded, not
 * what was fetched.
 */
#pragma once

#include <glib.h>

#include "desk/backlog.h"
#include "desk/batch.h"
#include "desk/effects.h"
#include "desk/suspect.h"
#include "net/mailbox.h"

typedef struct {
	const Role *role;
	const MailboxSettings *settings;
	Store *store;
	Reading reading;
	Effects *effects; /* what they have to write goes into a batch's commit */
	GQueue ahead; /* of Batch, of the present connection: fetched while another was in hand */
	Suspect suspect;
	gboolean
	        cautious; /* reading ahead has cost a connection: not until all is done */
	guint batches;    /* recorded so far */
	Backlog backlog; /* of the present connection */
	Cursor cursor;
	char *sent; /* the folder of sent mails, once found; "": none */
} Sync;

void sync_clear(Sync *sync);

/* A new connection: nothing is known of the folder any more. */
void sync_begin(Sync *sync);

/* Do a batch of what is new; *more: something is left. ERROR_TEMPORARY: the connection is over. */
gboolean sync_step(Sync *sync, Mailbox *mailbox, gboolean *more, GError **error);

/* A dry run: read everything, hand each mail's JSON line to print; nothing is changed. */
gboolean sync_print(Sync *sync, Mailbox *mailbox, GError **error);
