#include "triage/date_scan.h"

#include <string.h>

#include "triage/date_meant.h"

/* "set", "mar": a month or weekday only where more speaks for it */
#define SHORT_WORD 3
#define FILLER_MAX 8 /* letters of the one word in "da circa tre giorni" */
#define CENTURY 2000

/* A year behind a written month: " 2026", ", 2026", " '26"; its end, or 0. */
static gsize
take_year(const DateScan *scan, gsize at, int *year)
{
	gsize begin = scan_skip(scan, at, " ,.-/");
	gboolean short_year =
	        scan_byte(scan, begin) == '\'' ||
	        (at < begin && strchr("-/", scan->text[begin - 1]) != NULL);
	gsize end = scan_digits(scan, begin, 4, year);

	if (end == begin + 4)
		return *year >= 1990 && *year < 2100 ? end : 0;
	if (!short_year)
		return 0;
	end = scan_digits(scan, scan_skip(scan, begin, "'"), 2, year);
	*year += CENTURY;
	return end;
}

/* "2026-11-05", "2026/11/05" */
static gsize
take_iso_date(const DateScan *scan, gsize at, DateRead *read)
{
	int year, month, day;
	gsize end = scan_digits(scan, at, 4, &year);

	if (end != at + 4 || strchr("-/.", scan_byte(scan, end) ? scan_byte(scan, end)
	                                                        : ' ') == NULL)
		return 0;
	char separator = scan->text[end];
	end = scan_digits(scan, end + 1, 2, &month);
	if (end == 0 || scan_byte(scan, end) != separator)
		return 0;
	end = scan_digits(scan, end + 1, 2, &day);
	read->day = end == 0 ? DAY_NONE : day_of(year, month, day);
	return read->day == DAY_NONE ? 0 : end;
}

/* The number of the year in "5/11/26" or "5/11/2026"; its end, or 0. */
static gsize
take_numeric_year(const DateScan *scan, gsize at, int *year)
{
	gsize end = scan_digits(scan, at, 4, year);

	if (end == at + 2)
		*year += CENTURY;
	else if (end != at + 4 || *year < 1990 || *year > 2100)
		return 0;
	return end;
}

/* "5.7.26" is an enhanced status (RFC 3463) before it is a day. */
static gboolean
looks_like_status(const DateScan *scan, gsize at, gsize end)
{
	return end == at + strlen("5.7.26") && strchr("245", scan->text[at]) != NULL &&
	       scan->text[at + 1] == '.' && scan->text[at + 3] == '.';
}

/* "5/11/2026", "14-10-2026", "15.10.26", "6/11", and weakly "6.11" and "6-11" */
static gsize
take_numeric_date(const DateScan *scan, gsize at, DateRead *read)
{
	int day, month, year;
	gsize end = scan_digits(scan, at, 2, &day);
	char separator = scan_byte(scan, end);

	if (end == 0 || separator == '\0' || strchr("/.-", separator) == NULL)
		return 0;
	end = scan_digits(scan, end + 1, 2, &month);
	if (end == 0)
		return 0;
	char next = scan_byte(scan, end);
	if (next == separator && scan_is_digit(scan, end + 1)) {
		end = take_numeric_year(scan, end + 1, &year);
		read->day = end == 0 ? DAY_NONE : day_of(year, month, day);
	} else {
		read->day = day_latest_year(scan->today, month, day);
		read->ahead = day_lies_ahead(scan->today, read->day);
		read->weak = separator != '/' || (day == 24 && month == 7);
	}
	next = scan_byte(scan, end);
	gboolean goes_on = next != '\0' && strchr("/.-:,", next) != NULL &&
	                   scan_is_digit(scan, end + 1);
	if (read->day == DAY_NONE || goes_on || next == '%' || g_ascii_isalpha(next) ||
	        looks_like_status(scan, at, end))
		return 0;
	return end;
}

/* Behind a day's number: "o" of a folded ordinal, the degree sign, "^", "st", "th". */
static gsize
skip_ordinal(const DateScan *scan, gsize at)
{
	static const char *const marks[] = { "\xc2\xb0", "^", "o", "st", "nd", "rd",
		"th" };

	for (gsize i = 0; i < G_N_ELEMENTS(marks); i++) {
		gsize end = scan_word(scan, at, marks[i]);
		if (end > 0)
			return end;
	}
	return at;
}

