/*
 * Batches: mails on their way from the server through the analysts to the journal.
 *
 * Surprising rule: while one batch is recorded, the next may be with the analysts already. An
 * answer finds its mail by a number that is never used twice; what comes for a batch that was
 * given up in the meantime is dropped.
 */
#pragma once

#include "desk/analyst.h"
#include "desk/intake.h"
#include "net/mailbox.h"

/* What all batches of a watcher share. */
typedef struct {
	const Role *role;
	Store *store; /* whose quarantine it is; NULL in a dry run */
	AnalystPool *analysts;
	GHashTable *asked; /* number to Arrival, of those that analysts have */
	guint64 number;    /* the last one */
} Reading;

void reading_clear(Reading *reading);

/* An AnalysisDone; data is the Reading. */
void reading_take_answer(Analysis *analysis, gpointer data);

typedef struct {
	Reading *reading;
	GArray *mails;       /* of MailBrief: what is asked of the server */
	GPtrArray *arrivals; /* of Arrival: what has come */
	guint pending;       /* of these, with the analysts */
	gboolean
	        headers; /* only these are read: they are not known again by their bytes */
	gboolean fetched; /* or tried in vain: see lost */
	GError *lost;     /* the server's or the network's trouble */
	GError *trouble;  /* our own, which no mail is to blame for */
} Batch;

/* Takes mails, which may be NULL. */
Batch *batch_new(Reading *reading, GArray *mails);
void batch_free(Batch *batch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Batch, batch_free)

/* A MailboxReceiver that hands the mail to the analysts; data is the Batch. */
gboolean batch_receive(
        const MailInfo *info, GBytes *bytes, gboolean truncated, gpointer data);

/* Fetch its mails, unless that is done; FALSE: our own trouble. */
gboolean batch_fetch(Batch *batch, Mailbox *mailbox, GError **error);

/* Wait until the analysts have answered for all that has come. */
gboolean batch_await(Batch *batch, GError **error);

/* Whether it ends here: our own trouble is the error then, else the server's. */
gboolean batch_check(Batch *batch, GError **error);
