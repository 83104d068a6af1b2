#include "triage/rome.h"

#include <string.h>

#define SECONDS_PER_DAY 86400
#define WINTER_OFFSET 3600
#define SUMMER_OFFSET 7200
#define CHANGE_HOUR 3600 /* the clocks change at 01:00 UTC */
#define YEAR_MIN 1970
#define YEAR_MAX 2199
#define DAY_MIN 0     /* the first day of the first year */
#define DAY_MAX 84005 /* the last of the last */

/* The calendar of 400 years, counted from 1 March 0000, so that a leap day ends its year. GDate
 * reckons month by month: ten times the work, for each date of a mail. */
#define DAYS_400_YEARS 146097
#define DAYS_100_YEARS 36524
#define DAYS_4_YEARS 1461
#define MARCH_0000 719468 /* days from there to 1 January 1970 */

static gboolean
is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int
days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Of a year that begins in March, the days before its month (0: March). */
static int
days_before_month(int month)
{
	return (153 * month + 2) / 5;
}

Day
day_of(int year, int month, int day)
{
	if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12 || day < 1 ||
	        day > days_in_month(year, month))
		return DAY_NONE;
	int from_march = month > 2 ? month - 3 : month + 9;
	int years = month > 2 ? year : year - 1;
	return (Day)years * 365 + years / 4 - years / 100 + years / 400 +
	       days_before_month(from_march) + day - 1 - MARCH_0000;
}

/* Days that day_of() cannot make are brought to its ends. */
static Day
day_clamp(Day day)
{
	return CLAMP(day, DAY_MIN, DAY_MAX);
}

void
day_split(Day day, int *year, int *month, int *day_of_month)
{
	int days = (int)(day_clamp(day) + MARCH_0000);
	int era = days / DAYS_400_YEARS, rest = days % DAYS_400_YEARS;
	int years = (rest - rest / (DAYS_4_YEARS - 1) + rest / DAYS_100_YEARS -
	                    rest / (DAYS_400_YEARS - 1)) /
	            365;

	rest -= years * 365 + years / 4 - years / 100;
	int from_march = (5 * rest + 2) / 153;
	*day_of_month = rest - days_before_month(from_march) + 1;
	*month = from_march < 10 ? from_march + 3 : from_march - 9;
	*year = era * 400 + years + (*month <= 2);
}

int
day_weekday(Day day)
{
	/* The epoch was a Thursday. */
	return (int)((((day + 3) % 7) + 7) % 7) + 1;
}

static Day
last_sunday(int year, int month)
{
	Day last = day_of(year, month, 31);

	return last - day_weekday(last) % 7;
}

static Day
utc_day(gint64 seconds)
{
	gint64 day = seconds / SECONDS_PER_DAY;

	return seconds % SECONDS_PER_DAY < 0 ? day - 1 : day;
}

int
rome_offset(gint64 seconds)
{
	int year, month, day;

	day_split(utc_day(seconds), &year, &month, &day);
	gint64 begin = last_sunday(year, 3) * SECONDS_PER_DAY + CHANGE_HOUR;
	gint64 end = last_sunday(year, 10) * SECONDS_PER_DAY + CHANGE_HOUR;
	return seconds >= begin && seconds < end ? SUMMER_OFFSET : WINTER_OFFSET;
}

Day
rome_day(gint64 seconds)
{
	return utc_day(seconds + rome_offset(seconds));
}

gint64
rome_instant(Day day, int second)
{
	gint64 local = day_clamp(day) * SECONDS_PER_DAY + second;
	gint64 summer = local - SUMMER_OFFSET;

	return rome_offset(summer) == SUMMER_OFFSET ? summer : local - WINTER_OFFSET;
}

/* A number of so many digits, without the detour of a format. */
static char *
put_digits(char *out, int number, int digits)
{
	for (int i = digits - 1; i >= 0; i--, number /= 10)
		out[i] = (char)('0' + number % 10);
	return out + digits;
}

static char *
put_day(char *out, Day day)
{
	int year, month, day_of_month;

	day_split(day, &year, &month, &day_of_month);
	out = put_digits(out, year, 4);
	*out++ = '-';
	out = put_digits(out, month, 2);
	*out++ = '-';
	return put_digits(out, day_of_month, 2);
}

void
day_iso(Day day, char iso[ISO_ROOM])
{
	*put_day(iso, day) = '\0';
}

void
rome_iso(gint64 seconds, char iso[ISO_ROOM])
{
	int offset = rome_offset(seconds);
	Day day = utc_day(seconds + offset);
	int second = (int)(seconds + offset - day * SECONDS_PER_DAY);
	char *out = put_day(iso, day);

	*out++ = 'T';
	out = put_digits(out, second / 3600, 2);
	*out++ = ':';
	out = put_digits(out, second / 60 % 60, 2);
	*out++ = ':';
	out = put_digits(out, second % 60, 2);
	*out++ = '+';
	out = put_digits(out, offset / 3600, 2);
	memcpy(out, ":00", sizeof ":00");
}