/* "3 novembre 2026", "dieci ottobre", "1° marzo", "5-nov-26", "5th of November" */
static gsize
take_day_month(const DateScan *scan, gsize at, DateRead *read)
{
	int day, month, year;
	gsize end = scan_number(scan, at, &day);

	/* "a settembre" is no first of September, though "a" is an English number */
	if (end == 0 || (end - at < SHORT_WORD && !scan_is_digit(scan, at)))
		return 0;
	gsize begin = scan_skip(scan, skip_ordinal(scan, end), " -/.");
	/* the short word of "5 di novembre", "5th of November" */
	if (scan_byte(scan, begin + 2) == ' ' &&
	        g_ascii_isalpha(scan_byte(scan, begin)))
		begin = MAX(begin,
		        scan_calendar(scan, begin + 3, CALENDAR_MONTHS, &month) > 0
		                ? begin + 3
		                : 0);
	end = scan_calendar(scan, begin, CALENDAR_MONTHS, &month);
	if (end == 0)
		return 0;
	gboolean abbreviated = end - begin <= SHORT_WORD;
	gsize with_year = take_year(scan, end, &year);
	/* the point of "9 nov. ore 15" says that the word is short for one */
	gboolean pointed = abbreviated && scan_byte(scan, end) == '.' &&
	                   scan_byte(scan, end + 1) == ' ';
	read->day = with_year > 0 ? day_of(year, month, day)
	                          : day_latest_year(scan->today, month, day);
	read->weak = abbreviated && with_year == 0 && !pointed;
	read->ahead = with_year == 0 && day_lies_ahead(scan->today, read->day);
	return read->day == DAY_NONE ? 0 : MAX(end + pointed, with_year);
}

/* "November 5th, 2026", "nov 5" */
static gsize
take_month_day(const DateScan *scan, gsize at, DateRead *read)
{
	int day, month, year;
	gsize word = scan_calendar(scan, at, CALENDAR_MONTHS, &month);

	if (word == 0 || scan_byte(scan, scan_skip(scan, word, ".")) != ' ')
		return 0;
	gsize end = scan_digits(scan, scan_skip(scan, word, " ."), 2, &day);
	if (end == 0 || scan_byte(scan, end) == ':')
		return 0;
	end = skip_ordinal(scan, end);
	gsize with_year = take_year(scan, end, &year);
	read->day = with_year > 0 ? day_of(year, month, day)
	                          : day_latest_year(scan->today, month, day);
	read->weak = word - at <= SHORT_WORD && with_year == 0;
	read->ahead = with_year == 0 && day_lies_ahead(scan->today, read->day);
	return read->day == DAY_NONE ? 0 : MAX(end, with_year);
}

#define FULL_DATE_LISTS                                                                \
	(SCAN_DIGITS | CALENDAR_BIT(CALENDAR_NUMBERS) | CALENDAR_BIT(CALENDAR_MONTHS))

static gsize
take_full_date(const DateScan *scan, gsize at, DateRead *read)
{
	static gsize (*const takers[])(const DateScan *, gsize, DateRead *) = {
		take_iso_date, take_numeric_date, take_day_month, take_month_day
	};

	if ((scan_lists(scan, at) & FULL_DATE_LISTS) == 0)
		return 0;
	for (gsize i = 0; i < G_N_ELEMENTS(takers); i++) {
		gsize end = takers[i](scan, at, read);
		if (end > 0)
			return end;
	}
	return 0;
}

/* "13" right behind "martedi": a day of the month, not an hour or a count. */
static gsize
take_lone_day(const DateScan *scan, gsize at, int *day)
{
	gsize end = scan_digits(scan, at, 2, day);
	int unit;

	if (end == 0 || *day < 1 || *day > 31)
		return 0;
	if (strchr(":/.,-", scan_byte(scan, end) ? scan_byte(scan, end) : ' ') !=
	                NULL &&
	        scan_is_digit(scan, end + 1))
		return 0;
	return scan_calendar(
	               scan, scan_skip(scan, end, " "), CALENDAR_AGO_UNITS, &unit) > 0
	               ? 0
	               : end;
}

/* "giovedi 5 novembre 2026", "mar 8 dic 2026": there "mar" is no month */
static gsize
take_dated_weekday(const DateScan *scan, gsize at, DateRead *read)
{
	int weekday;
	gsize word = scan_calendar(scan, at, CALENDAR_WEEKDAYS, &weekday);
	gsize end = word > 0 ? take_full_date(scan, scan_skip(scan, word, " ,.("), read)
	                     : 0;

	if (end > 0)
		read->weak = FALSE;
	return end;
}

/* "martedi della settimana scorsa": in the week before this one, which begins on a Monday */
static gsize
take_last_week(const DateScan *scan, gsize at, int weekday, DateRead *read)
{
	gsize end =
	        scan_phrase(scan, scan_skip(scan, at, " "), CALENDAR_LAST_WEEK_WORDS);

	if (end > 0)
		read->day =
		        scan->today - (day_weekday(scan->today) - 1) - 7 + weekday - 1;
	return end;
}

