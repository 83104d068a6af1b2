/*
 * The layouts of mail systems' reports: the phrases by which each part of one is known.
 *
 * The English ones stand here; other languages' come with the Markers.
 */
#pragma once

#include "mail/lines.h"
#include "mail/markers.h"

typedef enum {
	PHRASE_END, /* the returned mail or its header follows */
	PHRASE_REASON, /* the words of the refusal follow, on the line or in the next paragraph */
	PHRASE_RECIPIENT, /* a label or sentence right before the failed address */
	PHRASE_DELAYED,   /* not given up yet */
	PHRASE_COUNT,
} PhraseKind;

/* The name of the layout whose marks stand in lines from start to end, "generic" when only
 * a report's general words do, or NULL. */
const char *layout_find(
        const Lines *lines, guint start, guint end, const Markers *markers);

/* Whether a mark that only a report has stands in a line: one opens a pasted report. */
gboolean layout_opens(const Line *line, const Markers *markers);

/* Add the built-in phrases of a kind to a set: one set is then asked instead of two. */
void phrases_add(PhraseKind kind, PhraseSet *set);

/* Whether core (see line_core) begins with a phrase of that kind; *length becomes the
 * phrase's length. The longest phrase wins. */
gboolean phrase_begins(
        PhraseKind kind, const char *core, const Markers *markers, gsize *length);

/* Whether folded text ends with a phrase of that kind. */
gboolean phrase_ends(
        PhraseKind kind, const char *folded, gsize length, const Markers *markers);

/* Whether a phrase of that kind stands anywhere in a line. */
gboolean phrase_within(PhraseKind kind, const Line *line, const Markers *markers);
