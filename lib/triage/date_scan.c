#include "triage/date_scan.h"

#include <string.h>

#define SHORT_WORD                                                                     \
	3 /* "set", "mar": a month or weekday only where more speaks for it */
#define FILLER_MAX 8 /* letters of the one word in "da circa tre giorni" */
#define CENTURY 2000
#define MONTHS_BACK 12 /* how far "martedi 13" is searched */

static char
byte_at(const DateScan *scan, gsize at)
{
	return at < scan->length ? scan->text[at] : '\0';
}

static gboolean
is_digit_at(const DateScan *scan, gsize at)
{
	return g_ascii_isdigit(byte_at(scan, at));
}

static gsize
skip(const DateScan *scan, gsize at, const char *characters)
{
	while (at < scan->length && strchr(characters, scan->text[at]) != NULL)
		at++;
	return at;
}

/* Digits at a place, at most most; 0 read when there are none or more. */
static gsize
take_digits(const DateScan *scan, gsize at, gsize most, int *value)
{
	gsize end = at;

	*value = 0;
	while (is_digit_at(scan, end) && end - at < most)
		*value = *value * 10 + (scan->text[end++] - '0');
	return end == at || is_digit_at(scan, end) ? 0 : end;
}

/* Whether word stands at a place as a whole word; its end, or 0. */
static gsize
take_word(const DateScan *scan, gsize at, const char *word)
{
	gsize length = strlen(word);
	char last = length > 0 ? word[length - 1] : '\0';

	if (length == 0 || at + length > scan->length ||
	        memcmp(scan->text + at, word, length) != 0)
		return 0;
	char next = byte_at(scan, at + length);
	/* "alle8" is said, "ore" in "orelogio" is not. */
	if (g_ascii_isalpha(last) && (g_ascii_isalpha(next) || next == '\''))
		return 0;
	return at + length;
}

/* The longest word of a calendar list (a GArray member of Calendar); its end, or 0. */
static gsize
take_calendar(const DateScan *scan, gsize at, gsize list, int *value)
{
	gsize best = 0;

	for (guint i = 0; i < scan->calendars->len; i++) {
		const char *calendar = g_ptr_array_index(scan->calendars, i);
		const GArray *words = *(GArray *const *)(const void *)(calendar + list);
		for (guint j = 0; words != NULL && j < words->len; j++) {
			const CalendarWord *word =
			        &g_array_index(words, CalendarWord, j);
			gsize end = take_word(scan, at, word->word);
			if (end > best) {
				best = end;
				*value = word->value;
			}
		}
	}
	return best;
}

/* The same for a list of phrases (a GPtrArray member). */
static gsize
take_phrase(const DateScan *scan, gsize at, gsize list)
{
	gsize best = 0;

	for (guint i = 0; i < scan->calendars->len; i++) {
		const char *calendar = g_ptr_array_index(scan->calendars, i);
		const GPtrArray *words =
		        *(GPtrArray *const *)(const void *)(calendar + list);
		for (guint j = 0; words != NULL && j < words->len; j++)
			best = MAX(
			        best, take_word(scan, at, g_ptr_array_index(words, j)));
	}
	return best;
}

#define TAKE_CALENDAR(scan, at, list, value)                                           \
	take_calendar(scan, at, G_STRUCT_OFFSET(Calendar, list), value)
#define TAKE_PHRASE(scan, at, list)                                                    \
	take_phrase(scan, at, G_STRUCT_OFFSET(Calendar, list))

/* "3", "tre", "31" */
static gsize
take_number(const DateScan *scan, gsize at, int *value)
{
	gsize end = take_digits(scan, at, 2, value);

	return end > 0 ? end : TAKE_CALENDAR(scan, at, numbers, value);
}

