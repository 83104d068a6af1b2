/*
 * The words of dates at one place of a folded text: digits, and what the calendars know.
 *
 * Each function reads at a byte offset and returns where what it read ends, or 0 when nothing
 * it knows stands there. Nothing is read beyond the text's length.
 */
#pragma once

#include <glib.h>
#include <string.h>

#include "rules/vocabulary.h"
#include "triage/rome.h"

typedef struct {
	const char *text;
	gsize length;
	const Calendar *calendar;
	const guint8 *openings; /* of the calendar */
	Day today;
	/* the last place that was looked up, and the lists that know it: others need no look */
	gsize place;
	guint lists;
} DateScan;

/* The byte at an offset, NUL behind the end. */
static inline char
scan_byte(const DateScan *scan, gsize at)
{
	return at < scan->length ? scan->text[at] : '\0';
}

static inline gboolean
scan_is_digit(const DateScan *scan, gsize at)
{
	return g_ascii_isdigit(scan_byte(scan, at));
}

/* The offset behind any of these characters; mostly one space. */
static inline gsize
scan_skip(const DateScan *scan, gsize at, const char *characters)
{
	while (at < scan->length &&
	        (scan->text[at] == characters[0] ||
	                (characters[1] != '\0' &&
	                        strchr(characters + 1, scan->text[at]) != NULL)))
		at++;
	return at;
}

/* What stands at an offset: a bit for each list of the calendar that knows it, and one for
 * digits. */
#define SCAN_DIGITS CALENDAR_BIT(CALENDAR_LISTS)
guint scan_lists(const DateScan *scan, gsize at);

/* Whether a calendar's word or digits may stand at an offset within the text: nearly no word of a
 * mail does. */
static inline gboolean
scan_may_open(const DateScan *scan, gsize at)
{
	return g_ascii_isdigit(scan->text[at]) ||
	       calendar_may_open(scan->openings, scan->text + at, scan->length - at);
}

/* Digits, at most most of them; none when more follow. */
gsize scan_digits(const DateScan *scan, gsize at, gsize most, int *value);

/* A whole word; digits may follow it ("alle8"). */
gsize scan_word(const DateScan *scan, gsize at, const char *word);

/* "3", "tre", "31" */
gsize scan_number(const DateScan *scan, gsize at, int *value);

/* The longest word of a list at an offset. */
gsize scan_calendar(const DateScan *scan, gsize at, CalendarList list, int *value);
gsize scan_phrase(const DateScan *scan, gsize at, CalendarList list);
