/* What a pattern's source says without running it: read conservatively. */
#pragma once

#include <glib.h>

#include "rules/problems.h"

/* Warn when expression holds what folded text (base/text.h) never holds: a capital or
 * accented letter, or two spaces. */
void literal_check_folded(
        const char *expression, const char *file, int line, Problems *warnings);
