/*
 * The journal: every mail that was seen, what was found in it, what became of it.
 *
 * Surprising rule: a mail is its bytes (SHA-256). The same bytes under another UID, folder or
 * UIDVALIDITY are another place of the same mail: tagged there too, never answered again.
 * Case and plan are opaque JSON text here, beside the plain columns that queries need.
 */
#pragma once

#include "store/place.h"
#include "store/store.h"

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
	char *signature; /* the one that decided, or NULL; for journal_add() only */
	char *missing;   /* "date,error_text|screenshot"; "" none; NULL no checklist */
	char *action;    /* the plan's: "send" "draft" "hold" "suppress" */
	char *reason;    /* or NULL */
	JournalOutcome outcome;
	char *tags; /* what the mail should carry now, separated by spaces; or NULL */
	char *case_json;     /* or NULL */
	char *plan_json;     /* or NULL */
	char *error;         /* why the analysis failed, or NULL */
	gint64 conversation; /* 0: none */
	char *token;         /* its "TR-XXXXXX", or NULL; read only */
} JournalMail;

void journal_mail_free(JournalMail *mail);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(JournalMail, journal_mail_free)

const char *journal_outcome_name(JournalOutcome outcome); /* "no-reply" */

/* *id is the mail at a place, or with these bytes; 0 when it is not known. */
gboolean journal_find_place(
        Store *store, const Place *place, gint64 *id, GError **error);
gboolean journal_find_sha256(
        Store *store, const char *sha256, gint64 *id, GError **error);

/* Whether a mail of this Message-ID, author and subject was triaged at or after a time. */
gboolean journal_has_twin(Store *store, const char *message_id, const char *from,
        const char *subject, gint64 since, gboolean *has, GError **error);

/* Record a new mail and its place; *id is its number. Both must be new. Needs a transaction,
 * as all that follow but the queries. */
gboolean journal_add(Store *store, const JournalMail *mail, gint64 *id, GError **error);

/* Record that a known mail was seen at another place. A place that is known is no error. */
gboolean journal_add_place(
        Store *store, gint64 id, const Place *place, gint64 now, GError **error);

/* What became of it; reason NULL keeps the old one. What waits for the outcome is due then. */
gboolean journal_set_outcome(Store *store, gint64 id, JournalOutcome outcome,
        const char *reason, gint64 now, GError **error);
/* *tags is what the mail should carry, or NULL; to be freed. */
gboolean journal_get_tags(Store *store, gint64 id, char **tags, GError **error);
gboolean journal_set_tags(Store *store, gint64 id, const char *tags, GError **error);
gboolean journal_set_missing(
        Store *store, gint64 id, const char *missing, GError **error);
gboolean journal_set_conversation(
        Store *store, gint64 id, gint64 conversation, GError **error);

/* One mail whole; ERROR_INPUT when there is none with this id. */
JournalMail *journal_get(Store *store, gint64 id, GError **error);

/* Whether any mail of a mailbox was ever seen in another folder than this one. Cheap. */
gboolean journal_has_elsewhere(Store *store, const char *mailbox, const char *folder,
        gboolean *has, GError **error);

/* The UIDs (guint32) of the mails at a folder's latest places, descending, at most max; the
 * place's own UID is ignored. */
GArray *journal_latest_uids(
        Store *store, const Place *folder, guint max, GError **error);

/* All places of a mail, the latest first. Of Place. */
GPtrArray *journal_places(Store *store, gint64 id, GError **error);