static gsize
take_zone_digits(const DateScan *scan, gsize at, int *zone)
{
	char sign = byte_at(scan, at);
	int digits;

	if (sign != '+' && sign != '-')
		return 0;
	gsize end = take_digits(scan, at + 1, 4, &digits);
	if (end == at + 3 && byte_at(scan, end) == ':') {
		int minutes;
		end = take_digits(scan, end + 1, 2, &minutes);
		digits = digits * 100 + minutes;
	}
	if (end < at + 5 || digits > 1400 || digits % 100 > 59)
		return 0;
	*zone = (digits / 100 * 60 + digits % 100) * (sign == '-' ? -60 : 60);
	return end;
}

static gsize
take_zone_name(const DateScan *scan, gsize at, int *zone)
{
	static const struct {
		const char *name;
		int hours;
	} zones[] = { { "cest", 2 }, { "cet", 1 }, { "gmt", 0 }, { "utc", 0 },
		{ "ut", 0 }, { "z", 0 }, { "bst", 1 }, { "eet", 2 }, { "eest", 3 },
		{ "msk", 3 }, { "est", -5 }, { "edt", -4 }, { "cst", -6 },
		{ "cdt", -5 }, { "mst", -7 }, { "mdt", -6 }, { "pst", -8 },
		{ "pdt", -7 } };

	for (gsize i = 0; i < G_N_ELEMENTS(zones); i++) {
		gsize end = take_word(scan, at, zones[i].name);
		if (end > 0) {
			*zone = zones[i].hours * 3600;
			return end;
		}
	}
	return 0;
}

/* "+0100", "(+01:00)", " CET" behind a time; where it ends, or at. */
static gsize
take_zone(const DateScan *scan, gsize at, int *zone)
{
	gsize begin = skip(scan, at, " (");
	gsize end = take_zone_digits(scan, begin, zone);

	if (end == 0)
		end = take_zone_name(scan, begin, zone);
	return end == 0 ? at : end;
}

/* ":58", ".58", ",58", "h58" and seconds behind an hour; where they end, or at. */
static gsize
take_minutes(const DateScan *scan, gsize at, int *second, gboolean *given)
{
	int minute, seconds = 0;
	char separator = byte_at(scan, at);

	*given = FALSE;
	if (separator == '\0' || strchr(":.,h", separator) == NULL)
		return at;
	gsize end = take_digits(scan, at + 1, 2, &minute);
	if (end != at + 3 || minute > 59)
		return at;
	*given = TRUE;
	*second += minute * 60;
	gsize more = byte_at(scan, end) == separator
	                     ? take_digits(scan, end + 1, 2, &seconds)
	                     : 0;
	if (more != end + 3 || seconds > 60)
		return end;
	*second += MIN(seconds, 59);
	/* "12:02:14.123" of a log */
	return byte_at(scan, more) == '.' ? skip(scan, more + 1, "0123456789") : more;
}

/* " e mezza", " pm", " di sera" behind an hour; where they end. */
static gsize
take_clock_tail(const DateScan *scan, gsize at, ClockTime *time)
{
	gsize end = TAKE_PHRASE(scan, skip(scan, at, " "), half_words);
	int part;

	if (end > 0) {
		time->second += 1800;
		at = end;
	}
	gsize begin = skip(scan, at, " ");
	if ((end = take_word(scan, begin, "pm")) > 0)
		part = 12;
	else if ((end = take_word(scan, begin, "am")) > 0)
		part = time->second / 3600 == 12 ? -12 : 0;
	else if ((end = TAKE_CALENDAR(scan, begin, day_parts, &part)) == 0)
		return at;
	time->part = part;
	return end;
}

static void
clock_apply_part(ClockTime *time, int part)
{
	if (time->second != NO_TIME && part == 12 && time->second < 12 * 3600)
		time->second += 12 * 3600;
	if (time->second != NO_TIME && part == -12)
		time->second -= 12 * 3600;
}

static gsize take_full_date(const DateScan *scan, gsize at, DateRead *read);

