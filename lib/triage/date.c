#include "triage/date.h"

#include <stdio.h>
#include <string.h>

#include "base/eight.h"
#include "base/text.h"
#include "triage/date_scan.h"

#define CONTEXT_BYTES 90 /* before and behind a date, where its cues are looked for */
#define JOIN_BYTES 12    /* "alle 12:02 di oggi": from the time to the date */
#define NOON (12 * 3600)
#define OLD_DAYS 400     /* nobody writes about an error that old */
#define NO_YEAR_DAYS 300 /* ... or this old, without a word about the year */

static const char here[] = "<here>";
#define CONTEXT_ROOM (2 * CONTEXT_BYTES + sizeof here)

/* Text around a date with <here> in its place, so that one cue may look both ways. */
static gsize
context_of(const char *text, gsize length, gsize start, gsize end,
        char context[CONTEXT_ROOM])
{
	gsize before = MIN(start, CONTEXT_BYTES),
	      behind = MIN(length - end, CONTEXT_BYTES);

	memcpy(context, text + start - before, before);
	memcpy(context + before, here, sizeof here - 1);
	memcpy(context + before + sizeof here - 1, text + end, behind);
	gsize size = before + sizeof here - 1 + behind;
	context[size] = '\0';
	return size;
}

static gboolean
has_cue(const Vocabulary *vocabulary, Cue cue, const char *context, gsize length)
{
	gsize start = 0, end;

	return vocabulary_find(vocabulary, cue, context, length, &start, &end);
}

static gboolean
mention_has_cue(const DateMention *mention, Cue cue)
{
	char context[CONTEXT_ROOM];
	gsize length = context_of(
	        mention->text, mention->length, mention->start, mention->end, context);

	return has_cue(mention->vocabulary, cue, context, length);
}

gboolean
date_is_cued(DateMention *mention)
{
	if (!mention->error.asked)
		mention->error.holds = mention_has_cue(mention, CUE_DATE_ERROR);
	mention->error.asked = TRUE;
	return mention->error.holds;
}

gboolean
date_stands(DateMention *mention)
{
	return !mention->weak || date_is_cued(mention);
}

gboolean
date_is_vetoed(DateMention *mention)
{
	if (mention->far || (mention->ahead && !date_is_cued(mention)))
		return TRUE;
	if (!mention->not_error.asked)
		mention->not_error.holds = mention_has_cue(mention, CUE_DATE_NOT_ERROR);
	mention->not_error.asked = TRUE;
	return mention->not_error.holds;
}

static gint64
instant_of(const DateRead *read)
{
	if (read->time.zone == NO_ZONE)
		return rome_instant(read->day, read->time.second);
	return read->day * 86400 + read->time.second - read->time.zone;
}

/* Inside a number, a version, an address or a path no date begins. */
static gboolean
may_begin(const DateScan *scan, gsize at)
{
	if (at == 0)
		return TRUE;
	char before = scan->text[at - 1];
	if (before == ' ')
		return TRUE;
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
	GArray *mentions; /* of DateMention */
	guint strong;     /* of them: not weak */
	LoneTime last;    /* "alle 12:02 di oggi": the date may follow; end 0: none */
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
	DateMention mention = { .start = start,
		.end = end,
		.has_time = read->time.second != NO_TIME,
		.relative = read->relative,
		.weak = read->weak,
		.ahead = read->ahead,
		.text = scan->text,
		.length = scan->length,
		.vocabulary = search->vocabulary };
	mention.far = read->day > scan->today + 1 ||
	              read->day < scan->today - (read->ahead ? NO_YEAR_DAYS : OLD_DAYS);
	if (mention.has_time)
		rome_iso(instant_of(read), mention.iso);
	else
		day_iso(read->day, mention.iso);
	search->strong += !mention.weak;
	g_array_append_val(search->mentions, mention);
}

/* "data e ora: 6 novembre": the hour's word belongs to a label, and a date follows. */
static gboolean
clock_is_date(const DateScan *scan, gsize at, gsize end)
{
	DateRead read;

	while (at < end && !g_ascii_isdigit(scan->text[at]))
		at++;
	return at < end && date_take(scan, at, scan_lists(scan, at), &read) > end;
}

/* "dalle 14 non parte", "ho inviato alle 11:30"; not "la mail delle 9", "dalle 9 alle 13" */
static gboolean
is_errors_time(const DateScan *scan, const Vocabulary *vocabulary, gsize at, gsize end)
{
	char context[CONTEXT_ROOM];

	if (g_ascii_isdigit(scan->text[at]) || g_ascii_isalnum(scan->text[end]))
		return FALSE;
	gsize length = context_of(scan->text, scan->length, at, end, context);
	return has_cue(vocabulary, CUE_DATE_ERROR, context, length) &&
	       !has_cue(vocabulary, CUE_DATE_NOT_ERROR, context, length);
}

