#include "rules/pattern_index.h"

#include <string.h>

#include "rules/literal.h"
#include "rules/prefilter.h"

/* Many groups are asked of one text before the next; a mail's words and its subject in turn. Short
 * ones, such as a date's surroundings, come by the dozen and must not drive out the long. */
#define LONG_READINGS 8
#define SHORT_READINGS 4
#define READINGS (LONG_READINGS + SHORT_READINGS)
#define SHORT_TEXT 256
/* Of a text with so few words only the group that is asked for is selected: it may be a date's or
 * an address's surroundings, of which nothing else is asked. */
#define FEW_WORDS 64
#define ALL_GROUPS G_MAXUINT

/* One alternative of a pattern. */
typedef struct {
	Pattern *
	        pattern; /* the whole one where it has no others; NULL: nothing to find */
	Pattern *whole;
	guint group;
} Alternative;

/* What is known of an alternative in a text: where it may begin, and where it is found next from a
 * place on. */
typedef struct {
	PrefilterCandidate candidate;
	guint32 from, start, end;
	gboolean asked, found;
} Sighting;

/* The candidates of one group, or of all. */
typedef struct {
	guint group;
	guint first, count; /* of the sightings */
} Selection;

/* A text, and the alternatives that may match it. */
typedef struct {
	char *text; /* NULL: none yet */
	gsize length;
	View view;
	GArray *sightings;  /* of Sighting, selection by selection */
	GArray *selections; /* of Selection */
} Reading;

struct PatternIndex {
	GArray *alternatives; /* of Alternative, group by group */
	GArray *firsts;       /* of guint: per group its first alternative */
	Prefilter *prefilter;
	PrefilterCandidate *candidates; /* room for those of one text */
	Reading readings[READINGS];
	Reading *last;                   /* that was asked for: mostly it is again */
	guint oldest_long, oldest_short; /* the latter behind all the long ones */
	guint64 tried;
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
	for (guint i = 0; i < READINGS; i++) {
		Reading *reading = &index->readings[i];
		reading->sightings = g_array_new(FALSE, TRUE, sizeof(Sighting));
		reading->selections = g_array_new(FALSE, FALSE, sizeof(Selection));
	}
	return index;
}

void
pattern_index_free(PatternIndex *index)
{
	if (index == NULL)
		return;
	for (guint i = 0; i < READINGS; i++) {
		g_free(index->readings[i].text);
		view_clear(&index->readings[i].view);
		g_array_unref(index->readings[i].sightings);
		g_array_unref(index->readings[i].selections);
	}
	prefilter_free(index->prefilter);
	g_free(index->candidates);
	g_array_unref(index->alternatives);
	g_array_unref(index->firsts);
	g_free(index);
}

void
pattern_index_add(PatternIndex *index, guint group, Pattern *pattern)
{
	while (index->firsts->len <= group)
		g_array_append_val(index->firsts, index->alternatives->len);
	Alternative whole = { pattern, pattern, group };
	g_autoptr(LiteralReading) read =
	        pattern != NULL ? literal_read(pattern_source(pattern)) : NULL;
	guint count = read != NULL ? read->alternatives->len : 1;
	for (guint i = 0; i < count; i++) {
		const LiteralAlternative *one =
		        read != NULL ? &g_array_index(read->alternatives,
		                               LiteralAlternative, i)
		                     : NULL;
		Alternative part = whole;
		if (count > 1)
			part.pattern = pattern_defer(one->source, one->length);
		prefilter_add(index->prefilter, read, one);
		g_array_append_val(index->alternatives, part);
	}
}

