/*
 * Changes: which mails of the selected folder had their flags changed (RFC 7162, CONDSTORE).
 *
 * Surprising rule: what we stored ourselves is among them.
 */
#pragma once

#include <glib.h>

#include "net/mailbox.h"

typedef struct {
	guint32 from;  /* the first UID looked at */
	guint64 since; /* a mod-sequence: changes after it */
	guint max;     /* mails at most; the lowest UIDs are told */
} ChangesWanted;

/* The changed mails by ascending UID, of MailInfo (uid and flags alone). *modseq is the highest
 * mod-sequence among them, or since. With max of them there may be more from the next UID on.
 * Needs a server with CONDSTORE. */
GPtrArray *mailbox_list_changed(
        Mailbox *mailbox, const ChangesWanted *wanted, guint64 *modseq, GError **error);
