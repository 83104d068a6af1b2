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

	return at < scan->length && calendar_word_begins(scan->text + at,
	                                    scan->length - at, word, length)
	               ? at + length
	               : 0;
}

gsize
scan_calendar(const DateScan *scan, gsize at, CalendarList list, int *value)
{
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
