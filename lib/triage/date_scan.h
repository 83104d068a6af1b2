/*
 * The grammar of dates: what stands at one place of a folded text, without its context.
 *
 * Each take_ function reads at a byte offset and returns where what it read ends, or 0 when
 * nothing it knows stands there.
 */
#pragma once

#include <glib.h>

#include "rules/vocabulary.h"
#include "triage/rome.h"

typedef struct {
	const char *text;
	gsize length;
	const GPtrArray *calendars; /* of const Calendar */
	Day today;
} DateScan;

#define NO_TIME (-1)
#define NO_ZONE G_MAXINT

/* A time of day, in local time unless zone (seconds east of UTC) is set. */
typedef struct {
	int second; /* of the day, or NO_TIME */
	int zone;   /* or NO_ZONE */
	int part;   /* NO_TIME, or what a day part adds to an hour below twelve */
} ClockTime;

typedef struct {
	Day day;
	ClockTime time;
	gboolean relative;
	gboolean weak; /* so short that it needs a cue around it: "5.11", "3 set" */
} DateRead;

/* A date with its time of day when one follows. */
gsize date_take(const DateScan *scan, gsize at, DateRead *read);

/* A time of day that stands alone: with a word such as "alle", or with minutes. */
gsize clock_take(const DateScan *scan, gsize at, ClockTime *time);
