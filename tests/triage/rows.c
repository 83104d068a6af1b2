#include "tests/triage/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

GPtrArray *
rows_read(const char *file, guint columns)
{
	g_autofree char *path = g_build_filename(
	        g_getenv("TRIAGED_SOURCE"), "tests", "triage", file, NULL);
	g_autofree char *content = NULL;
	GPtrArray *rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);

	assert_true(g_file_get_contents(path, &content, NULL, NULL));
	g_auto(GStrv) lines = g_strsplit(content, "\n", -1);
	for (char **line = lines; *line != NULL; line++) {
		if (**line == '#' || **line == '\0')
			continue;
		char **row = g_strsplit(*line, "\t", (int)columns);
		assert_int_equal(g_strv_length(row), columns);
		g_ptr_array_add(rows, row);
	}
	return rows;
}
