#include "triage/date_clock.h"

#include <string.h>

static gsize
take_zone_digits(const DateScan *scan, gsize at, int *zone)
{
	char sign = scan_byte(scan, at);
	int digits;

	if (sign != '+' && sign != '-')
		return 0;
	gsize end = scan_digits(scan, at + 1, 4, &digits);
	if (end == at + 3 && scan_byte(scan, end) == ':') {
		int minutes;
		end = scan_digits(scan, end + 1, 2, &minutes);
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
		gsize end = scan_word(scan, at, zones[i].name);
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
	gsize begin = scan_skip(scan, at, " (");
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
	char separator = scan_byte(scan, at);

	*given = FALSE;
	if (separator == '\0' || strchr(":.,h", separator) == NULL)
		return at;
	gsize end = scan_digits(scan, at + 1, 2, &minute);
	if (end != at + 3 || minute > 59)
		return at;
	*given = TRUE;
	*second += minute * 60;
	gsize more = scan_byte(scan, end) == separator
	                     ? scan_digits(scan, end + 1, 2, &seconds)
	                     : 0;
	if (more != end + 3 || seconds > 60)
		return end;
	*second += MIN(seconds, 59);
	/* "12:02:14.123" of a log */
	return scan_byte(scan, more) == '.' ? scan_skip(scan, more + 1, "0123456789")
	                                    : more;
}

/* " e mezza", " pm", " di sera" behind an hour; where they end. */
static gsize
take_clock_tail(const DateScan *scan, gsize at, ClockTime *time)
{
	gsize end = scan_phrase(scan, scan_skip(scan, at, " "), CALENDAR_HALF_WORDS);
	int part;

	if (end > 0) {
		time->second += 1800;
		at = end;
	}
	gsize begin = scan_skip(scan, at, " ");
	if ((end = scan_word(scan, begin, "pm")) > 0)
		part = 12;
	else if ((end = scan_word(scan, begin, "am")) > 0)
		part = time->second / 3600 == 12 ? -12 : 0;
	else if ((end = scan_calendar(scan, begin, CALENDAR_DAY_PARTS, &part)) == 0)
		return at;
	time->part = part;
	return end;
}

void
clock_apply_part(ClockTime *time, int part)
{
	if (time->second != NO_TIME && part == 12 && time->second < 12 * 3600)
		time->second += 12 * 3600;
	if (time->second != NO_TIME && part == -12)
		time->second -= 12 * 3600;
}

gsize
clock_take(const DateScan *scan, gsize at, ClockTime *time)
{
	gsize said = scan_phrase(scan, at, CALENDAR_HOUR_WORDS);
	gsize begin = said > 0 ? scan_skip(scan, said, " :.=") : at;
	gboolean minutes;
	int hour;
	gsize end = scan_digits(scan, begin, 2, &hour);

	if (end == 0 && said > 0)
		end = scan_calendar(scan, begin, CALENDAR_NUMBERS, &hour);
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
