/* The grammar of dates: what stands at one place of a folded text, without its context. */
#pragma once

#include "triage/date_clock.h"

typedef struct {
	Day day;
	ClockTime time;
	gboolean relative;
	gboolean
	        ahead; /* without a year, and the next such day is near: perhaps that one */
	gboolean weak; /* so short that it needs a cue around it: "5.11", "3 set" */
} DateRead;

/* A date with its time of day when one follows; where it ends, or 0. lists are what
 * scan_lists() says of the place. */
gsize date_take(const DateScan *scan, gsize at, guint lists, DateRead *read);
