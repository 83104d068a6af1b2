#include "opening.h"

#include <string.h>

char *
openings_file(const char *name)
{
	return g_build_filename(
	        g_getenv("TRIAGED_SOURCE"), "tests", "conversations", name, NULL);
}

static void
opening_free(gpointer pointer)
{
	Opening *opening = pointer;
	g_free(opening->class);
	g_free(opening->subject);
	g_free(opening->text);
	g_free(opening);
}

/* Lines of "CLASS | SUBJECT | TEXT", "\n" in a text for a line's end. */
GPtrArray *
openings_read(void)
{
	GPtrArray *openings = g_ptr_array_new_with_free_func(opening_free);
	g_autofree char *file = openings_file("openings"), *text = NULL;
	if (!g_file_get_contents(file, &text, NULL, NULL))
		g_error("no %s", file);
	g_auto(GStrv) lines = g_strsplit(text, "\n", 0);
	for (char **line = lines; *line != NULL; line++) {
		g_auto(GStrv) fields = g_strsplit(*line, " | ", 3);
		if (**line == '#' || g_strv_length(fields) != 3)
			continue;
		Opening *opening = g_new0(Opening, 1);
		opening->class = g_strdup(fields[0]);
		opening->subject = g_strdup(fields[1]);
		opening->text = g_strcompress(fields[2]);
		opening->number = openings->len;
		g_ptr_array_add(openings, opening);
	}
	return openings;
}

void
openings_add(Suite *suite, const GPtrArray *openings, CMUnitTestFunction test)
{
	for (guint i = 0; i < openings->len; i++) {
		Opening *opening = g_ptr_array_index(openings, i);
		suite_add(suite, { opening->class, test, NULL, NULL, opening });
	}
}