/* "venerdi", "lunedi scorso", "last Monday", "martedi 13"; not what take_dated_weekday() finds */
static gsize
take_weekday(const DateScan *scan, gsize at, DateRead *read)
{
	gsize last = scan_phrase(scan, at, CALENDAR_LAST_WORDS);
	gsize begin = last > 0 ? scan_skip(scan, last, " ") : at;
	int weekday, day;
	gsize end = scan_calendar(scan, begin, CALENDAR_WEEKDAYS, &weekday);

	if (end == 0)
		return 0;
	/* without "last" who asks has tried it */
	gsize full = last > 0 ? take_dated_weekday(scan, begin, read) : 0;
	if (full > 0)
		return full;
	gsize number = take_lone_day(scan, scan_skip(scan, end, " "), &day);
	if (number > 0) {
		read->day = day_nearest_month(scan->today, day, weekday);
		return number;
	}
	if (end - begin <= SHORT_WORD)
		return 0;
	gsize behind =
	        scan_phrase(scan, scan_skip(scan, end, " "), CALENDAR_LAST_WORDS);
	int back = (day_weekday(scan->today) - weekday + 7) % 7;
	gboolean before = last > 0 || behind > 0;
	read->day = scan->today - (back == 0 && before ? 7 : back);
	read->relative = TRUE;
	gsize week = take_last_week(scan, end, weekday, read);
	return MAX(week, MAX(end, behind));
}

/* "il 3 c.m.", "il 28 u.s.": a day of this month or of the last */
static gsize
take_day_past(const DateScan *scan, gsize at, DateRead *read)
{
	int day;
	gsize end = scan_digits(scan, at, 2, &day);

	if (end == 0 || day < 1 || day > 31)
		return 0;
	end = scan_phrase(scan, scan_skip(scan, end, " "), CALENDAR_LAST_WORDS);
	read->day = end > 0 ? day_latest_month(scan->today, day, 0) : DAY_NONE;
	return read->day == DAY_NONE ? 0 : end;
}

/* "il 19 sera", and weakly "il 19": words around it must say that something came on it */
static gsize
take_day_on(const DateScan *scan, gsize at, DateRead *read)
{
	gsize word = scan_phrase(scan, at, CALENDAR_ON_WORDS);
	gsize number = scan_skip(scan, word, " ");
	int day, part;
	gsize end = word > 0 ? take_lone_day(scan, number, &day) : 0;

	if (end == 0 || take_full_date(scan, number, read) > 0 ||
	        take_day_past(scan, number, read) > 0)
		return 0;
	end = skip_ordinal(scan, end);
	char next = scan_byte(scan, end);
	if (next == '%' || g_ascii_isalnum(next))
		return 0;
	read->day = day_latest_month(scan->today, day, 0);
	read->weak = scan_calendar(scan, scan_skip(scan, end, " "), CALENDAR_DAY_PARTS,
	                     &part) == 0;
	return read->day == DAY_NONE ? 0 : end;
}

/* "dal 15 non va", but not "dal 15% in su", "dal 3 al 9", "dal 1999" */
static gsize
take_day_since(const DateScan *scan, gsize at, DateRead *read)
{
	gsize word = scan_phrase(scan, at, CALENDAR_DAY_WORDS);
	gsize number = scan_skip(scan, word, " ");
	int day, unit;
	gsize end = word > 0 ? scan_digits(scan, number, 2, &day) : 0;

	if (end == 0 || day < 1 || day > 31 || take_full_date(scan, number, read) > 0)
		return 0;
	end = skip_ordinal(scan, end);
	char next = scan_byte(scan, end);
	if (next == '%' || g_ascii_isalnum(next) ||
	        (next != '\0' && strchr("/.-:,", next) != NULL &&
	                scan_is_digit(scan, end + 1)) ||
	        scan_calendar(
	                scan, scan_skip(scan, end, " "), CALENDAR_AGO_UNITS, &unit) > 0)
		return 0;
	read->day = day_latest_month(scan->today, day, 0);
	return read->day == DAY_NONE ? 0 : end;
}

/* "ieri", "stamattina", "l'altro ieri" */
static gsize
take_relative(const DateScan *scan, gsize at, DateRead *read)
{
	int back;
	gsize end = scan_calendar(scan, at, CALENDAR_RELATIVE_DAYS, &back);

	if (end == 0)
		return 0;
	read->day = scan->today + back;
	read->relative = TRUE;
	return end;
}

/* One word between "da" and "tre giorni": "circa", "quasi". */
static gsize
skip_filler(const DateScan *scan, gsize at)
{
	gsize end = at;

	while (g_ascii_isalpha(scan_byte(scan, end)))
		end++;
	return end > at && end - at <= FILLER_MAX && scan_byte(scan, end) == ' '
	               ? end + 1
	               : at;
}

