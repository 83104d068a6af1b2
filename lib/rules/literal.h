/*
 * What a pattern's source says without running it, read conservatively: what is not
 * understood for sure is given up.
 */
#pragma once

#include <glib.h>

#include "rules/problems.h"

#define LITERAL_SETS_MAX 4

/*
 * One alternative of an expression, and sets of literals: every match of it holds at least one
 * literal of each set. Best set first, at most LITERAL_SETS_MAX; none: there is nothing to rely
 * on. Of GPtrArray of char *.
 *
 * Literals are in lower case and without spaces, and stand in the text when its spaces are left
 * out: so "8 ?0 ?0" needs "800".
 */
typedef struct {
	char *source;
	GPtrArray *sets;
} LiteralAlternative;

void literal_alternative_free(LiteralAlternative *alternative);

/* The expression's alternatives, in order: of LiteralAlternative. NULL when it is not understood
 * for sure. */
GPtrArray *literal_find(const char *expression);

/* Warn when expression holds what folded text (base/text.h) never holds: a capital or
 * accented letter, or two spaces. */
void literal_check_folded(
        const char *expression, const char *file, int line, Problems *warnings);
