/*
 * What a pattern's source says without running it, read conservatively: what is not
 * understood for sure is given up.
 */
#pragma once

#include <glib.h>

#include "rules/problems.h"

/* Literals of which every match of expression holds at least one, in lower case; NULL when
 * there is none to rely on. Of char *. */
GPtrArray *literal_find(const char *expression);

/* Warn when expression holds what folded text (base/text.h) never holds: a capital or
 * accented letter, or two spaces. */
void literal_check_folded(
        const char *expression, const char *file, int line, Problems *warnings);