void
pattern_index_finish(PatternIndex *index)
{
	prefilter_finish(index->prefilter);
	index->candidates = g_new(PrefilterCandidate, index->alternatives->len + 1);
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

/* The reading of that kind that was made longest ago. */
static Reading *
oldest(PatternIndex *index, gsize length)
{
	if (length > SHORT_TEXT) {
		index->oldest_long = (index->oldest_long + 1) % LONG_READINGS;
		return &index->readings[index->oldest_long];
	}
	index->oldest_short = (index->oldest_short + 1) % SHORT_READINGS;
	return &index->readings[LONG_READINGS + index->oldest_short];
}

/* Take a text in its place. */
static Reading *
read_text(PatternIndex *index, const char *text, gsize length)
{
	Reading *reading = oldest(index, length);
	g_free(reading->text);
	reading->text = g_strndup(text, length);
	reading->length = length;
	prefilter_scan(index->prefilter, text, length, &reading->view);
	g_array_set_size(reading->sightings, 0);
	g_array_set_size(reading->selections, 0);
	return reading;
}

static gboolean
is_of(const Reading *reading, const char *text, gsize length)
{
	return reading->text != NULL && reading->length == length &&
	       memcmp(reading->text, text, length) == 0;
}

static Reading *
reading_of(PatternIndex *index, const char *text, gsize length)
{
	if (index->last != NULL && is_of(index->last, text, length))
		return index->last;
	for (guint i = 0; i < READINGS; i++)
		if (is_of(&index->readings[i], text, length))
			return index->last = &index->readings[i];
	return index->last = read_text(index, text, length);
}

static Sighting *
sighting_at(const Reading *reading, guint place)
{
	return &g_array_index(reading->sightings, Sighting, place);
}

static guint
pattern_at(const Reading *reading, guint place)
{
	return sighting_at(reading, place)->candidate.pattern;
}

/* What is selected of the reading that holds the group; NULL: nothing yet. */
static const Selection *
find_selection(const Reading *reading, guint group)
{
	for (guint i = 0; i < reading->selections->len; i++) {
		const Selection *known =
		        &g_array_index(reading->selections, Selection, i);
		if (known->group == group || known->group == ALL_GROUPS)
			return known;
	}
	return NULL;
}

static const Selection *
select_group(PatternIndex *index, Reading *reading, guint group)
{
	const Selection *known = find_selection(reading, group);
	if (known != NULL)
		return known;
	gboolean all = group == ALL_GROUPS || reading->view.count > FEW_WORDS;
	Selection selection = { all ? ALL_GROUPS : group, reading->sightings->len, 0 };
	selection.count = prefilter_select(index->prefilter, &reading->view,
	        all ? 0 : first_of(index, group),
	        all ? index->alternatives->len : first_of(index, group + 1),
	        index->candidates);
	g_array_set_size(reading->sightings, selection.first + selection.count);
	for (guint i = 0; i < selection.count; i++)
		*sighting_at(reading, selection.first + i) =
		        (Sighting){ .candidate = index->candidates[i] };
	g_array_append_val(reading->selections, selection);
	return find_selection(reading, group);
}

/* The place of the selection's first sighting that is of this alternative or of a later one. */
static guint
place_of(const Reading *reading, const Selection *selection, guint number)
{
	guint low = selection->first, high = low + selection->count;
	while (low < high) {
		guint middle = (low + high) / 2;
		if (pattern_at(reading, middle) < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The places of a group's sightings in a reading. */
typedef struct {
	guint at, end;
} Places;

static Places
places_of(PatternIndex *index, Reading *reading, guint group)
{
	const Selection *selection = select_group(index, reading, group);
	return (Places){ place_of(reading, selection, first_of(index, group)),
		place_of(reading, selection, first_of(index, group + 1)) };
}

gboolean
pattern_index_next(PatternIndex *index, const char *text, gsize length, guint *group)
{
	Reading *reading = reading_of(index, text, length);
	const Selection *all = select_group(index, reading, ALL_GROUPS);
	guint place = place_of(reading, all, first_of(index, *group));
	if (place >= all->first + all->count)
		return FALSE;
	*group = alternative_at(index, pattern_at(reading, place))->group;
	return TRUE;
}

gboolean
pattern_index_may(PatternIndex *index, guint group, const char *text, gsize length)
{
	Places places = places_of(index, reading_of(index, text, length), group);
	return places.at < places.end;
}

/* Were an alternative asked anew for each hit of the others, one that is never found would read
 * the whole text each time. */
static const Sighting *
sight(PatternIndex *index, const Reading *reading, guint place, gsize from)
{
	Sighting *sighting = sighting_at(reading, place);
	const PrefilterCandidate *candidate = &sighting->candidate;
	Pattern *pattern = alternative_at(index, candidate->pattern)->pattern;
	if (sighting->asked && sighting->from <= from &&
	        (!sighting->found || sighting->start >= from))
		return sighting;
	gsize start = MAX(from, candidate->first), end = 0;
	index->tried++;
	sighting->asked = TRUE;
	sighting->from = (guint32)from;
	sighting->found = pattern != NULL &&
	                  pattern_find_within(pattern, reading->text, reading->length,
	                          candidate->last, &start, &end);
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
	Reading *reading = reading_of(index, text, length);
	for (Places places = places_of(index, reading, group); places.at < places.end;
	        places.at++) {
		const Sighting *sighting = sight(index, reading, places.at, *start);
		if (sighting->found && (best == NULL || sighting->start < best->start))
			best = sighting;
	}
	if (best == NULL)
		return FALSE;
	*start = best->start;
	*end = best->end;
	return TRUE;
}

guint64
pattern_index_tried(const PatternIndex *index)
{
	return index->tried;
}

void
pattern_index_always(PatternIndex *index, guint group)
{
	for (guint i = first_of(index, group); i < first_of(index, group + 1); i++)
		prefilter_always(index->prefilter, i);
}

/* Whether any alternative of a pattern is a candidate for what was read, and between which
 * places it may begin. */
static gboolean
is_tried(const PatternIndex *index, const Reading *reading, Places places,
        const Pattern *whole, PrefilterCandidate *span)
{
	gboolean tried = FALSE;
	for (; places.at < places.end; places.at++) {
		const PrefilterCandidate *one =
		        &sighting_at(reading, places.at)->candidate;
		if (alternative_at(index, one->pattern)->whole != whole)
			continue;
		span->first = tried ? MIN(span->first, one->first) : one->first;
		span->last = tried ? MAX(span->last, one->last) : one->last;
		tried = TRUE;
	}
	return tried;
}

static gboolean
matches(Pattern *pattern, const char *text, gsize length, PrefilterCandidate span)
{
	gsize start = span.first, end = 0;
	return pattern_find_once_within(pattern, text, length, span.last, &start, &end);
}

gboolean
pattern_index_check(PatternIndex *index, guint group, const GPtrArray *patterns,
        const char *text, gsize length, gboolean wanted)
{
	Reading *reading = read_text(index, text, length);
	Places places = places_of(index, reading, group);
	PrefilterCandidate span, all = { 0, 0, (guint32)length };
	for (guint i = 0; i < patterns->len; i++) {
		Pattern *pattern = patterns->pdata[i];
		if (is_tried(index, reading, places, pattern, &span) &&
		        matches(pattern, text, length, span))
			return TRUE;
	}
	/* none of those that are tried: one that the filter keeps from it? */
	for (guint i = 0; wanted && i < patterns->len; i++) {
		if (!matches(patterns->pdata[i], text, length, all))
			continue;
		pattern_index_always(index, group);
		return TRUE;
	}
	return FALSE;
}
