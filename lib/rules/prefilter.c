#include "rules/prefilter.h"

/* A letter more makes a literal this many times as rare in mails: two bits, guessed low. */
#define LETTER_BITS 2
#define RARE_LENGTH 10
#define FEW_CANDIDATES 20

typedef struct {
	guint64 asked; /* the selection that looked at it last */
	guint32 first; /* of its sets */
	guint8 count;  /* of its sets; 0: it is always a candidate */
} Entry;

/* The literals of one set of a pattern. */
typedef struct {
	guint32 first, count;
	guint32 least, most; /* bytes between the start of a match and the literal */
} Set;

struct Prefilter {
	Automaton *automaton;
	GArray *entries;  /* of Entry, by pattern */
	GArray *sets;     /* of Set */
	GArray *literals; /* of guint32: numbers of the automaton's */
	GArray *always;   /* of guint32: patterns, in order */
	/* per literal the patterns that are looked at when it stands, those of number i from
	 * starts[i] on: each pattern under the literals of its rarest set alone, since a word that
	 * all of a large catalogue shares would name all of it in every mail */
	guint32 *starts;
	guint32 *patterns;
	guint64 selections;
};

Prefilter *
prefilter_new(void)
{
	Prefilter *prefilter = g_new0(Prefilter, 1);
	prefilter->automaton = automaton_new();
	prefilter->entries = g_array_new(FALSE, FALSE, sizeof(Entry));
	prefilter->sets = g_array_new(FALSE, FALSE, sizeof(Set));
	prefilter->literals = g_array_new(FALSE, FALSE, sizeof(guint32));
	prefilter->always = g_array_new(FALSE, FALSE, sizeof(guint32));
	return prefilter;
}

void
prefilter_free(Prefilter *prefilter)
{
	if (prefilter == NULL)
		return;
	automaton_free(prefilter->automaton);
	g_array_unref(prefilter->entries);
	g_array_unref(prefilter->sets);
	g_array_unref(prefilter->literals);
	g_array_unref(prefilter->always);
	g_free(prefilter->starts);
	g_free(prefilter->patterns);
	g_free(prefilter);
}

static Entry *
entry_at(const Prefilter *prefilter, guint32 pattern)
{
	return &g_array_index(prefilter->entries, Entry, pattern);
}

static const Set *
set_of(const Prefilter *prefilter, const Entry *entry, guint number)
{
	return &g_array_index(prefilter->sets, Set, entry->first + number);
}

static guint32
literal_of(const Prefilter *prefilter, const Set *set, guint number)
{
	return g_array_index(prefilter->literals, guint32, set->first + number);
}

static void
add_set(Prefilter *prefilter, const LiteralReading *reading, const LiteralSet *from)
{
	Set set = { prefilter->literals->len, from->count, from->least, from->most };
	for (guint i = 0; i < from->count; i++) {
		guint32 literal = automaton_add(prefilter->automaton,
		        &g_array_index(reading->literals, Literal, from->first + i));
		g_array_append_val(prefilter->literals, literal);
	}
	g_array_append_val(prefilter->sets, set);
}

guint
prefilter_add(Prefilter *prefilter, const LiteralReading *reading,
        const LiteralAlternative *alternative)
{
	Entry entry = { 0, prefilter->sets->len, 0 };
	guint number = prefilter->entries->len;
	for (guint i = 0; alternative != NULL && i < alternative->count; i++)
		add_set(prefilter, reading, &alternative->sets[i]);
	entry.count = (guint8)(prefilter->sets->len - entry.first);
	g_array_append_val(prefilter->entries, entry);
	if (entry.count == 0)
		g_array_append_val(prefilter->always, number);
	return number;
}

