#include "rules/pattern_index.h"

#include <string.h>

#include "rules/literal.h"
#include "rules/prefilter.h"

/* Many groups are asked of one text before the next; a mail's words and its subject in turn. */
#define READINGS 4

/* One alternative of a pattern. */
typedef struct {
	Pattern *
	        pattern; /* the whole one where it has no others; NULL: nothing to find */
	Pattern *whole;
	guint group;
} Alternative;

/* What is known of an alternative in a text: where it is found next from a place on. */
typedef struct {
	guint32 from, start, end;
	gboolean asked, found;
} Sighting;

/* A text, and the alternatives that may match it. */
typedef struct {
	char *text; /* NULL: none yet */
	gsize length;
	guint64 *candidates;
	Sighting *sightings; /* of the candidates, by alternative */
} Reading;

struct PatternIndex {
	GArray *alternatives; /* of Alternative, group by group */
	GArray *firsts;       /* of guint: per group its first alternative */
	Prefilter *prefilter;
	Reading readings[READINGS];
	guint oldest;
};

static void
alternative_clear(gpointer data)
{
	Alternative *alternative = data;
	if (alternative->pattern != alternative->whole)
		pattern_free(alternative->pattern);
}

PatternIndex *
pattern_index_new(void)
{
	PatternIndex *index = g_new0(PatternIndex, 1);
	index->alternatives = g_array_new(FALSE, FALSE, sizeof(Alternative));
	g_array_set_clear_func(index->alternatives, alternative_clear);
	index->firsts = g_array_new(FALSE, FALSE, sizeof(guint));
	index->prefilter = prefilter_new();
	return index;
}

void
pattern_index_free(PatternIndex *index)
{
	if (index == NULL)
		return;
	for (guint i = 0; i < READINGS; i++) {
		g_free(index->readings[i].text);
		g_free(index->readings[i].candidates);
		g_free(index->readings[i].sightings);
	}
	prefilter_free(index->prefilter);
	g_array_unref(index->alternatives);
	g_array_unref(index->firsts);
	g_free(index);
}

static void
add_alternative(PatternIndex *index, GPtrArray *sets, Alternative alternative)
{
	prefilter_add(index->prefilter, sets);
	g_array_append_val(index->alternatives, alternative);
}

void
pattern_index_add(PatternIndex *index, guint group, Pattern *pattern)
{
	while (index->firsts->len <= group)
		g_array_append_val(index->firsts, index->alternatives->len);
	Alternative whole = { pattern, pattern, group };
	g_autoptr(GPtrArray) found =
	        pattern != NULL ? literal_find(pattern_source(pattern)) : NULL;
	if (found == NULL)
		add_alternative(index, NULL, whole);
	for (guint i = 0; found != NULL && i < found->len; i++) {
		const LiteralAlternative *one = found->pdata[i];
		Alternative part = whole;
		if (found->len > 1)
			part.pattern = pattern_defer(one->source);
		add_alternative(index, one->sets, part);
	}
}

void
pattern_index_finish(PatternIndex *index)
{
	prefilter_finish(index->prefilter);
	for (guint i = 0; i < READINGS; i++) {
		Reading *reading = &index->readings[i];
		reading->candidates =
		        g_new0(guint64, prefilter_words(index->prefilter));
		reading->sightings = g_new0(Sighting, index->alternatives->len + 1);
	}
}

static const Alternative *
alternative_at(const PatternIndex *index, guint number)
{
	return &g_array_index(index->alternatives, Alternative, number);
}

static guint
first_of(const PatternIndex *index, guint group)
{
	return group < index->firsts->len ? g_array_index(index->firsts, guint, group)
	                                  : index->alternatives->len;
}

/* Take a text in place of the one that was read longest ago. */
static Reading *
read_text(PatternIndex *index, const char *text, gsize length)
{
	Reading *reading = &index->readings[index->oldest];
	index->oldest = (index->oldest + 1) % READINGS;
	g_free(reading->text);
	reading->text = g_strndup(text, length);
	reading->length = length;
	prefilter_scan(index->prefilter, text, length, reading->candidates);
	for (guint i = 0; prefilter_next(index->prefilter, reading->candidates, &i);
	        i++)
		reading->sightings[i].asked = FALSE;
	return reading;
}

