#include "triage/date.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "triage/date_scan.h"

#define CONTEXT_BYTES 90 /* before and behind a date, where its cues are looked for */
#define JOIN_BYTES 12    /* "alle 12:02 di oggi": from the time to the date */
#define NOON (12 * 3600)
#define OLD_DAYS 400     /* nobody writes about an error that old */
#define NO_YEAR_DAYS 300 /* ... or this old, without a word about the year */

static void
date_mention_clear(gpointer mention)
{
	g_free(((DateMention *)mention)->iso);
}

/* Text around a date with <here> in its place, so that one cue may look both ways. */
static char *
context_of(const DateScan *scan, gsize start, gsize end)
{
	gsize from = start > CONTEXT_BYTES ? start - CONTEXT_BYTES : 0;
	gsize to = MIN(scan->length, end + CONTEXT_BYTES);

	GString *context = g_string_sized_new(to - from + sizeof "<here>");
	g_string_append_len(context, scan->text + from, (gssize)(start - from));
	g_string_append(context, "<here>");
	g_string_append_len(context, scan->text + end, (gssize)(to - end));
	return g_string_free(context, FALSE);
}

static gboolean
has_cue(const Vocabulary *vocabulary, Cue cue, const char *context)
{
	gsize start = 0, end;

	return vocabulary_find(vocabulary, cue, context, strlen(context), &start, &end);
}

static gint64
instant_of(const DateRead *read)
{
	if (read->time.zone == NO_ZONE)
		return rome_instant(read->day, read->time.second);
	return read->day * 86400 + read->time.second - read->time.zone;
}

static char *
iso_of(const DateRead *read)
{
	return read->time.second == NO_TIME ? day_iso(read->day)
	                                    : rome_iso(instant_of(read));
}

/* Inside a number, a version, an address or a path no date begins. */
static gboolean
may_begin(const DateScan *scan, gsize at)
{
	if (at == 0)
		return TRUE;
	char before = scan->text[at - 1];
	if (g_ascii_isalnum(before) || (guchar)before >= 0x80 ||
	        strchr("@_#+$%&~\\", before) != NULL)
		return FALSE;
	if (!g_ascii_isdigit(scan->text[at]))
		return before != '-' && before != '.';
	if (before == '-' || before == '/' || before == '.' || before == ',')
		return FALSE;
	return before != ':' || at < 2 || !g_ascii_isdigit(scan->text[at - 2]);
}

/* A time of day without a date beside it. */
typedef struct {
	gsize start, end;
	ClockTime time;
} LoneTime;

typedef struct {
	const Vocabulary *vocabulary;
	GArray *mentions;
	LoneTime last; /* "alle 12:02 di oggi": the date may follow; end 0: none */
	LoneTime
	        error; /* "alle 12:02 mi torna": the first that is the error's, or end 0 */
} DateSearch;

/* Take over a time that stands right before the date, in the same sentence. */
static void
join_time_before(const DateScan *scan, DateSearch *search, gsize *start, DateRead *read)
{
	gsize end = search->last.end;

	if (end == 0 || read->time.second != NO_TIME || *start < end ||
	        *start - end > JOIN_BYTES)
		return;
	for (gsize i = end; i < *start; i++)
		if (strchr(".;!?", scan->text[i]) != NULL)
			return;
	read->time = search->last.time;
	read->weak = FALSE;
	*start = search->last.start;
	if (search->error.start == *start)
		search->error.end = 0;
}

static void
mention_add(const DateScan *scan, DateSearch *search, gsize start, gsize end,
        DateRead *read)
{
	join_time_before(scan, search, &start, read);
	g_autofree char *context = context_of(scan, start, end);
	gboolean cued = has_cue(search->vocabulary, CUE_DATE_ERROR, context);
	if (read->weak && !cued)
		return;
	DateMention mention = { .start = start,
		.end = end,
		.iso = iso_of(read),
		.has_time = read->time.second != NO_TIME,
		.relative = read->relative,
		.cued = cued };
	mention.vetoed =
	        read->day > scan->today + 1 || read->day < scan->today - OLD_DAYS ||
	        (read->ahead && (!cued || read->day < scan->today - NO_YEAR_DAYS)) ||
	        has_cue(search->vocabulary, CUE_DATE_NOT_ERROR, context);
	g_array_append_val(search->mentions, mention);
}

