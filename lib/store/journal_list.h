/* Many mails of the journal at once: listed by a filter, counted. Queries only. */
#pragma once

#include "store/journal.h"

/* Which mails; all zero: every one. */
typedef struct {
	const char *class;   /* class or detail */
	const char *missing; /* an item's name; also finds it in "a|b" */
	gboolean held; /* outcome held, or a reply in the outbox held or unknown */
	gint64 since;  /* seen at or after */
	gint64 until;  /* seen before; 0: no end */
	gint64 conversation; /* 0: any */
	gboolean oldest_first;
	guint limit;    /* 0: none */
	gboolean whole; /* also read case_json and plan_json */
} JournalFilter;

/* Call visit per mail, the newest first. Returning false ends the walk. It is read page by
 * page: mails that come meanwhile may be missed, none is given twice. */
typedef gboolean (*JournalVisitor)(const JournalMail *mail, gpointer data);
gboolean journal_each(Store *store, const JournalFilter *filter, JournalVisitor visit,
        gpointer data, GError **error);

typedef struct {
	char *class; /* "" for mails that could not be analysed */
	JournalOutcome outcome;
	gint64 count;
} JournalCount;

/* How many mails per class and outcome since a time. Of JournalCount, by class. */
GPtrArray *journal_counts(Store *store, gint64 since, GError **error);
