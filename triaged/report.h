/*
 * The report: what a helpdesk wants to know of the journal's mails of a time, in figures.
 * Data only; report_text.c, report_json.c and report_page.c show it.
 *
 * A ticket is a mail that began a conversation, and belongs to the class of that mail; what
 * follows in the conversation counts among the mails only.
 */
#pragma once

#include "rules/settings.h"
#include "store/store.h"
#include "triaged/quantile.h"

typedef struct {
	char *name;
	gint64 count;
} ReportCount;

typedef struct {
	char *id;    /* "spam-detected", "smtp-auth-missing/smtp-login-failed" */
	char *class; /* the part in front of the slash */
	gint64 mails, tickets;
	gint64 listed; /* tickets whose class has a checklist; of these: */
	gint64 complete_first, complete_now;
	gint64 replied, drafted, held, suppressed; /* mails */
	Quantile *answers;                         /* microseconds */
	gint64 decided;   /* mails that an agent could correct */
	gint64 corrected; /* mails whose class an agent changed */
	GHashTable *days; /* Julian day -> tickets */
} ReportClass;

typedef struct {
	char *id; /* "spam-detected/smtp-552" */
	gint64 decided, corrected;
} ReportSignature;

typedef struct {
	char *item;        /* "date", "error_text|screenshot" */
	gint64 first, now; /* tickets that lacked it: at the first mail, and still */
} ReportItem;

typedef struct {
	char *from, *to; /* classes */
	gint64 count;
} ReportChange;

/* Error texts alike. */
typedef struct {
	char *form;    /* the most frequent likeness */
	char *example; /* the newest mail's, verbatim; NULL unless addresses are wanted */
	gint64 count; /* mails */
	guint forms;  /* how many likenesses were taken together */
} ReportLikes;

/* What another mode would have done. */
typedef struct {
	char *id; /* a class's */
	gint64 sent, drafted, held, suppressed;
} ReportWhatIf;

typedef struct {
	gint64 since, until; /* as asked for; since 0: ever */
	gint64 now;
	gint64 first_at, last_at;   /* of the mails counted; 0: none */
	gint32 first_day, last_day; /* Julian days, in the local zone */
	gint64 mails, tickets, follow_ups, errors, pending;
	gint64 listed, complete_first, complete_now;
	gint64 replied, drafted, held, suppressed;
	Quantile *answers;
	GPtrArray *classes;  /* of ReportClass: most tickets first */
	GPtrArray *items;    /* of ReportItem: missing most first */
	GPtrArray *held_for; /* of ReportCount: most frequent first, as all below */
	GPtrArray *suppressed_for;
	GPtrArray *likes;      /* of ReportLikes */
	guint forms;           /* likenesses in all, also those not in likes */
	GPtrArray *signatures; /* of ReportSignature */
	GPtrArray *changes;    /* of ReportChange */
	gint64 decided, corrected;
	gboolean what_if; /* asked for: */
	Mode what_if_mode;
	GPtrArray *what_ifs;  /* of ReportWhatIf, in the order of classes */
	GPtrArray *what_held; /* of ReportCount */
	GPtrArray *what_suppressed;
} JournalReport;

typedef struct {
	gint64 since, until, now;
	gboolean addresses; /* customers' texts verbatim */
	gboolean what_if;
	Mode mode; /* for what_if */
} ReportWish;

/* Read it all. catalogue and settings are asked for what_if only. */
JournalReport *journal_report_read(Store *store, const Settings *settings,
        const Catalogue *catalogue, const ReportWish *wish, GError **error);
void journal_report_free(JournalReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(JournalReport, journal_report_free)

/* The Julian day of a time in the local zone, and such a day as "2026-11-06". */
gint32 report_day(gint64 time);
char *report_day_name(gint32 day);

/* part of all in percent; -1 when all is 0. */
double report_percent(gint64 part, gint64 all);
