/*
 * The journal: every mail that was seen, what was found in it, what became of it.
 *
 * Surprising rule: a mail is its bytes (SHA-256). The same bytes under another UID, folder or
 * UIDVALIDITY are another place of the same mail: tagged there too, never answered again.
 * Case and plan are opaque JSON text here, beside the plain columns that queries need.
 */
#pragma once

#include "store/store.h"

typedef struct {
	char *mailbox; /* the setting's name */
	char *folder;
	guint32 uidvalidity, uid;
} Place;

typedef enum {
	JOURNAL_PENDING, /* a reply is on its way */
	JOURNAL_REPLIED,
	JOURNAL_DRAFTED,
	JOURNAL_HELD, /* an agent decides */
	JOURNAL_NO_REPLY,
	JOURNAL_ERROR, /* could not be analysed */
} JournalOutcome;

/* For journal_add() the strings may be borrowed: they are copied. */
typedef struct {
	gint64 id;           /* shown as ID; set by journal_add() */
	Place place;         /* where it was seen last */
	char *sha256;        /* 64 lower-case hex digits */
	char *message_id;    /* with <>, or NULL */
	char *from_address;  /* lower case, or NULL */
	char *subject;       /* one line, or NULL */
	gint64 internaldate; /* 0: unknown */
	gint64 seen_at;      /* when it was fetched */
	gint64 outcome_at;   /* when outcome was set last; set by the store */
	char *nature; /* names as in the contract's JSON; NULL when analysis failed */
	char *class;
	char *detail; /* or NULL */
	double confidence;
	char *missing; /* "date,error_text|screenshot"; "" none; NULL no checklist */
	char *action;  /* the plan's: "send" "draft" "hold" "suppress" */
	char *reason;  /* or NULL */
	JournalOutcome outcome;
	char *tags; /* what the mail should carry now, separated by spaces; or NULL */
	char *case_json;     /* or NULL */
	char *plan_json;     /* or NULL */
	char *error;         /* why the analysis failed, or NULL */
	gint64 conversation; /* 0: none */
	char *token;         /* its "TR-XXXXXX", or NULL; read only */
} JournalMail;

void place_free(Place *place);
void journal_mail_free(JournalMail *mail);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(JournalMail, journal_mail_free)

const char *journal_outcome_name(JournalOutcome outcome); /* "no-reply" */

/* *id is the mail at a place, or with these bytes; 0 when it is not known. */
gboolean journal_find_place(
        Store *store, const Place *place, gint64 *id, GError **error);
gboolean journal_find_sha256(
        Store *store, const char *sha256, gint64 *id, GError **error);

/* Record a new mail and its place; *id is its number. Both must be new. Needs a transaction,
 * as all that follow but the queries. */
gboolean journal_add(Store *store, const JournalMail *mail, gint64 *id, GError **error);

/* Record that a known mail was seen at another place. A place that is known is no error. */
gboolean journal_add_place(
        Store *store, gint64 id, const Place *place, gint64 now, GError **error);

/* What became of it; reason NULL keeps the old one. */
gboolean journal_set_outcome(Store *store, gint64 id, JournalOutcome outcome,
        const char *reason, gint64 now, GError **error);
gboolean journal_set_tags(Store *store, gint64 id, const char *tags, GError **error);
gboolean journal_set_missing(
        Store *store, gint64 id, const char *missing, GError **error);
gboolean journal_set_conversation(
        Store *store, gint64 id, gint64 conversation, GError **error);

/* One mail whole; ERROR_INPUT when there is none with this id. */
JournalMail *journal_get(Store *store, gint64 id, GError **error);

/* All places of a mail, the latest first. Of Place. */
GPtrArray *journal_places(Store *store, gint64 id, GError **error);

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

/* Call visit per mail, the newest first; it must not write. Returning false ends the walk. */
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

/* A mail's story beside its columns: corrections by agents, releases by the admin ... */
typedef struct {
	gint64 mail, at;
	char *what;   /* one word: "correction", "released", "tagged-again" */
	char *detail; /* one line, or NULL */
} JournalEvent;

gboolean journal_add_event(Store *store, const JournalEvent *event, GError **error);
GPtrArray *journal_events(
        Store *store, gint64 mail, GError **error); /* of JournalEvent, in order */
