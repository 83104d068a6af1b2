/*
 * Runs: the mails of one outcome, class and list of missing items lie together in an index, in
 * the order of time. A filter by these picks the runs that it wants and merges them, so that
 * the newest mails of any are found at once, however many others there are. For this floor.
 *
 * Surprising rule: what the merge reads ahead is forgotten with each page, so that a page is
 * of one moment when it is read in one.
 */
#pragma once

#include "store/journal_list.h"

/* Where a mail stands in the order of time. */
typedef struct {
	gint64 seen_at, id;
} Spot;

typedef struct JournalRuns JournalRuns;

/* Whether the runs can serve a filter, of which class is a class and no detail. */
gboolean journal_runs_serve(const JournalFilter *filter);

/* The runs of a filter, which must outlive them. */
JournalRuns *journal_runs_new(
        Store *store, const JournalFilter *filter, GError **error);
void journal_runs_free(JournalRuns *runs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(JournalRuns, journal_runs_free)

/* Add the spots of the next mails, at most max, behind after (NULL: from the start). */
gboolean journal_runs_page(JournalRuns *runs, Store *store, const Spot *after,
        guint max, GArray *spots, GError **error);

/* Tell of each run how many mails since the filter's time it has. */
typedef void (*RunVisitor)(
        const char *outcome, const char *class, gint64 mails, gpointer data);
gboolean journal_runs_count(const JournalRuns *runs, Store *store, RunVisitor visit,
        gpointer data, GError **error);
