/*
 * The words by which mail programs mark forwards, replies and reports, per language.
 *
 * Plain data, filled by rules/vocabulary from config/catalogue/language/LANG.conf, so that
 * no Italian word stands in C and the mail floor does not see the rules. All strings are in
 * the form that text_fold() makes.
 */
#pragma once

#include "base/phrase_set.h"

typedef enum {
	LABEL_FROM,
	LABEL_TO,
	LABEL_CC,
	LABEL_DATE,
	LABEL_SUBJECT,
	LABEL_REPLY_TO,
	LABEL_COUNT,
} MarkerLabel;

/* Lists that every line is held against, each as a set. */
typedef enum {
	MARKERS_LABELS, /* tag: MarkerLabel */
	MARKERS_FORWARD,
	MARKERS_ORIGINAL,
	MARKERS_SIGNATURE,
	MARKERS_REPORT,
	MARKERS_REPORT_END, /* this and the next: with the built-in phrases */
	MARKERS_REPORT_REASON,
	MARKERS_REPORT_RECIPIENT,
	MARKERS_REPORT_DELAYED,
	MARKERS_SETS,
} MarkerSet;

typedef struct {
	GPtrArray *labels
	        [LABEL_COUNT]; /* of char *: "da", "mittente", "from" ... without ':' */
	GPtrArray *
	        loose_labels; /* labels that people use in lists of their own: "mittente" */
	GPtrArray *forward_lines; /* "messaggio inoltrato", "forwarded message" ... */
	GPtrArray
	        *original_lines; /* "messaggio originale", "original message": either */
	GPtrArray *attribution_openers; /* "il", "il giorno", "on" */
	GPtrArray *attribution_verbs;   /* "ha scritto", "scritto", "wrote" */
	GPtrArray *signature_lines; /* "inviato da iphone", "sent from my iphone" ... */
	GPtrArray *forward_prefixes; /* subject: "i", "fwd", "fw", "inoltra" */
	GPtrArray *reply_prefixes;   /* subject: "r", "re" */
	GPtrArray *report_lines; /* lines that begin a report pasted in this language */
	GPtrArray *
	        report_end_lines; /* the returned mail follows: "intestazioni originali" */
	GPtrArray *
	        report_reason_lines; /* the refusal follows: "la risposta del server" */
	GPtrArray *
	        report_recipient_lines; /* the failed address follows: "recapitato a" */
	GPtrArray *report_delayed_lines; /* not given up yet: "riprovera" */
	PhraseSet *sets[MARKERS_SETS];   /* filled by markers_finish() */
} Markers;

Markers *markers_new(void);

/* Call it once, when all lists are filled and before the markers are used. */
void markers_finish(Markers *markers);
void markers_free(Markers *markers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Markers, markers_free)
