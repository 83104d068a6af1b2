/*
 * Intake: from the analysis of a mail to its lines in the journal and the outbox.
 *
 * Surprising rule: everything of one mail (case, plan, reply bytes, tags to set) is recorded
 * in the caller's transaction, before any effect; what is known already (same place, or same
 * bytes at another place) is tagged there too and never answered again.
 */
#pragma once

#include <glib.h>

#include "desk/role.h"
#include "store/cursor.h"
#include "store/store.h"
#include "triage/case.h"

/* Where the mails come from, and what holds for all of them. */
typedef struct {
	Store *store;
	const Role *role;
	const MailboxSettings *mailbox;
	const Cursor *cursor;
} Intake;

/* One mail, analysed or not. */
typedef struct {
	guint32 uid;
	gint64 internaldate; /* seconds since the epoch; 0 unknown */
	char *sha256;
	Case *kase; /* or NULL: failure says why */
	char *failure;
	guint64 number; /* what the analysts know it by */
	guint *pending; /* its batch's count of those that they have */
	gint64 took;   /* microseconds of its analysis; 0: it had none */
	gboolean died; /* its analysts did */
	gboolean
	        unfetched; /* the server cannot give it: it is not asked for it again */
} Arrival;

void arrival_free(Arrival *arrival);

/* Record one mail. Needs a transaction; on failure it must be rolled back. */
gboolean intake_record(const Intake *intake, const Arrival *arrival, GError **error);
