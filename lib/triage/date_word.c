#include "triage/date_word.h"

guint
scan_lists(const DateScan *scan, gsize at)
{
	if (at == scan->place)
		return scan->lists;
	guint lists = at < scan->length ? calendar_lists_at(scan->calendar,
	                                          scan->text + at, scan->length - at)
	                                : 0;

	return lists | (scan_is_digit(scan, at) ? SCAN_DIGITS : 0);
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
	if (scan_byte(scan, at) != word[0])
		return 0;
	gsize length = strlen(word);

	return at < scan->length && calendar_word_begins(scan->text + at,
	                                    scan->length - at, word, length)
	               ? at + length
	               : 0;
}

gsize
scan_calendar(const DateScan *scan, gsize at, CalendarList list, int *value)
{
	if (at == scan->place && (scan->lists & CALENDAR_BIT(list)) == 0)
		return 0;
	gsize length = at < scan->length
	                       ? calendar_find(scan->calendar, list, scan->text + at,
	                                 scan->length - at, value)
	                       : 0;

	return length > 0 ? at + length : 0;
}

gsize
scan_phrase(const DateScan *scan, gsize at, CalendarList list)
{
	return scan_calendar(scan, at, list, NULL);
}

gsize
scan_number(const DateScan *scan, gsize at, int *value)
{
	gsize end = scan_digits(scan, at, 2, value);

	return end > 0 ? end : scan_calendar(scan, at, CALENDAR_NUMBERS, value);
}