static Reading *
reading_of(PatternIndex *index, const char *text, gsize length)
{
	for (guint i = 0; i < READINGS; i++) {
		Reading *reading = &index->readings[i];
		if (reading->text != NULL && reading->length == length &&
		        memcmp(reading->text, text, length) == 0)
			return reading;
	}
	return read_text(index, text, length);
}

/* The first candidate at or after *number that is of the group. */
static gboolean
next_of(const PatternIndex *index, const Reading *reading, guint group, guint *number)
{
	return prefilter_next(index->prefilter, reading->candidates, number) &&
	       *number < first_of(index, group + 1);
}

gboolean
pattern_index_next(PatternIndex *index, const char *text, gsize length, guint *group)
{
	const Reading *reading = reading_of(index, text, length);
	guint number = first_of(index, *group);
	if (!prefilter_next(index->prefilter, reading->candidates, &number))
		return FALSE;
	*group = alternative_at(index, number)->group;
	return TRUE;
}

/* Were an alternative asked anew for each hit of the others, one that is never found would read
 * the whole text each time. */
static const Sighting *
sight(const PatternIndex *index, const Reading *reading, guint number, gsize from)
{
	Pattern *pattern = alternative_at(index, number)->pattern;
	Sighting *sighting = &reading->sightings[number];
	if (sighting->asked && sighting->from <= from &&
	        (!sighting->found || sighting->start >= from))
		return sighting;
	gsize start = from, end = 0;
	sighting->asked = TRUE;
	sighting->from = (guint32)from;
	sighting->found = pattern != NULL && pattern_find(pattern, reading->text,
	                                             reading->length, &start, &end);
	sighting->start = (guint32)start;
	sighting->end = (guint32)end;
	return sighting;
}

gboolean
pattern_index_find(PatternIndex *index, guint group, const char *text, gsize length,
        gsize *start, gsize *end)
{
	guint number = first_of(index, group);
	const Sighting *best = NULL;
	if (*start > length || number == first_of(index, group + 1))
		return FALSE;
	const Reading *reading = reading_of(index, text, length);
	for (; next_of(index, reading, group, &number); number++) {
		const Sighting *sighting = sight(index, reading, number, *start);
		if (sighting->found && (best == NULL || sighting->start < best->start))
			best = sighting;
	}
	if (best == NULL)
		return FALSE;
	*start = best->start;
	*end = best->end;
	return TRUE;
}

void
pattern_index_always(PatternIndex *index, guint group)
{
	for (guint i = first_of(index, group); i < first_of(index, group + 1); i++)
		prefilter_always(index->prefilter, i);
}

static gboolean
matches(Pattern *pattern, const char *text, gsize length)
{
	gsize start = 0, end = 0;
	return pattern_find_once(pattern, text, length, &start, &end);
}

/* Whether any alternative of a pattern of the group is a candidate for what was read. */
static gboolean
is_tried(const PatternIndex *index, const Reading *reading, guint group,
        const Pattern *whole)
{
	guint number = first_of(index, group);
	for (; next_of(index, reading, group, &number); number++)
		if (alternative_at(index, number)->whole == whole)
			return TRUE;
	return FALSE;
}

gboolean
pattern_index_check(PatternIndex *index, guint group, const GPtrArray *patterns,
        const char *text, gsize length, gboolean wanted)
{
	const Reading *reading = read_text(index, text, length);
	for (guint i = 0; i < patterns->len; i++) {
		Pattern *pattern = patterns->pdata[i];
		gboolean tried = is_tried(index, reading, group, pattern);
		if ((!tried && !wanted) || !matches(pattern, text, length))
			continue;
		if (!tried)
			pattern_index_always(index, group);
		return TRUE;
	}
	return FALSE;
}
