#include "rules/nearest.h"

#include <string.h>

/* Longer than any name there is; what a file holds beyond it is not compared. */
#define NEAREST_NAME_MAX 63

guint
nearest_distance(const char *one, const char *other)
{
	guint rows[NEAREST_NAME_MAX + 1][NEAREST_NAME_MAX + 1];
	gsize height = MIN(strlen(one), NEAREST_NAME_MAX);
	gsize width = MIN(strlen(other), NEAREST_NAME_MAX);
	for (gsize i = 0; i <= height; i++)
		rows[i][0] = i;
	for (gsize j = 0; j <= width; j++)
		rows[0][j] = j;
	for (gsize i = 1; i <= height; i++) {
		for (gsize j = 1; j <= width; j++) {
			guint replaced =
			        rows[i - 1][j - 1] + (one[i - 1] != other[j - 1]);
			guint changed = MIN(rows[i - 1][j], rows[i][j - 1]) + 1;
			rows[i][j] = MIN(replaced, changed);
			if (i > 1 && j > 1 && one[i - 1] == other[j - 2] &&
			        one[i - 2] == other[j - 1])
				rows[i][j] = MIN(rows[i][j], rows[i - 2][j - 2] + 1);
		}
	}
	return rows[height][width];
}

/* An abbreviation is one slip, however long the rest is. */
static guint
slips(const char *name, const char *known)
{
	if (name[0] != '\0' && g_str_has_prefix(known, name))
		return 1;
	return nearest_distance(name, known);
}

const char *
nearest_name(const char *name, const char *const *known)
{
	const char *best = NULL;
	guint best_distance = G_MAXUINT;
	for (; *known != NULL; known++) {
		guint distance = slips(name, *known);
		if (distance < best_distance) {
			best = *known;
			best_distance = distance;
		}
	}
	return best;
}
