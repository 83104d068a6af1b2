/*
 * What a pattern's source says without running it, read conservatively: what is not
 * understood for sure is given up.
 */
#pragma once

#include <glib.h>

#include "rules/problems.h"

#define LITERAL_SETS_MAX 4

/*
 * The expression's alternatives, and of each one sets of literals: every match of it holds at
 * least one literal of each set. Best set first, at most LITERAL_SETS_MAX. NULL when there is
 * none to rely on in one of them. Of GPtrArray of GPtrArray of char *.
 *
 * Literals are in lower case and without spaces, and stand in the text when its spaces are left
 * out: so "8 ?0 ?0" needs "800".
 */
GPtrArray *literal_find(const char *expression);

/* Warn when expression holds what folded text (base/text.h) never holds: a capital or
 * accented letter, or two spaces. */
void literal_check_folded(
        const char *expression, const char *file, int line, Problems *warnings);
