#include "tests/triage/rows.h"

#include <string.h>

#include "tests/shipped.h"

static GPtrArray *
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

int
rows_run(const Rows *rows)
{
	g_autoptr(GPtrArray) all = rows_read(rows->file, rows->columns);
	g_autoptr(GArray) suite = suite_new();
	for (guint i = 0; i < all->len; i++) {
		char **row = g_ptr_array_index(all, i);
		suite_add(suite, { row[rows->title], rows->test, NULL, NULL, row });
	}
	return suite_run(suite, rows->name, shipped_load, shipped_free);
}

Case *
rows_analyse(const char *mail)
{
	g_autoptr(GBytes) bytes = g_bytes_new(mail, strlen(mail));
	Case *kase = analyse(bytes, &shipped, NULL);
	assert_non_null(kase);
	return kase;
}
