#include "triaged/line_diff.h"

#include <string.h>

/* Two texts as lines, and per pair of places how many lines their rests share. */
typedef struct {
	char **from, **to;
	guint from_count, to_count;
	guint *shared; /* rows of to_count + 1 */
} Comparison;

static guint *
shared_at(const Comparison *comparison, guint i, guint j)
{
	return &comparison->shared[i * (comparison->to_count + 1) + j];
}

/* The longest common subsequence, from the end. */
static void
count_shared(Comparison *comparison)
{
	for (guint i = comparison->from_count; i-- > 0;) {
		for (guint j = comparison->to_count; j-- > 0;) {
			guint best = MAX(*shared_at(comparison, i + 1, j),
			        *shared_at(comparison, i, j + 1));
			if (strcmp(comparison->from[i], comparison->to[j]) == 0)
				best = *shared_at(comparison, i + 1, j + 1) + 1;
			*shared_at(comparison, i, j) = best;
		}
	}
}

static void
put_line(GString *out, char mark, const char *line)
{
	if (*line != '\0')
		g_string_append_printf(out, "%c %s\n", mark, line);
}

static char *
put_difference(const Comparison *comparison)
{
	GString *out = g_string_new(NULL);
	guint i = 0, j = 0;
	while (i < comparison->from_count || j < comparison->to_count) {
		gboolean both = i < comparison->from_count && j < comparison->to_count;
		if (both && strcmp(comparison->from[i], comparison->to[j]) == 0) {
			i++;
			j++;
		} else if (j == comparison->to_count ||
		           (both && *shared_at(comparison, i + 1, j) >=
		                            *shared_at(comparison, i, j + 1))) {
			put_line(out, '-', comparison->from[i++]);
		} else {
			put_line(out, '+', comparison->to[j++]);
		}
	}
	return g_string_free(out, FALSE);
}

char *
line_diff(const char *from, const char *to)
{
	g_auto(GStrv) old = g_strsplit(from, "\n", -1);
	g_auto(GStrv) new = g_strsplit(to, "\n", -1);
	Comparison comparison = { old, new, g_strv_length(old), g_strv_length(new),
		NULL };
	gsize cells = (gsize)(comparison.from_count + 1) * (comparison.to_count + 1);
	if (cells > (gsize)(LINE_DIFF_MAX + 1) * (LINE_DIFF_MAX + 1))
		return g_strdup(strcmp(from, to) == 0 ? "" : "- ...\n+ ...\n");
	g_autofree guint *shared = g_new0(guint, cells);
	comparison.shared = shared;
	count_shared(&comparison);
	return put_difference(&comparison);
}
