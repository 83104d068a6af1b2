/*
 * Passages: all the readable text of a mail, cut into pieces that each have one origin.
 *
 * This is where parts, sections, nested mails and reports become one list, so that evidence
 * and facts look at one thing. A passage's text is verbatim; its lines know their place.
 */
#pragma once

#include <glib.h>

#include "base/text.h"
#include "mail/mail.h"
#include "mail/report.h"
#include "mail/section.h"

#include "rules/settings.h"

typedef struct {
	Origin origin;
	char *part;       /* id */
	guint depth;      /* 0: said by the customer in this mail; more: nested or quoted deeper */
	gboolean history; /* in a reply quote: counts only when nothing newer speaks */
	gboolean ours;    /* our own text quoted back: no fact, and evidence only as history */
	gboolean canned;  /* our templates' own words: never evidence */
	gboolean headers; /* header lines: only what they say about the error is evidence */
	gboolean machine; /* a mail system's own text, not a person's */
	char *text;       /* verbatim, LF */
	guint *lines;     /* per line of text its line number in the part */
	guint32 *starts;  /* per line of text where it begins */
	guint line_count;
	FoldedText *folded; /* of text, volatile tokens kept */
	const Header *header; /* of the nested mail or forward it stands in; borrowed; or NULL */
	const Report *report; /* ORIGIN_REPORT: whose diagnostic this is; borrowed; or NULL */
} Passage;

typedef struct {
	GPtrArray *passages; /* of Passage, the newest and most direct first */
	GPtrArray *reports;  /* of Report, nested ones included */
	GPtrArray *sections; /* keeps what passages borrow */
	GPtrArray *images;   /* of const Part *, borrowed from the mail */
	GPtrArray *unreadable; /* of const Part * */
	gboolean headers_given; /* message/rfc822, text/rfc822-headers or pasted headers */
	char *headers_part;  /* where; or NULL */
} Passages;

/* settings tell our own quoted text; they may be NULL. The mail inside a certified-mail
 * envelope is the customer's own; its envelope says nothing. Borrows from mail. */
Passages *passages_collect(
	const Mail *mail, const Settings *settings, const Vocabulary *vocabulary);
Passages *passages_new(void); /* empty, for passages_collect() to fill */

/* A passage of text whose first line is that number of its part; for passages' own list. */
Passage *passage_new(const char *text, gsize length, const char *part, Origin origin,
	guint first_line);

/* Take text (of that length) for another, of as many lines. */
void passage_set_text(Passage *passage, char *text, gsize length);

void passages_free(Passages *passages);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Passages, passages_free)

/* Whether the customer's own words of now (the subject of a new mail included) hold a cue. */
gboolean passages_say(const Passages *passages, const Vocabulary *vocabulary, Cue cue);

/* The same without the subject. */
gboolean passages_say_in_body(
        const Passages *passages, const Vocabulary *vocabulary, Cue cue);

/* The line number in its part of a byte offset of the passage's text. */
guint passage_line(const Passage *passage, gsize offset);