/* The place of the first pattern in a row of them that is this one or a later one. */
static guint
place_of(const guint32 *patterns, guint count, guint pattern)
{
	guint low = 0, high = count;
	while (low < high) {
		guint middle = (low + high) / 2;
		if (patterns[middle] < pattern)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void
prefilter_always(Prefilter *prefilter, guint number)
{
	Entry *entry = entry_at(prefilter, number);
	if (entry->count > 0)
		g_array_insert_val(prefilter->always,
		        place_of((const guint32 *)(gpointer)prefilter->always->data,
		                prefilter->always->len, number),
		        number);
	entry->count = 0;
}

guint
prefilter_count(const Prefilter *prefilter)
{
	return prefilter->entries->len;
}

/* How often the literals of a set are expected to stand in vain. */
static guint64
frequency(const Prefilter *prefilter, const Set *set, const guint32 *uses)
{
	guint64 sum = 0;
	for (guint i = 0; i < set->count; i++) {
		guint32 literal = literal_of(prefilter, set, i);
		guint length = automaton_length(prefilter->automaton, literal);
		sum += (guint64)uses[literal]
		       << (RARE_LENGTH - MIN(length, RARE_LENGTH)) * LETTER_BITS;
	}
	return sum;
}

static const Set *
rarest_set(const Prefilter *prefilter, const Entry *entry, const guint32 *uses)
{
	const Set *rarest = set_of(prefilter, entry, 0);
	guint64 least = frequency(prefilter, rarest, uses);
	for (guint i = 1; i < entry->count; i++) {
		const Set *set = set_of(prefilter, entry, i);
		guint64 expected = frequency(prefilter, set, uses);
		if (expected >= least)
			continue;
		rarest = set;
		least = expected;
	}
	return rarest;
}

/* Put each pattern under the literals of its rarest set. */
static void
index_patterns(Prefilter *prefilter, guint32 *uses)
{
	guint count = prefilter->entries->len;
	guint literals = automaton_count(prefilter->automaton);
	g_autofree const Set **rarest = g_new0(const Set *, count + 1);
	guint32 *starts = prefilter->starts = g_new0(guint32, literals + 2);
	for (guint i = 0; i < count; i++) {
		const Entry *entry = entry_at(prefilter, i);
		rarest[i] =
		        entry->count > 0 ? rarest_set(prefilter, entry, uses) : NULL;
		for (guint j = 0; rarest[i] != NULL && j < rarest[i]->count; j++)
			starts[literal_of(prefilter, rarest[i], j) + 2]++;
	}
	for (guint i = 1; i < literals + 2; i++)
		starts[i] += starts[i - 1];
	prefilter->patterns = g_new(guint32, starts[literals + 1] + 1);
	for (guint i = 0; i < count; i++)
		for (guint j = 0; rarest[i] != NULL && j < rarest[i]->count; j++)
			prefilter->patterns[starts[literal_of(prefilter, rarest[i], j) +
			                           1]++] = i;
}

void
prefilter_finish(Prefilter *prefilter)
{
	g_autofree guint32 *uses =
	        g_new0(guint32, automaton_count(prefilter->automaton) + 1);
	for (guint i = 0; i < prefilter->literals->len; i++)
		uses[g_array_index(prefilter->literals, guint32, i)]++;
	index_patterns(prefilter, uses);
	automaton_finish(prefilter->automaton);
}

/* Narrow where a match may begin to what one of its sets allows; FALSE when that is nowhere. */
static gboolean
narrow(const Prefilter *prefilter, const View *view, const Set *set,
        PrefilterCandidate *candidate)
{
	gint64 first = G_MAXINT64, last = -1;
	for (guint i = 0; i < set->count; i++) {
		const Sight *sight = view_sight(view, literal_of(prefilter, set, i));
		if (sight == NULL)
			continue;
		first = MIN(first, sight->first);
		last = MAX(last, sight->last);
	}
	if (set->most < LITERAL_FAR)
		first -= set->most;
	else
		first = MIN(first, 0);
	last -= set->least;
	candidate->first = (guint32)MAX(first, candidate->first);
	candidate->last = (guint32)MIN(MAX(last, 0), candidate->last);
	return last >= 0 && candidate->first <= candidate->last;
}

static void
look_at(Prefilter *prefilter, const View *view, guint32 pattern, GArray *candidates)
{
	Entry *entry = entry_at(prefilter, pattern);
	PrefilterCandidate candidate = { pattern, 0, view->length };
	gboolean fits = entry->asked != prefilter->selections && entry->count > 0;
	entry->asked = prefilter->selections;
	for (guint i = 0; fits && i < entry->count; i++)
		fits = narrow(prefilter, view, set_of(prefilter, entry, i), &candidate);
	if (fits)
		g_array_append_val(candidates, candidate);
}

static int
compare_candidates(gconstpointer one, gconstpointer other)
{
	guint32 left = ((const PrefilterCandidate *)one)->pattern;
	guint32 right = ((const PrefilterCandidate *)other)->pattern;
	return (left > right) - (left < right);
}

/* Mostly there are less than ten, for which GLib's sort takes longer than all the rest. */
static void
sort_candidates(GArray *candidates)
{
	PrefilterCandidate *row = (PrefilterCandidate *)(gpointer)candidates->data;
	if (candidates->len > FEW_CANDIDATES) {
		g_array_sort(candidates, compare_candidates);
		return;
	}
	for (guint i = 1; i < candidates->len; i++) {
		PrefilterCandidate moved = row[i];
		guint place = i;
		for (; place > 0 && row[place - 1].pattern > moved.pattern; place--)
			row[place] = row[place - 1];
		row[place] = moved;
	}
}

void
prefilter_scan(const Prefilter *prefilter, const char *text, gsize length, View *view)
{
	automaton_scan(prefilter->automaton, text, length, view);
}

/* Those that are looked at when a literal stands. */
static void
select_by(Prefilter *prefilter, const View *view, guint literal, guint from, guint to,
        GArray *candidates)
{
	const guint32 *patterns = prefilter->patterns + prefilter->starts[literal];
	guint count = prefilter->starts[literal + 1] - prefilter->starts[literal];
	for (guint i = place_of(patterns, count, from); i < count && patterns[i] < to;
	        i++)
		look_at(prefilter, view, patterns[i], candidates);
}

void
prefilter_select(Prefilter *prefilter, const View *view, guint from, guint to,
        GArray *candidates)
{
	const guint32 *always = (const guint32 *)(gpointer)prefilter->always->data;
	guint count = prefilter->always->len;
	prefilter->selections++;
	view_open(view);
	for (guint i = place_of(always, count, from); i < count && always[i] < to;
	        i++) {
		PrefilterCandidate candidate = { always[i], 0, view->length };
		g_array_append_val(candidates, candidate);
	}
	for (guint i = 0; i < view->count; i++)
		select_by(
		        prefilter, view, view->sights[i].literal, from, to, candidates);
	sort_candidates(candidates);
}
