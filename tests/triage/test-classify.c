#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "tests/triage/rows.h"
#include "triage/analyse.h"

/* Each row of phrasings.tsv is a mail that a customer could have written, and a test. */
enum { COLUMN_CLASS, COLUMN_DETAIL, COLUMN_SUBJECT, COLUMN_BODY, COLUMNS };

static AnalyseContext context;

static gboolean
is_reply(const char *subject)
{
	return g_ascii_strncasecmp(subject, "Re:", 3) == 0 ||
	       g_ascii_strncasecmp(subject, "R:", 2) == 0;
}

static Case *
analyse_row(char **row)
{
	g_autofree char *body = g_strcompress(row[COLUMN_BODY]);
	g_autofree char *text = g_strdup_printf(
	        "From: Anna Bruni <anna.bruni@example.com>\nTo: help@provider.example\n"
	        "Subject: %s\nDate: Tue, 10 Nov 2026 10:00:00 +0100\nMIME-Version: "
	        "1.0\n"
	        "%sContent-Type: text/plain; charset=utf-8\n\n%s\n",
	        row[COLUMN_SUBJECT],
	        is_reply(row[COLUMN_SUBJECT]) ? "In-Reply-To: <x@provider.example>\n"
	                                      : "",
	        body);
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
	return analyse(bytes, &context, NULL);
}

static void
test_phrasing(void **state)
{
	char **row = *state;
	g_autoptr(Case) kase = analyse_row(row);
	assert_non_null(kase);
	assert_string_equal(kase->verdict.class, row[COLUMN_CLASS]);
	if (strcmp(row[COLUMN_DETAIL], "-") != 0)
		assert_string_equal(kase->verdict.detail, row[COLUMN_DETAIL]);
	assert_true(kase->verdict.reasons->len > 0);
}

int
main(void)
{
	g_autoptr(Settings) settings = settings_default();
	g_autofree char *shipped = settings_shipped_catalogue();
	const char *const directories[] = { shipped, NULL };
	g_autoptr(Catalogue) catalogue = catalogue_load(directories, NULL);
	g_autoptr(GPtrArray) rows = rows_read("phrasings.tsv", COLUMNS);
	g_autofree struct CMUnitTest *tests = g_new0(struct CMUnitTest, rows->len);
	context = (AnalyseContext){ .catalogue = catalogue, .settings = settings };
	for (guint i = 0; i < rows->len; i++) {
		char **row = g_ptr_array_index(rows, i);
		tests[i] = (struct CMUnitTest){ row[COLUMN_BODY], test_phrasing, NULL,
			NULL, row };
	}
	return _cmocka_run_group_tests("classify", tests, rows->len, NULL, NULL);
}
