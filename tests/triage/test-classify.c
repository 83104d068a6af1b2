#include <string.h>

#include "tests/triage/rows.h"

/* Each row of phrasings.tsv is a mail that a customer could have written, and a test. */
enum { COLUMN_CLASS, COLUMN_DETAIL, COLUMN_SUBJECT, COLUMN_BODY, COLUMNS };

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
	return rows_analyse(text);
}

static void
test_phrasing(void **state)
{
	char **row = *state;
	g_autoptr(Case) kase = analyse_row(row);
	assert_string_equal(kase->verdict.class, row[COLUMN_CLASS]);
	if (strcmp(row[COLUMN_DETAIL], "-") != 0)
		assert_string_equal(kase->verdict.detail, row[COLUMN_DETAIL]);
	assert_true(kase->verdict.reasons->len > 0);
}

int
main(void)
{
	static const Rows rows = { "classify", "phrasings.tsv", COLUMNS, COLUMN_BODY,
		test_phrasing };
	return rows_run(&rows);
}
