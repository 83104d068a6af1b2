/* The known name nearest to a mistyped one, by edit distance. */
#pragma once

#include <glib.h>

/* Insertions, deletions, replacements and swaps of neighbours that turn one into the other;
 * names are compared up to NEAREST_NAME_MAX bytes. */
guint nearest_distance(const char *one, const char *other);

/* The nearest of known (NULL-terminated), the first on a tie; NULL when there is none. */
const char *nearest_name(const char *name, const char *const *known);