gsize
clock_take(const DateScan *scan, gsize at, ClockTime *time)
{
	gsize said = TAKE_PHRASE(scan, at, hour_words);
	gsize begin = said > 0 ? skip(scan, said, " :.=") : at;
	gboolean minutes;
	int hour;
	DateRead date;
	/* "data e ora: 6 novembre" */
	if (said > 0 && take_full_date(scan, begin, &date) > 0)
		return 0;
	gsize end = take_digits(scan, begin, 2, &hour);

	if (end == 0 && said > 0)
		end = TAKE_CALENDAR(scan, begin, numbers, &hour);
	if (end == 0 || hour > 24)
		return 0;
	*time = (ClockTime){
		.second = hour % 24 * 3600, .zone = NO_ZONE, .part = NO_TIME
	};
	end = take_minutes(scan, end, &time->second, &minutes);
	gsize tail = take_clock_tail(scan, end, time);
	gboolean halves = time->part == 12 || time->part == -12;
	if (said == 0 && !minutes && !(halves && tail > end))
		return 0;
	clock_apply_part(time, time->part);
	return minutes ? take_zone(scan, tail, &time->zone) : tail;
}

static Day
latest_year(const DateScan *scan, int month, int day)
{
	int year, now_month, now_day;

	day_split(scan->today, &year, &now_month, &now_day);
	/* 29 February may be years back. */
	for (int back = 0; back <= 8; back++) {
		Day found = day_of(year - back, month, day);
		if (found != DAY_NONE && found <= scan->today)
			return found;
	}
	return DAY_NONE;
}

/* The last day with that number that is not in the future; on that weekday when there is one
 * within a year (0: any). */
static Day
latest_month(const DateScan *scan, int day, int weekday)
{
	int year, month, now_day;
	Day any = DAY_NONE;

	day_split(scan->today, &year, &month, &now_day);
	for (int back = 0; back <= MONTHS_BACK; back++) {
		Day found = day_of(year, month, day);
		if (found != DAY_NONE && found <= scan->today) {
			if (weekday == 0 || day_weekday(found) == weekday)
				return found;
			any = any == DAY_NONE ? found : any;
		}
		year -= month == 1;
		month = month == 1 ? 12 : month - 1;
	}
	return any;
}

/* A year behind a written month: " 2026", ", 2026", " '26"; its end, or 0. */
static gsize
take_year(const DateScan *scan, gsize at, int *year)
{
	gsize begin = skip(scan, at, " ,.-/");
	gboolean short_year =
	        byte_at(scan, begin) == '\'' ||
	        (at < begin && strchr("-/", scan->text[begin - 1]) != NULL);
	gsize end = take_digits(scan, begin, 4, year);

	if (end == begin + 4)
		return *year >= 1990 && *year < 2100 ? end : 0;
	if (!short_year)
		return 0;
	end = take_digits(scan, skip(scan, begin, "'"), 2, year);
	*year += CENTURY;
	return end;
}

/* "2026-11-05", "2026/11/05" */
static gsize
take_iso_date(const DateScan *scan, gsize at, DateRead *read)
{
	int year, month, day;
	gsize end = take_digits(scan, at, 4, &year);

	if (end != at + 4 ||
	        strchr("-/.", byte_at(scan, end) ? byte_at(scan, end) : ' ') == NULL)
		return 0;
	char separator = scan->text[end];
	end = take_digits(scan, end + 1, 2, &month);
	if (end == 0 || byte_at(scan, end) != separator)
		return 0;
	end = take_digits(scan, end + 1, 2, &day);
	read->day = end == 0 ? DAY_NONE : day_of(year, month, day);
	return read->day == DAY_NONE ? 0 : end;
}

