/*
 * Civil time of Europe/Rome, computed: the analyst may open no zone files.
 *
 * The rule is the European Union's since 1996 (directive 2000/84/EC): summer time from the
 * last Sunday of March to the last Sunday of October, both at 01:00 UTC.
 */
#pragma once

#include <glib.h>

/* A calendar day: days since 1 January 1970, negative before. */
typedef gint64 Day;

#define DAY_NONE G_MININT64

/* The day of a civil date, or DAY_NONE when there is no such date. */
Day day_of(int year, int month, int day);
void day_split(Day day, int *year, int *month, int *day_of_month);
int day_weekday(Day day); /* Monday 1 ... Sunday 7 */

/* Seconds east of UTC in Rome at an instant (seconds since the epoch). */
int rome_offset(gint64 seconds);

/* Rome's calendar day at an instant. */
Day rome_day(gint64 seconds);

/* The instant of a local day and second of that day. An hour that the change of clocks
 * repeats is taken as the first, one that it skips as if winter time held. */
gint64 rome_instant(Day day, int second);

/* "2026-11-06T14:58:00+01:00" and "2026-11-06". */
#define ISO_ROOM sizeof "2026-11-06T14:58:00+01:00"
void rome_iso(gint64 seconds, char iso[ISO_ROOM]);
void day_iso(Day day, char iso[ISO_ROOM]);
