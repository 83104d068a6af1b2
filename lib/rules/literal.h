/*
 * What a pattern's source says without running it, read conservatively: what is not
 * understood for sure is given up.
 */
#pragma once

#include <glib.h>

#include "rules/problems.h"

#define LITERAL_SETS_MAX 4
#define LITERAL_LENGTH_MAX 14
/* What is left out of a text before literals are looked for. */
#define LITERAL_WHITE " \t\n\v\f\r" /* as "\\s" means */
/* Bytes: a distance without a bound. */
#define LITERAL_FAR (1u << 20)

/* Where a literal begins or ends there is an end of a word, as "\\b" says. */
enum { LITERAL_BEGINS = 1 << 0, LITERAL_ENDS = 1 << 1 };

/* In lower case and without white space; it stands in the text when that is left out of the text
 * too: so "8 ?0 ?0" needs "800". */
typedef struct {
	guint8 length;
	guint8 bounds; /* a set of the above */
	char text[LITERAL_LENGTH_MAX];
} Literal;

/* Every match holds one of these, least to most bytes behind its start. */
typedef struct {
	guint first, count; /* of the reading's literals */
	guint shortest;     /* its length; a bound counts as a letter */
	guint32 least, most;
} LiteralSet;

/* One alternative of an expression: every match of it holds a literal of each set. Best set
 * first; none: there is nothing to rely on. */
typedef struct {
	const char *source; /* borrowed from the expression */
	gsize length;
	guint count;
	LiteralSet sets[LITERAL_SETS_MAX];
} LiteralAlternative;

typedef struct {
	GArray *alternatives; /* of LiteralAlternative, in order */
	GArray *literals;     /* of Literal */
} LiteralReading;

void literal_reading_free(LiteralReading *reading);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LiteralReading, literal_reading_free)

/* Read an expression. NULL when it is not understood for sure. */
LiteralReading *literal_read(const char *expression);

/* Warn when expression holds what folded text (base/text.h) never holds: a capital or
 * accented letter, or two spaces. */
void literal_check_folded(
        const char *expression, const char *file, int line, Problems *warnings);
