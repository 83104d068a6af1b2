#include "triage/date_word.h"

#include <string.h>

char
scan_byte(const DateScan *scan, gsize at)
{
	return at < scan->length ? scan->text[at] : '\0';
}

gboolean
scan_is_digit(const DateScan *scan, gsize at)
{
	return g_ascii_isdigit(scan_byte(scan, at));
}

gsize
scan_skip(const DateScan *scan, gsize at, const char *characters)
{
	while (at < scan->length && strchr(characters, scan->text[at]) != NULL)
		at++;
	return at;
}

gsize
scan_digits(const DateScan *scan, gsize at, gsize most, int *value)
{
	gsize end = at;

	*value = 0;
	while (scan_is_digit(scan, end) && end - at < most)
		*value = *value * 10 + (scan->text[end++] - '0');
	return end == at || scan_is_digit(scan, end) ? 0 : end;
}

gsize
scan_word(const DateScan *scan, gsize at, const char *word)
{
	gsize length = strlen(word);
	char last = length > 0 ? word[length - 1] : '\0';

	if (length == 0 || at + length > scan->length ||
	        memcmp(scan->text + at, word, length) != 0)
		return 0;
	char next = scan_byte(scan, at + length);
	/* "alle8" is said, "ore" in "orelogio" is not. */
	if (g_ascii_isalpha(last) && (g_ascii_isalpha(next) || next == '\''))
		return 0;
	return at + length;
}

gsize
scan_calendar(const DateScan *scan, gsize at, gsize list, int *value)
{
	gsize best = 0;

	for (guint i = 0; i < scan->calendars->len; i++) {
		const char *calendar = g_ptr_array_index(scan->calendars, i);
		const GArray *words = *(GArray *const *)(const void *)(calendar + list);
		for (guint j = 0; words != NULL && j < words->len; j++) {
			const CalendarWord *word =
			        &g_array_index(words, CalendarWord, j);
			gsize end = scan_word(scan, at, word->word);
			if (end > best) {
				best = end;
				*value = word->value;
			}
		}
	}
	return best;
}

gsize
scan_phrase(const DateScan *scan, gsize at, gsize list)
{
	gsize best = 0;

	for (guint i = 0; i < scan->calendars->len; i++) {
		const char *calendar = g_ptr_array_index(scan->calendars, i);
		const GPtrArray *words =
		        *(GPtrArray *const *)(const void *)(calendar + list);
		for (guint j = 0; words != NULL && j < words->len; j++)
			best = MAX(
			        best, scan_word(scan, at, g_ptr_array_index(words, j)));
	}
	return best;
}

gsize
scan_number(const DateScan *scan, gsize at, int *value)
{
	gsize end = scan_digits(scan, at, 2, value);

	return end > 0 ? end : SCAN_CALENDAR(scan, at, numbers, value);
}
