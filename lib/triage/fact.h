/*
 * Facts under way: what facts_extract() and its per-noun helpers share.
 *
 * Each helper reads the mail's passages for one kind of fact and adds candidates with a
 * weight; facts_extract() sorts, takes out doubles, and derives one fact from another.
 */
#pragma once

#include <glib.h>

#include "rules/settings.h"
#include "triage/case.h"
#include "triage/passage.h"

/* How much a place is worth; the best candidate of a kind is shown first. */
#define WEIGHT_REPORT 0.95 /* a mail system says it of this very failure */
#define WEIGHT_STATED 0.9  /* the customer says it in so many words */
#define WEIGHT_REPORT_DATE                                                             \
	0.88 /* when a report came: more exact than "ieri", less than a stated day */
#define WEIGHT_BLOCK 0.8    /* the header of the report or of the mail it returns */
#define WEIGHT_MEANT 0.7    /* "questa casella"; a mailbox that cannot send */
#define WEIGHT_DERIVED 0.6  /* one fact taken from another */
#define WEIGHT_GUESSED 0.55 /* the customer names an address, and does not say why */
#define WEIGHT_HISTORY 0.3  /* said in an older mail of the thread */

/* Looked at in one mail: each is held against every cue of its kind. */
#define FACT_ADDRESSES_MAX 400
#define FACT_DATES_MAX 400

typedef struct {
	const Mail *mail; /* what the customer wrote, out of its certified envelope */
	const Passages *passages;
	const GPtrArray *evidence; /* of Evidence */
	const Settings *settings;
	const Vocabulary *vocabulary;
	gint64 now;           /* the mail's Date, seconds since the epoch; 0: unknown */
	GPtrArray *items;     /* of Item: the candidates */
	GPtrArray *leftovers; /* of Item: addresses whose role no words tell */
	guint addresses_left; /* of FACT_ADDRESSES_MAX */
	guint dates_left;     /* of FACT_DATES_MAX */
} Facts;

/* Where a candidate stands. */
typedef struct {
	Origin origin;
	const char *part;
	guint line;
} FactPlace;

void fact_add(Facts *facts, ItemKind kind, const char *value, const FactPlace *place,
        double weight);

/* Whether adding it would change anything: it is not known yet and there is room, or it is known
 * with less weight. */
gboolean fact_is_news(
        const Facts *facts, ItemKind kind, const char *value, double weight);

/* The best candidate so far, or NULL. */
const Item *fact_best(const Facts *facts, ItemKind kind);

/* Whether what this passage says counts at all; "ours" never does. */
gboolean fact_passage_counts(const Passage *passage);

/* The place of a byte offset of a passage's folded text. */
FactPlace fact_place(const Passage *passage, gsize folded_offset);

/* Whether a cue holds anywhere in the customer's words of now. */
gboolean fact_said(const Facts *facts, Cue cue);

/* Whether a cue holds in a text of this length. */
gboolean fact_cue_in(const Facts *facts, Cue cue, const char *text, gsize length);

/* The helpers, one per noun. */
void fact_reports_find(Facts *facts);     /* sender, recipient, date as reports say */
void fact_addresses_find(Facts *facts);   /* sender, recipient, mailbox as people say */
void fact_dates_find(Facts *facts);       /* date as people say */
void fact_attachments_find(Facts *facts); /* headers, screenshot */
void fact_errors_find(Facts *facts);      /* error_text */

/* Whether a folded text may hold a dictated address at all: nearly none does. */
gboolean fact_may_be_spoken(const Facts *facts, const char *text, gsize length);

/* The next dictated address ("info chiocciola ditta punto it") of a folded text from *start
 * on, put together; *start and *end become its bounds. NULL when there is none. */
char *fact_spoken_address(
        const Facts *facts, const char *text, gsize length, gsize *start, gsize *end);

/* Keep an address that the customer names without its role (theirs: as somebody's they deal
 * with); and, when all else is known, give the only one the role that it can have. */
void fact_leave(
        Facts *facts, const char *address, const FactPlace *place, gboolean theirs);
void fact_leftovers_assign(Facts *facts);

/* Whether a byte offset of a person's text stands in their signature. */
gboolean fact_is_in_signature(const Facts *facts, const Passage *passage, gsize at);

/* Whether the trouble is with sending, by words or by the error. */
gboolean fact_trouble_is_sending(const Facts *facts);

/* Whether an address is the author's own or shares a name with the author. */
gboolean fact_address_is_kin(const Facts *facts, const char *address);

/* Addresses that are nobody's fact: ours, a machine's, not a valid one. */
gboolean fact_address_is_usable(const Facts *facts, const char *address);
