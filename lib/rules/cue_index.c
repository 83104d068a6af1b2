#include "rules/cue_index.h"

#include <string.h>

#include "rules/prefilter.h"

/* Many cues are asked of one text before the next; a mail's words and its subject in turn. */
#define READINGS 4

/* What is known of a pattern in a text: where it is found next from a place on. */
typedef struct {
	guint32 from, start, end;
	gboolean asked, found;
} Sighting;

/* A text, and the patterns that may match it. */
typedef struct {
	char *text; /* NULL: none yet */
	gsize length;
	guint64 *candidates;
	Sighting *sightings; /* of the candidates, by pattern */
} Reading;

struct CueIndex {
	GPtrArray *patterns; /* of Pattern, cue by cue */
	guint *ends;         /* per cue the number of its last pattern, and one */
	guint cues;
	Prefilter *prefilter;
	Reading readings[READINGS];
	guint oldest;
};

CueIndex *
cue_index_new(guint cues)
{
	CueIndex *index = g_new0(CueIndex, 1);
	index->patterns = g_ptr_array_new();
	index->ends = g_new0(guint, cues);
	index->cues = cues;
	index->prefilter = prefilter_new();
	return index;
}

void
cue_index_free(CueIndex *index)
{
	if (index == NULL)
		return;
	for (guint i = 0; i < READINGS; i++) {
		g_free(index->readings[i].text);
		g_free(index->readings[i].candidates);
		g_free(index->readings[i].sightings);
	}
	prefilter_free(index->prefilter);
	g_ptr_array_unref(index->patterns);
	g_free(index->ends);
	g_free(index);
}

void
cue_index_add(CueIndex *index, guint cue, Pattern *pattern)
{
	g_ptr_array_add(index->patterns, pattern);
	prefilter_add(index->prefilter, pattern_source(pattern));
	for (guint i = cue; i < index->cues; i++)
		index->ends[i] = index->patterns->len;
}

void
cue_index_finish(CueIndex *index)
{
	prefilter_finish(index->prefilter);
	for (guint i = 0; i < READINGS; i++) {
		Reading *reading = &index->readings[i];
		reading->candidates =
		        g_new0(guint64, prefilter_words(index->prefilter));
		reading->sightings = g_new0(Sighting, index->patterns->len + 1);
	}
}

static guint
first_of(const CueIndex *index, guint cue)
{
	return cue > 0 ? index->ends[cue - 1] : 0;
}

/* Take a text in place of the one that was read longest ago. */
static Reading *
read_text(CueIndex *index, const char *text, gsize length)
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
reading_of(CueIndex *index, const char *text, gsize length)
{
	for (guint i = 0; i < READINGS; i++) {
		Reading *reading = &index->readings[i];
		if (reading->text != NULL && reading->length == length &&
		        memcmp(reading->text, text, length) == 0)
			return reading;
	}
	return read_text(index, text, length);
}

/* Were a pattern asked anew for each hit of the others, one that is never found would read the
 * whole text each time. */
static const Sighting *
sight(const CueIndex *index, const Reading *reading, guint number, gsize from)
{
	Sighting *sighting = &reading->sightings[number];
	if (sighting->asked && sighting->from <= from &&
	        (!sighting->found || sighting->start >= from))
		return sighting;
	gsize start = from, end = 0;
	sighting->asked = TRUE;
	sighting->from = (guint32)from;
	sighting->found = pattern_find(index->patterns->pdata[number], reading->text,
	        reading->length, &start, &end);
	sighting->start = (guint32)start;
	sighting->end = (guint32)end;
	return sighting;
}

gboolean
cue_index_find(CueIndex *index, guint cue, const char *text, gsize length, gsize *start,
        gsize *end)
{
	guint number = first_of(index, cue);
	const Sighting *best = NULL;
	if (*start > length || number == index->ends[cue])
		return FALSE;
	const Reading *reading = reading_of(index, text, length);
	for (; prefilter_next(index->prefilter, reading->candidates, &number) &&
	        number < index->ends[cue];
	        number++) {
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

static gboolean
matches(Pattern *pattern, const char *text, gsize length)
{
	gsize start = 0, end = 0;
	return pattern_find_once(pattern, text, length, &start, &end);
}

gboolean
cue_index_check(CueIndex *index, guint cue, const GPtrArray *patterns, const char *text,
        gsize length, gboolean wanted)
{
	const Reading *reading = read_text(index, text, length);
	for (guint i = first_of(index, cue); i < index->ends[cue]; i++) {
		guint next = i;
		Pattern *pattern = index->patterns->pdata[i];
		gboolean tried =
		        prefilter_next(index->prefilter, reading->candidates, &next) &&
		        next == i;
		if ((!tried && !wanted) ||
		        !g_ptr_array_find((GPtrArray *)patterns, pattern, NULL) ||
		        !matches(pattern, text, length))
			continue;
		if (!tried)
			prefilter_always(index->prefilter, i);
		return TRUE;
	}
	return FALSE;
}
