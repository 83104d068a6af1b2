/*
 * Which day is meant when its year, or its month and year, are not said.
 *
 * Today is the day of the mail. DAY_NONE where there is no such day.
 */
#pragma once

#include "triage/rome.h"

/* The last such day that is not in the future. */
Day day_latest_year(Day today, int month, int day);

/* Whether that day is so long ago, and its next return so near, that the next may be meant:
 * "il 12/12" in November is in four weeks, not eleven months ago. */
gboolean day_lies_ahead(Day today, Day past);

/* The last day with that number that is not in the future; on that weekday when there is one
 * within a year (0: any). */
Day day_latest_month(Day today, int day, int weekday);

/* The same, unless it is long ago and one lies close ahead: "domenica 29" that was last in
 * spring and is to come in a week. */
Day day_nearest_month(Day today, int day, int weekday);
