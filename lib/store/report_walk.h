/*
 * What the report is made of: every mail of the journal in one walk, and the error texts
 * that no signature knew. Queries only, save unmatched_add().
 *
 * Surprising rule: the walk is one statement over the whole table, since a million mails must
 * take a second or two: its strings are borrowed and gone with the next row, and nothing may
 * be asked of the store meanwhile that writes.
 */
#pragma once

#include "store/journal.h"

typedef struct {
	gint64 id, seen_at;
	gint64 internaldate; /* 0: unknown */
	gint64 answered_at;  /* when a reply of ours was accepted first; 0: never */
	gint64 conversation; /* 0: none */
	gboolean root;       /* it began its conversation, or has none */
	const char *class;   /* NULL: could not be analysed */
	const char *detail, *signature;
	JournalOutcome outcome;
	const char *action, *reason;
	const char *missing;       /* as it is now; "" complete, NULL no checklist */
	const char *first_missing; /* as it was when the mail was recorded */
	const char *from_address;
} ReportMail;

typedef void (*ReportVisitor)(const ReportMail *mail, gpointer data);

/* Every mail seen from since (0: ever) until before until (0: no end), as recorded. */
gboolean report_each(Store *store, gint64 since, gint64 until, ReportVisitor visit,
        gpointer data, GError **error);

/* Record an error text that no signature knew: its likeness (triage/likeness.h), and it
 * verbatim. Needs a transaction. */
gboolean unmatched_add(Store *store, gint64 mail, gint64 at, const char *form,
        const char *text, GError **error);

typedef struct {
	char *form;
	gint64 count; /* mails */
	gint64 last;  /* the newest mail with it */
} UnmatchedForm;

/* The likenesses of a time, the most frequent first, at most max. Of UnmatchedForm; *all (may
 * be NULL) is how many there are. */
GPtrArray *unmatched_list(Store *store, gint64 since, gint64 until, guint max,
        guint *all, GError **error);

/* What a mail had of a form, verbatim; NULL and no error when it is gone. */
char *unmatched_text(Store *store, gint64 mail, const char *form, GError **error);
