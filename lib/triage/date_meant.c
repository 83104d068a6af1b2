#include "triage/date_meant.h"

#define MONTH_DAYS 31
#define AHEAD_DAYS 60     /* a day without a year this near may be one to come */
#define BACK_DAYS 200     /* ... when the last one is longer ago than this */
#define MONTHS_BACK 12    /* how far "martedi 13" is searched */
#define LEAP_YEARS_BACK 8 /* a 29 February may be that far back */

Day
day_latest_year(Day today, int month, int day)
{
	int year, now_month, now_day;

	day_split(today, &year, &now_month, &now_day);
	for (int back = 0; back <= LEAP_YEARS_BACK; back++) {
		Day found = day_of(year - back, month, day);
		if (found != DAY_NONE && found <= today)
			return found;
	}
	return DAY_NONE;
}

gboolean
day_lies_ahead(Day today, Day past)
{
	int year, month, day;

	if (past == DAY_NONE || today - past <= BACK_DAYS)
		return FALSE;
	day_split(past, &year, &month, &day);
	Day next = day_of(year + 1, month, day);
	return next != DAY_NONE && next - today <= AHEAD_DAYS;
}

Day
day_latest_month(Day today, int day, int weekday)
{
	int year, month, now_day;
	Day any = DAY_NONE;

	day_split(today, &year, &month, &now_day);
	for (int back = 0; back <= MONTHS_BACK; back++) {
		Day found = day_of(year, month, day);
		if (found != DAY_NONE && found <= today) {
			if (weekday == 0 || day_weekday(found) == weekday)
				return found;
			any = any == DAY_NONE ? found : any;
		}
		year -= month == 1;
		month = month == 1 ? 12 : month - 1;
	}
	return any;
}

Day
day_nearest_month(Day today, int day, int weekday)
{
	Day past = day_latest_month(today, day, weekday);

	if (past != DAY_NONE && today - past <= MONTH_DAYS)
		return past;
	for (Day next = today + 1; next <= today + MONTH_DAYS; next++) {
		int year, month, number;
		day_split(next, &year, &month, &number);
		if (number == day && day_weekday(next) == weekday)
			return next;
	}
	return past;
}
