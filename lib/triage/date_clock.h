/* Times of day as people and machines write them: "alle 8 e mezza", "h 14,35", "18:33:02
 * +0100", "3pm". */
#pragma once

#include "triage/date_word.h"

#define NO_TIME (-1)
#define NO_ZONE G_MAXINT

/* A time of day, in local time unless zone (seconds east of UTC) is set. */
typedef struct {
	int second; /* of the day, or NO_TIME */
	int zone;   /* or NO_ZONE */
	int part;   /* NO_TIME, or what a day part adds to an hour below twelve */
} ClockTime;

/* What a time may begin with (scan_lists()). */
#define CLOCK_LISTS (SCAN_DIGITS | CALENDAR_BIT(CALENDAR_HOUR_WORDS))

/* A time that stands alone: with a word such as "alle", with minutes, or with "pm". */
gsize clock_take(const DateScan *scan, gsize at, ClockTime *time);

/* Move a time into a part of the day: 12 for the afternoon, -12 for midnight's "12 am". */
void clock_apply_part(ClockTime *time, int part);