/* The next place behind this one where a word or number begins that may be one of a date. Every
 * byte of a mail is passed here: eight are looked at at once. */
static gsize
next_place(const DateScan *scan, gsize at)
{
	guint64 before = g_ascii_isalnum(scan->text[at]) ? 0x80 : 0;

	for (at++; scan->length - at >= sizeof before; at += sizeof before) {
		guint64 alnum = eight_alnum(eight_read(scan->text + at));
		guint64 starts = alnum & ~(alnum << 8 | before);
		before = alnum >> 56;
		for (; starts != 0; starts &= starts - 1) {
			gsize start = at + eight_first(starts);
			if (scan_may_open(scan, start))
				return start;
		}
	}
	for (; at < scan->length; at++)
		if (g_ascii_isalnum(scan->text[at]) &&
		        !g_ascii_isalnum(scan->text[at - 1]) && scan_may_open(scan, at))
			return at;
	return at;
}

/* "12:01:07" of a log: behind such digits no date goes on. */
static gboolean
is_bare_number(const DateScan *scan, gsize at)
{
	while (scan_is_digit(scan, at))
		at++;
	char next = scan_byte(scan, at);
	if (next == '\0')
		return TRUE;
	return !g_ascii_isalpha(next) && (guchar)next < 0x80 &&
	       strchr(" /.-^", next) == NULL &&
	       !calendar_may_open(scan->openings, scan->text + at, scan->length - at);
}

/* What stands at a place where a date may begin. */
static guint
look_up(DateScan *scan, gsize at)
{
	scan->place = G_MAXSIZE;
	if (!g_ascii_isalnum(scan->text[at]) || !may_begin(scan, at))
		return 0;
	scan->lists = scan_lists(scan, at);
	scan->place = at;
	return scan->lists;
}

/* One step of the search at a place; where it goes on. Most words of a mail are ruled out by
 * one look into the calendar. */
static gsize
search_step(DateScan *scan, DateSearch *search, gsize at)
{
	guint lists = look_up(scan, at);
	DateRead read;
	ClockTime time;
	gsize end = 0;

	if (lists == 0)
		return next_place(scan, at);
	if (lists != SCAN_DIGITS || !is_bare_number(scan, at))
		end = date_take(scan, at, lists, &read);
	if (end > 0) {
		mention_add(scan, search, at, end, &read);
		return end;
	}
	end = (lists & CLOCK_LISTS) != 0 ? clock_take(scan, at, &time) : 0;
	if (end == 0 || clock_is_date(scan, at, end))
		return next_place(scan, at);
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

	if (search->error.end == 0 || instant_of(&read) > now)
		return;
	for (guint i = 0; i < search->mentions->len; i++) {
		DateMention *mention = &g_array_index(search->mentions, DateMention, i);
		if (date_stands(mention) && !date_is_vetoed(mention))
			return;
	}
	search->last.end = 0;
	mention_add(scan, search, search->error.start, search->error.end, &read);
}

/* Whether a search has what it looks for. */
static gboolean
search_is_done(const DateSearch *search)
{
	return search->strong >= DATES_MAX ||
	       search->mentions->len >= DATE_MENTIONS_MAX;
}

GArray *
dates_find(const char *folded, gsize length, gint64 now, const Vocabulary *vocabulary)
{
	DateScan scan = { .text = folded,
		.length = MIN(length, DATE_TEXT_MAX),
		.calendar = vocabulary_calendar(vocabulary),
		.place = G_MAXSIZE,
		.today = rome_day(now) };
	DateSearch search = { .vocabulary = vocabulary,
		.mentions = g_array_new(FALSE, FALSE, sizeof(DateMention)) };

	scan.openings = calendar_openings(scan.calendar);
	for (gsize at = 0; at < scan.length && !search_is_done(&search);)
		at = search_step(&scan, &search, at);
	if (!search_is_done(&search))
		add_time_of_today(&scan, &search, now);
	return search.mentions;
}

char *
date_of_field(const char *value, gint64 now, const Vocabulary *vocabulary)
{
	g_autofree char *folded = text_fold_words(value, strlen(value));
	g_autoptr(GArray) mentions =
	        dates_find(folded, strlen(folded), now, vocabulary);

	for (guint i = 0; i < mentions->len; i++) {
		DateMention *mention = &g_array_index(mentions, DateMention, i);
		if (date_stands(mention))
			return g_strdup(mention->iso);
	}
	return NULL;
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
	char iso[ISO_ROOM];

	rome_iso(seconds, iso);
	return g_strdup(iso);
}
