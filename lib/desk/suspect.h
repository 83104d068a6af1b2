/*
 * A mail on which the connection breaks, or which the server lists but does not hand out.
 *
 * Surprising rule: it is at fault when it fails SUSPECT_TRIES times in a row, but the last of
 * these counts only when another mail came over the same connection right before. So a
 * network or a server in trouble, be it for hours, never costs a mail; and a bad mail that
 * is alone in its folder, where it keeps nobody waiting, is tried until there is another to
 * compare it with.
 */
#pragma once

#include <glib.h>

#include "net/mailbox.h"

#define SUSPECT_TRIES 3

typedef struct {
	gboolean singly; /* something failed since all was done: one mail at a time */
	guint32 uid;     /* of the mail that failed last, and how often */
	guint failures;
	guint controls; /* mails compared with that did not come either */
} Suspect;

/* Whether the next failure of this mail would be its last: compare it first. */
gboolean suspect_needs_proof(const Suspect *suspect, const MailInfo *info);

/* Fetch another mail, of max_bytes at most: *proven when it came; not when there is none. An
 * error: not even that one can be had. */
gboolean suspect_compare(Suspect *suspect, Mailbox *mailbox, const MailInfo *info,
        gsize max_bytes, gboolean *proven, GError **error);

/* Note that count mails, of which info is the first, could not be fetched. True when the one
 * mail is at fault; proven is what suspect_compare() said. */
gboolean suspect_is_guilty(
        Suspect *suspect, const MailInfo *info, guint count, gboolean proven);
