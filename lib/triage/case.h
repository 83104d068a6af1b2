/*
 * A case: what the analysis of one mail found. Pure data; nothing in it is an action.
 *
 * It holds all that decide() and the reply need, so that the mail's bytes may be forgotten,
 * and survives a round trip through JSON (triage/case_json.h).
 */
#pragma once

#include <glib.h>

#include "rules/signature.h"

typedef enum {
	NATURE_PERSON,
	NATURE_AUTO_REPLY,
	NATURE_BOUNCE,
	NATURE_BULK,
	NATURE_LIST,
	NATURE_RECEIPT,
	NATURE_OWN,
} Nature;

typedef enum {
	ITEM_SENDER,
	ITEM_RECIPIENT,
	ITEM_ERROR_TEXT,
	ITEM_DATE,
	ITEM_HEADERS,
	ITEM_SCREENSHOT,
	ITEM_MAILBOX,
	ITEM_COUNT,
} ItemKind;

/* One piece of error text, with its place. */
typedef struct {
	Origin origin;
	char *part;      /* "2.2" */
	guint line;      /* in that part's text, from 1; 0 for a part without lines */
	char *text;      /* verbatim, unfolded to one line, cut at EVIDENCE_TEXT_MAX */
	char *class;     /* or NULL: no signature hit it */
	char *signature; /* "spam-detected/smtp-552", or NULL */
	Layer layer;     /* valid when signature is set */
	char *file;      /* the signature's place, for explaining; or NULL */
	int file_line;
	RefusedBy refused_by;
	double weight; /* what classify() gave it */
	char *dropped; /* why it was not counted ("negated", "history"), or NULL */
} Evidence;

#define EVIDENCE_TEXT_MAX 1000

/* A fact that was found. */
typedef struct {
	ItemKind kind;
	char *value; /* address, ISO 8601 date, file name, or the error text */
	Origin origin;
	char *part;
	guint line;
	double weight; /* best first within a kind */
	guint mail; /* which of its conversation's brought it, from 1; 0: this one */
	char *previous; /* what an earlier mail said, and this replaces; or NULL */
} Item;

/* A checklist entry of the class, such as "error_text|screenshot". */
typedef struct {
	guint kinds; /* bit set of 1u << ItemKind */
	gboolean present;
} Requirement;

typedef struct {
	char *class;  /* shown id: catalogue id, "unknown" or "not-a-ticket" */
	char *detail; /* the finer id when class is its parent, or NULL */
	double confidence;
	char *runner_up; /* or NULL */
	double runner_up_confidence;
	GPtrArray *reasons; /* of char *, English sentences for --explain */
} Verdict;

/* The gates in the order in which they are asked; the names are the contract's. */
typedef enum {
	GATE_NONE,
	GATE_AUTO_SUBMITTED,
	GATE_PRECEDENCE,
	GATE_LIST,
	GATE_AUTO_RESPONSE_SUPPRESS,
	GATE_NULL_SENDER,
	GATE_SYSTEM_SENDER,
	GATE_REPORT,
	GATE_RECEIPT,
	GATE_OWN,
	GATE_LOOP,
	GATE_NOT_ADDRESSED,
	GATE_SPAM,
	GATE_UNAUTHENTICATED,
	GATE_TOO_OLD,
	GATE_BOUNCED_BEFORE,
	GATE_AGENT_ANSWERED,
	GATE_HUMAN_WANTED,
	GATE_NOT_HELPED,
	GATE_HANDED_OVER,
	GATE_SENDER_LIMIT,
	GATE_CONVERSATION_LIMIT,
	GATE_GLOBAL_LIMIT,
	GATE_CLASS,
	GATE_LOW_CONFIDENCE,
	GATE_NOT_A_TICKET,
	GATE_COUNT,
} Gate;

/* A delivery report's facts as the JSON shows them. */
typedef struct {
	char *recipient, *action, *status, *diagnostic, *reporting_mta, *remote_mta;
	char *date; /* ISO 8601, or NULL */
	gboolean has_original;
	char *original_from, *original_to, *original_subject, *original_date,
	        *original_message_id;
} CaseReport;

typedef struct {
	/* the mail */
	char *message_id;   /* or NULL */
	char *subject;      /* decoded, one line */
	char *from_address; /* or NULL */
	char *from_name;    /* or NULL */
	char *reply_to; /* where an answer goes: Reply-To's or From's address, or NULL */
	GStrv references;       /* References then In-Reply-To, without doubles */
	gint64 date;            /* Date:, seconds since the epoch; 0 unknown */
	gint64 arrival;         /* top Received, else Date:; 0 unknown */
	int utc_offset_minutes; /* of Date: */
	char *language;         /* "it" or "en": what the customer wrote */
	gboolean truncated;
	char *limit;        /* a named limit that was hit, or NULL */
	char *ticket_token; /* "TR-XXXXXX" found in the subject, or NULL */
	/* the finding */
	Nature nature;
	char *nature_why; /* for --explain */
	Gate header_gate; /* the first gate the top-level header shuts, or GATE_NONE */
	char *gate_why;   /* the field that shut it, for --explain; or NULL */
	Verdict verdict;
	GPtrArray *evidence;   /* of Evidence */
	GPtrArray *reports;    /* of CaseReport */
	GPtrArray *items;      /* of Item, best first within a kind */
	GArray *requirements;  /* of Requirement, the class's checklist */
	GPtrArray *unreadable; /* of char *: names of attachments that are not opened */
	gboolean promised_attachment; /* words promise one, none is there */
	gboolean thanks;              /* a thank-you that closes */
	gboolean wants_human;
	gboolean not_helped;
} Case;

Case *case_new(void);
void case_free(Case *kase);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Case, case_free)
void evidence_free(Evidence *evidence);
void item_free(Item *item);
void case_report_free(CaseReport *report);

/* The best item of a kind, or NULL. Borrowed. */
const Item *case_item(const Case *kase, ItemKind kind);

/* Names as in the contract; the _from_name functions give -1 for an unknown name. */
const char *nature_name(Nature nature);
const char *item_name(ItemKind kind);
const char *gate_name(Gate gate);
int nature_from_name(const char *name);
int item_from_name(const char *name);
int gate_from_name(const char *name);

/* "error_text|screenshot" -> bit set, 0 when a name is unknown; and back. */
guint requirement_parse(const char *names);
char *requirement_name(guint kinds);
