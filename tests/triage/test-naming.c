/* Who sends, to whom and when, as customers say it: each row of namings.tsv is a test. */
#include <string.h>

#include "tests/triage/rows.h"

#define DAY_BYTES 10 /* of "2026-11-10T14:20:00+01:00" */

enum { COLUMN_SENDER, COLUMN_RECIPIENT, COLUMN_DAY, COLUMN_SENTENCE, COLUMNS };

static void
names(const Case *kase, ItemKind kind, gsize bytes, const char *wanted)
{
	const Item *item = case_item(kase, kind);
	g_autofree char *found =
	        item == NULL ? g_strdup("-") : g_strndup(item->value, bytes);
	if (*wanted != '\0')
		assert_string_equal(found, wanted);
}

static void
test_naming(void **state)
{
	char **row = *state;
	g_autofree char *text = g_strdup_printf(
	        "From: Anna Bruni <anna@bruni.example.net>\nTo: help@provider.example\n"
	        "Subject: aiuto\nDate: Tue, 10 Nov 2026 18:00:00 +0100\n"
	        "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n"
	        "Buongiorno,\n%s.\nGrazie\nAnna\n",
	        row[COLUMN_SENTENCE]);
	g_autoptr(Case) kase = rows_analyse(text);
	names(kase, ITEM_SENDER, strlen(text), row[COLUMN_SENDER]);
	names(kase, ITEM_RECIPIENT, strlen(text), row[COLUMN_RECIPIENT]);
	names(kase, ITEM_DATE, DAY_BYTES, row[COLUMN_DAY]);
}

int
main(void)
{
	static const Rows rows = { "naming", "namings.tsv", COLUMNS, COLUMN_SENTENCE,
		test_naming };
	return rows_run(&rows);
}
