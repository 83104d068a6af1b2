/*
 * Dates as customers write them, in words and digits, resolved against the mail's own Date.
 *
 * Always day/month/year; Europe/Rome; a weekday is the last one strictly before, or the same
 * day; a year is the last one that does not lie in the future, unless that is long ago, the next
 * one near and no words say that something came: "il 12/12" in November is to come. Words come from the vocabulary.
 * Surprising rule: what may be a date and is not when the error came ("il 3/11 andava", a
 * contract's end) is found all the same, and vetoed.
 */
#pragma once

#include <glib.h>

#include "rules/vocabulary.h"
#include "triage/rome.h"

/* What stands where a date may stand. A log has hundreds, which say nothing new: so the text
 * around one is looked at when somebody asks. */
typedef struct {
	gsize start, end;   /* in the folded text */
	char iso[ISO_ROOM]; /* "2026-11-06" or "2026-11-06T14:58:00+01:00" */
	gboolean has_time;
	gboolean relative; /* "ieri", "da venerdi" */
	gboolean weak;     /* so short that it is a date only when it is cued: "5.11" */
	gboolean far;      /* it lies in the future or long ago */
	gboolean ahead;    /* ... or would, unless it is cued */
	const char *text;  /* the folded text; borrowed */
	gsize length;
	const Vocabulary *vocabulary;
	struct {
		gboolean asked, holds;
	} error, not_error; /* of the cues around it */
} DateMention;

#define DATE_TEXT_MAX 65536    /* bytes of a text that are searched */
#define DATES_MAX 200          /* mentions taken from one text, besides weak ones */
#define DATE_MENTIONS_MAX 2000 /* ... and with them */

/* All mentions in folded text, in order; they live no longer than it. now: the mail's Date
 * (seconds since the epoch). */
GArray *dates_find(
        const char *folded, gsize length, gint64 now, const Vocabulary *vocabulary);

/* Whether CUE_DATE_ERROR holds around it. */
gboolean date_is_cued(DateMention *mention);

/* Whether it is a date at all. */
gboolean date_stands(DateMention *mention);

/* Whether CUE_DATE_NOT_ERROR holds around it, or it is too far away. */
gboolean date_is_vetoed(DateMention *mention);

/* The first date of a field value ("giovedi 5 novembre 2026 15:30", RFC 5322, ISO) as ISO
 * 8601, or NULL. The value is verbatim; now as above. */
char *date_of_field(const char *value, gint64 now, const Vocabulary *vocabulary);

/* An instant of the day of such a field, or 0: what words beside it are resolved against. */
gint64 date_instant_of_field(
        const char *value, gint64 now, const Vocabulary *vocabulary);

/* ISO 8601 with Europe/Rome's offset for an instant. */
char *date_iso(gint64 seconds);