/* "tre giorni" with its unit's days; its end, or 0. */
static gsize
take_span(const DateScan *scan, gsize at, Day *days)
{
	int count, unit;
	gsize end = scan_number(scan, at, &count);

	if (end == 0) {
		end = scan_calendar(scan, at, CALENDAR_AGO_UNITS, &unit);
		*days = 0;
		return end > 0 && unit == 0 ? end : 0;
	}
	end = scan_calendar(scan, scan_skip(scan, end, " "), CALENDAR_AGO_UNITS, &unit);
	*days = (Day)count * unit;
	return end;
}

/* "tre giorni fa", "da circa due settimane", "an hour ago" */
static gsize
take_ago(const DateScan *scan, gsize at, DateRead *read)
{
	gsize since = scan_phrase(scan, at, CALENDAR_SINCE_WORDS);
	gsize begin = since > 0 ? scan_skip(scan, since, " ") : at;
	Day days;
	gsize end = take_span(scan, begin, &days);

	if (end == 0 && since > 0)
		end = take_span(scan, skip_filler(scan, begin), &days);
	if (end == 0)
		return 0;
	gsize ago = scan_phrase(scan, scan_skip(scan, end, " "), CALENDAR_AGO_WORDS);
	if (ago == 0 && since == 0)
		return 0;
	read->day = scan->today - days;
	read->relative = TRUE;
	return MAX(end, ago);
}

/* A time behind a date: " alle 14.58", ", 15:30", "T08:01:17Z". */
static gsize
take_time_behind(const DateScan *scan, gsize at, ClockTime *time)
{
	int part;
	gsize begin = scan_skip(scan, at, " ,()-");
	gsize day_part = scan_calendar(scan, begin, CALENDAR_DAY_PARTS, &part);
	gsize from = day_part > 0 ? scan_skip(scan, day_part, " ,(") : begin;

	if (day_part == 0 && scan_byte(scan, at) == 't' && scan_is_digit(scan, at + 1))
		from = at + 1;
	gsize end = clock_take(scan, from, time);
	if (end == 0) {
		*time = (ClockTime){
			.second = NO_TIME, .zone = NO_ZONE, .part = NO_TIME
		};
		return day_part > 0 ? day_part : at;
	}
	if (day_part > 0)
		clock_apply_part(time, part);
	return end;
}

/* "oggi 5/11", "ieri (3 novembre)": the date says more than the word. */
static gsize
take_apposition(const DateScan *scan, gsize at, DateRead *read)
{
	DateRead better = { 0 };
	gsize begin = scan_skip(scan, at, " ,(");
	gsize end = take_full_date(scan, begin, &better);

	if (end == 0)
		end = take_dated_weekday(scan, begin, &better);
	if (end == 0)
		end = take_weekday(scan, begin, &better);
	if (end == 0 || better.relative)
		return at;
	read->day = better.day;
	read->relative = FALSE;
	return end;
}

/* "ieri", "oggi 5/11" */
static gsize
take_relative_day(const DateScan *scan, gsize at, DateRead *read)
{
	gsize end = take_relative(scan, at, read);

	return end > 0 ? take_apposition(scan, end, read) : 0;
}

/* Each form, and what it may begin with: the others are not tried at a place. */
static const struct {
	guint lists;
	gsize (*take)(const DateScan *, gsize, DateRead *);
} forms[] = {
	{ CALENDAR_BIT(CALENDAR_WEEKDAYS), take_dated_weekday },
	{ FULL_DATE_LISTS, take_full_date },
	{ CALENDAR_BIT(CALENDAR_LAST_WORDS) | CALENDAR_BIT(CALENDAR_WEEKDAYS),
	        take_weekday },
	{ SCAN_DIGITS | CALENDAR_BIT(CALENDAR_NUMBERS) |
	                CALENDAR_BIT(CALENDAR_SINCE_WORDS) |
	                CALENDAR_BIT(CALENDAR_AGO_UNITS),
	        take_ago },
	{ SCAN_DIGITS, take_day_past },
	{ CALENDAR_BIT(CALENDAR_DAY_WORDS), take_day_since },
	{ CALENDAR_BIT(CALENDAR_ON_WORDS), take_day_on },
	{ CALENDAR_BIT(CALENDAR_RELATIVE_DAYS), take_relative_day },
};

gsize
date_take(const DateScan *scan, gsize at, guint lists, DateRead *read)
{
	gsize end = 0;

	*read = (DateRead){ 0 };
	for (gsize i = 0; end == 0 && i < G_N_ELEMENTS(forms); i++)
		if ((forms[i].lists & lists) != 0)
			end = forms[i].take(scan, at, read);
	if (end == 0 || read->day == DAY_NONE)
		return 0;
	end = take_time_behind(scan, end, &read->time);
	if (read->time.second != NO_TIME)
		read->weak = FALSE;
	return end;
}