/* The number of the year in "5/11/26" or "5/11/2026"; its end, or 0. */
static gsize
take_numeric_year(const DateScan *scan, gsize at, int *year)
{
	gsize end = take_digits(scan, at, 4, year);

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
	gsize end = take_digits(scan, at, 2, &day);
	char separator = byte_at(scan, end);

	if (end == 0 || separator == '\0' || strchr("/.-", separator) == NULL)
		return 0;
	end = take_digits(scan, end + 1, 2, &month);
	if (end == 0)
		return 0;
	char next = byte_at(scan, end);
	if (next == separator && is_digit_at(scan, end + 1)) {
		end = take_numeric_year(scan, end + 1, &year);
		read->day = end == 0 ? DAY_NONE : day_of(year, month, day);
	} else {
		read->day = latest_year(scan, month, day);
		read->weak = separator != '/' || (day == 24 && month == 7);
	}
	next = byte_at(scan, end);
	gboolean goes_on = next != '\0' && strchr("/.-:,", next) != NULL &&
	                   is_digit_at(scan, end + 1);
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
		gsize end = take_word(scan, at, marks[i]);
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
	gsize end = take_number(scan, at, &day);

	if (end == 0)
		return 0;
	gsize begin = skip(scan, skip_ordinal(scan, end), " -/.");
	/* the short word of "5 di novembre", "5th of November" */
	if (byte_at(scan, begin + 2) == ' ' && g_ascii_isalpha(byte_at(scan, begin)))
		begin = MAX(begin, TAKE_CALENDAR(scan, begin + 3, months, &month) > 0
		                           ? begin + 3
		                           : 0);
	end = TAKE_CALENDAR(scan, begin, months, &month);
	if (end == 0)
		return 0;
	gboolean abbreviated = end - begin <= SHORT_WORD;
	gsize with_year = take_year(scan, end, &year);
	read->day = with_year > 0 ? day_of(year, month, day)
	                          : latest_year(scan, month, day);
	read->weak = abbreviated && with_year == 0;
	return read->day == DAY_NONE ? 0 : MAX(end, with_year);
}

/* "November 5th, 2026", "nov 5" */
static gsize
take_month_day(const DateScan *scan, gsize at, DateRead *read)
{
	int day, month, year;
	gsize word = TAKE_CALENDAR(scan, at, months, &month);

	if (word == 0 || byte_at(scan, skip(scan, word, ".")) != ' ')
		return 0;
	gsize end = take_digits(scan, skip(scan, word, " ."), 2, &day);
	if (end == 0 || byte_at(scan, end) == ':')
		return 0;
	end = skip_ordinal(scan, end);
	gsize with_year = take_year(scan, end, &year);
	read->day = with_year > 0 ? day_of(year, month, day)
	                          : latest_year(scan, month, day);
	read->weak = word - at <= SHORT_WORD && with_year == 0;
	return read->day == DAY_NONE ? 0 : MAX(end, with_year);
}

static gsize
take_full_date(const DateScan *scan, gsize at, DateRead *read)
{
	static gsize (*const takers[])(const DateScan *, gsize, DateRead *) = {
		take_iso_date, take_numeric_date, take_day_month, take_month_day
	};

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
	gsize end = take_digits(scan, at, 2, day);
	int unit;

	if (end == 0 || *day < 1 || *day > 31)
		return 0;
	if (strchr(":/.,-", byte_at(scan, end) ? byte_at(scan, end) : ' ') != NULL &&
	        is_digit_at(scan, end + 1))
		return 0;
	return TAKE_CALENDAR(scan, skip(scan, end, " "), ago_units, &unit) > 0 ? 0
	                                                                       : end;
}

/* "venerdi", "lunedi scorso", "last Monday", "martedi 13", "giovedi 5 novembre 2026" */
static gsize
take_weekday(const DateScan *scan, gsize at, DateRead *read)
{
	gsize last = TAKE_PHRASE(scan, at, last_words);
	gsize begin = last > 0 ? skip(scan, last, " ") : at;
	int weekday, day;
	gsize end = TAKE_CALENDAR(scan, begin, weekdays, &weekday);

	if (end == 0)
		return 0;
	gsize full = take_full_date(scan, skip(scan, end, " ,.("), read);
	if (full > 0) {
		read->weak = FALSE;
		return full;
	}
	gsize number = take_lone_day(scan, skip(scan, end, " "), &day);
	if (number > 0) {
		read->day = latest_month(scan, day, weekday);
		return number;
	}
	if (end - begin <= SHORT_WORD)
		return 0;
	gsize behind = TAKE_PHRASE(scan, skip(scan, end, " "), last_words);
	int back = (day_weekday(scan->today) - weekday + 7) % 7;
	gboolean before = last > 0 || behind > 0;
	read->day = scan->today - (back == 0 && before ? 7 : back);
	read->relative = TRUE;
	return MAX(end, behind);
}

