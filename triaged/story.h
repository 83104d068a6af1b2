/*
 * The story of a ticket: every mail of its conversation, what was seen in each and where, the
 * verdicts, what was found and what was missing, the replies and their fate, the gates, and who
 * changed a tag, all in the order of time.
 */
#pragma once

#include "store/journal.h"

typedef struct {
	gint64 at;
	gint64 mail;
	char *words; /* one line or more of plain text, not yet made safe for a terminal */
} Moment;

/* The story of a mail's conversation, or of the mail alone when it has none. Of Moment, in
 * order. NULL on failure. */
GArray *story_read(Store *store, const JournalMail *mail, GError **error);
