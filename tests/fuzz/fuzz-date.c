/* Dates in any text. */
#include "base/text.h"
#include "tests/fuzz/target.h"
#include "triage/date.h"

#define NOW 1794301200 /* Tue, 10 Nov 2026 10:00:00 +0100 */

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	target_begin();
	const Vocabulary *vocabulary = target_catalogue()->vocabulary;
	g_autofree char *text = target_text(data, size);
	g_autoptr(FoldedText) folded = text_fold(text, -1, FALSE);
	g_autoptr(GArray) dates =
	        dates_find(folded->text, folded->length, NOW, vocabulary);
	target_must(dates->len <= DATE_MENTIONS_MAX);
	gsize behind = 0;
	for (guint i = 0; i < dates->len; i++) {
		DateMention *date = &g_array_index(dates, DateMention, i);
		target_must(date->start >= behind && date->start < date->end);
		target_must(date->end <= folded->length && date->iso[0] != '\0');
		target_must(date_is_vetoed(date) == date_is_vetoed(date));
		behind = date->start;
	}
	g_autofree char *iso = date_of_field(text, NOW, vocabulary);
	target_must(
	        (iso != NULL) == (date_instant_of_field(text, NOW, vocabulary) != 0));
	return 0;
}