/* "il 3 c.m.", "il 28 u.s.": a day of this month or of the last */
static gsize
take_day_past(const DateScan *scan, gsize at, DateRead *read)
{
	int day;
	gsize end = take_digits(scan, at, 2, &day);

	if (end == 0 || day < 1 || day > 31)
		return 0;
	end = TAKE_PHRASE(scan, skip(scan, end, " "), last_words);
	read->day = end > 0 ? latest_month(scan, day, 0) : DAY_NONE;
	return read->day == DAY_NONE ? 0 : end;
}

/* "ieri", "stamattina", "l'altro ieri" */
static gsize
take_relative(const DateScan *scan, gsize at, DateRead *read)
{
	int back;
	gsize end = TAKE_CALENDAR(scan, at, relative_days, &back);

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

	while (g_ascii_isalpha(byte_at(scan, end)))
		end++;
	return end > at && end - at <= FILLER_MAX && byte_at(scan, end) == ' ' ? end + 1
	                                                                       : at;
}

/* "tre giorni" with its unit's days; its end, or 0. */
static gsize
take_span(const DateScan *scan, gsize at, Day *days)
{
	int count, unit;
	gsize end = take_number(scan, at, &count);

	if (end == 0) {
		end = TAKE_CALENDAR(scan, at, ago_units, &unit);
		*days = 0;
		return end > 0 && unit == 0 ? end : 0;
	}
	end = TAKE_CALENDAR(scan, skip(scan, end, " "), ago_units, &unit);
	*days = (Day)count * unit;
	return end;
}

/* "tre giorni fa", "da circa due settimane", "an hour ago" */
static gsize
take_ago(const DateScan *scan, gsize at, DateRead *read)
{
	gsize since = TAKE_PHRASE(scan, at, since_words);
	gsize begin = since > 0 ? skip(scan, since, " ") : at;
	Day days;
	gsize end = take_span(scan, begin, &days);

	if (end == 0 && since > 0)
		end = take_span(scan, skip_filler(scan, begin), &days);
	if (end == 0)
		return 0;
	gsize ago = TAKE_PHRASE(scan, skip(scan, end, " "), ago_words);
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
	gsize begin = skip(scan, at, " ,()-");
	gsize day_part = TAKE_CALENDAR(scan, begin, day_parts, &part);
	gsize from = day_part > 0 ? skip(scan, day_part, " ,(") : begin;

	if (day_part == 0 && byte_at(scan, at) == 't' && is_digit_at(scan, at + 1))
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
	gsize end = take_full_date(scan, skip(scan, at, " ,("), &better);

	if (end == 0)
		end = take_weekday(scan, skip(scan, at, " ,("), &better);
	if (end == 0 || better.relative)
		return at;
	read->day = better.day;
	read->relative = FALSE;
	return end;
}

gsize
date_take(const DateScan *scan, gsize at, DateRead *read)
{
	*read = (DateRead){ 0 };
	gsize end = take_full_date(scan, at, read);
	if (end == 0)
		end = take_weekday(scan, at, read);
	if (end == 0)
		end = take_ago(scan, at, read);
	if (end == 0)
		end = take_day_past(scan, at, read);
	if (end == 0) {
		end = take_relative(scan, at, read);
		end = end > 0 ? take_apposition(scan, end, read) : 0;
	}
	if (end == 0 || read->day == DAY_NONE)
		return 0;
	end = take_time_behind(scan, end, &read->time);
	if (read->time.second != NO_TIME)
		read->weak = FALSE;
	return end;
}