/* "data e ora: 6 novembre": the hour's word belongs to a label, and a date follows. */
static gboolean
clock_is_date(const DateScan *scan, gsize at, gsize end)
{
	DateRead read;

	while (at < end && !g_ascii_isdigit(scan->text[at]))
		at++;
	return at < end && date_take(scan, at, &read) > end;
}

/* "dalle 14 non parte", "ho inviato alle 11:30"; not "la mail delle 9", "dalle 9 alle 13" */
static gboolean
is_errors_time(const DateScan *scan, const Vocabulary *vocabulary, gsize at, gsize end)
{
	g_autofree char *context = context_of(scan, at, end);

	return !g_ascii_isdigit(scan->text[at]) && !g_ascii_isalnum(scan->text[end]) &&
	       has_cue(vocabulary, CUE_DATE_ERROR, context) &&
	       !has_cue(vocabulary, CUE_DATE_NOT_ERROR, context);
}

/* Whether a date or a time may begin at a place: with a number, or a word that the calendars
 * know. Most places of a mail are ruled out here. */
static gboolean
opens_date(const DateScan *scan, gsize at)
{
	return g_ascii_isdigit(scan->text[at]) ||
	       (g_ascii_isalpha(scan->text[at]) &&
	               calendar_may_begin(
	                       scan->calendar, scan->text + at, scan->length - at));
}

/* One step of the search at a place; where it goes on. */
static gsize
search_step(const DateScan *scan, DateSearch *search, gsize at)
{
	DateRead read;
	ClockTime time;
	gsize end;

	if (!opens_date(scan, at) || !may_begin(scan, at))
		return at + 1;
	if ((end = date_take(scan, at, &read)) > 0) {
		mention_add(scan, search, at, end, &read);
		return end;
	}
	end = clock_take(scan, at, &time);
	if (end == 0 || clock_is_date(scan, at, end))
		return at + 1;
	search->last = (LoneTime){ at, end, time };
	if (search->error.end == 0 && is_errors_time(scan, search->vocabulary, at, end))
		search->error = search->last;
	return end;
}

/* Where no day is named, an error that came "alle 12:02" came today. */
static void
add_time_of_today(const DateScan *scan, DateSearch *search, gint64 now)
{
	DateRead read = {
		.day = scan->today, .relative = TRUE, .time = search->error.time
	};

	for (guint i = 0; i < search->mentions->len; i++)
		if (!g_array_index(search->mentions, DateMention, i).vetoed)
			return;
	if (search->error.end == 0 || instant_of(&read) > now)
		return;
	search->last.end = 0;
	mention_add(scan, search, search->error.start, search->error.end, &read);
}

GArray *
dates_find(const char *folded, gsize length, gint64 now, const Vocabulary *vocabulary)
{
	DateScan scan = { .text = folded,
		.length = MIN(length, DATE_TEXT_MAX),
		.calendar = vocabulary_calendar(vocabulary),
		.today = rome_day(now) };
	DateSearch search = { .vocabulary = vocabulary,
		.mentions = g_array_new(FALSE, TRUE, sizeof(DateMention)) };

	g_array_set_clear_func(search.mentions, date_mention_clear);
	for (gsize at = 0; at < scan.length && search.mentions->len < DATES_MAX;)
		at = search_step(&scan, &search, at);
	if (search.mentions->len < DATES_MAX)
		add_time_of_today(&scan, &search, now);
	return search.mentions;
}

char *
date_of_field(const char *value, gint64 now, const Vocabulary *vocabulary)
{
	g_autoptr(FoldedText) folded = text_fold(value, -1, FALSE);
	g_autoptr(GArray) mentions =
	        dates_find(folded->text, folded->length, now, vocabulary);

	if (mentions->len == 0)
		return NULL;
	return g_strdup(g_array_index(mentions, DateMention, 0).iso);
}

gint64
date_instant_of_field(const char *value, gint64 now, const Vocabulary *vocabulary)
{
	g_autofree char *iso = date_of_field(value, now, vocabulary);
	int year, month, day;

	if (iso == NULL || sscanf(iso, "%4d-%2d-%2d", &year, &month, &day) != 3)
		return 0;
	return rome_instant(day_of(year, month, day), NOON);
}

char *
date_iso(gint64 seconds)
{
	return rome_iso(seconds);
}
