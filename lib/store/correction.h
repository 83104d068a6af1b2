/*
 * Corrections: what agents changed of a mail's tags, as events of the journal.
 *
 * An event "correction" is a change of the class: the tag of one class gave way to that of
 * another. An event "retagged" is any other change of our tags (a hold that was lifted, an
 * item that was found by telephone). Both say keyword by keyword what changed, and bind:
 * what an agent set or took away is not undone by later tagging (desk/tagging.h).
 *
 * IMAP does not tell who changed a flag: the mailbox is all that is known of the agent.
 */
#pragma once

#include "store/store.h"

#define EVENT_CORRECTION "correction"
#define EVENT_RETAGGED "retagged"

typedef struct {
	gint64 mail, at; /* at: when it was noticed */
	char *from;      /* class id: the verdict's, or an earlier correction's */
	char *to; /* class id; NULL with from for a change that is none of the class */
	char *changes; /* "-triage-spam-detected +triage-sender-blacklisted" */
	char *who;     /* the name of the mailbox in which it was noticed */
} Correction;

void correction_free(Correction *correction);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Correction, correction_free)

/* Record one; its kind follows from to. Needs a transaction. */
gboolean correction_add(Store *store, const Correction *correction, GError **error);

/* All of one mail, of both kinds, in order. Of Correction. */
GPtrArray *corrections_of_mail(Store *store, gint64 mail, GError **error);

/* The changes of classes noticed from since (0: ever) until before until (0: no end), in order.
 * Of Correction; a mail that was corrected twice is there twice. */
GPtrArray *corrections_list(Store *store, gint64 since, gint64 until, GError **error);
