#include "triage/rome.h"

#define SECONDS_PER_DAY 86400
#define WINTER_OFFSET 3600
#define SUMMER_OFFSET 7200
#define CHANGE_HOUR 3600    /* the clocks change at 01:00 UTC */
#define EPOCH_JULIAN 719163 /* GDate's day number of 1 January 1970 */
#define YEAR_MIN 1970
#define YEAR_MAX 2199

Day
day_of(int year, int month, int day)
{
	if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12 || day < 1 ||
	        day > 31)
		return DAY_NONE;
	if (!g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year))
		return DAY_NONE;
	GDate date;
	g_date_clear(&date, 1);
	g_date_set_dmy(&date, (GDateDay)day, (GDateMonth)month, (GDateYear)year);
	return (Day)g_date_get_julian(&date) - EPOCH_JULIAN;
}

/* Days that day_of() cannot make are brought to its ends. */
static Day
day_clamp(Day day)
{
	return CLAMP(day, day_of(YEAR_MIN, 1, 1), day_of(YEAR_MAX, 12, 31));
}

void
day_split(Day day, int *year, int *month, int *day_of_month)
{
	GDate date;

	g_date_clear(&date, 1);
	g_date_set_julian(&date, (guint32)(day_clamp(day) + EPOCH_JULIAN));
	*year = g_date_get_year(&date);
	*month = (int)g_date_get_month(&date);
	*day_of_month = g_date_get_day(&date);
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

char *
day_iso(Day day)
{
	int year, month, day_of_month;

	day_split(day, &year, &month, &day_of_month);
	return g_strdup_printf("%04d-%02d-%02d", year, month, day_of_month);
}

char *
rome_iso(gint64 seconds)
{
	int offset = rome_offset(seconds);
	Day day = utc_day(seconds + offset);
	int second = (int)(seconds + offset - day * SECONDS_PER_DAY);
	g_autofree char *date = day_iso(day);

	return g_strdup_printf("%sT%02d:%02d:%02d+%02d:00", date, second / 3600,
	        second / 60 % 60, second % 60, offset / 3600);
}
