/*
 * Dates as customers write them, in words and digits, resolved against the mail's own Date.
 *
 * Always day/month/year; Europe/Rome; a weekday is the last one strictly before, or the same
 * day; a year is the last one that does not lie in the future. Words come from the vocabulary.
 */
#pragma once

#include <glib.h>

#include "rules/vocabulary.h"

typedef struct {
	gsize start, end;  /* in the folded text */
	char *iso;         /* "2026-11-06" or "2026-11-06T14:58:00+01:00" */
	gboolean has_time;
	gboolean relative; /* "ieri", "da venerdi" */
	gboolean vetoed;   /* CUE_DATE_NOT_ERROR stands before it */
} DateMention;

/* All dates in folded text, in order. now: the mail's Date (seconds since the epoch). */
GArray *dates_find(const char *folded, gsize length, gint64 now, const Vocabulary *vocabulary);

/* ISO 8601 with Europe/Rome's offset for an instant. */
char *date_iso(gint64 seconds);
