#include "rules/prefilter.h"

#include <string.h>

/* A letter more makes a literal this many times as rare in mails: two bits, guessed low. */
#define LETTER_BITS 2
#define RARE_LENGTH 10

typedef struct {
	guint32 first; /* of its sets */
	guint8 count;  /* of its sets; 0: it is always a candidate */
} Entry;

/* A set of small numbers. */
typedef guint64 *Bits;
#define BITS_WORD 64

/* Where a match may begin. */
typedef struct {
	guint32 first, last;
} Span;

/* The literals of one set of a pattern. */
typedef struct {
	guint32 first, count;
	guint32 least, most; /* bytes between the start of a match and the literal */
} Set;

/* What stands before the literals of a set. */
typedef struct {
	guint32 count, least, most;
} Need;

#define NEED_WORDS (sizeof(Need) / sizeof(guint32))
/* Before the sets of a pattern. */
enum { NEEDS_PATTERN, NEEDS_SETS, NEEDS_WORDS };

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
	guint32 *patterns; /* by where their needs begin */
	/* of each pattern its number and how many sets it has, of each of these a Need and its
	 * literals: what is asked together lies together */
	guint32 *needs;
	guint32 *needs_of; /* by pattern where they begin, and where all end */
	/* bits of one selection: of the literals those that stand, of the patterns those that were
	 * looked at, and those that are candidates; few cache lines say no to most. And of the
	 * literals those that patterns stand under. */
	Bits standing, asked, chosen, leading;
	Span *spans;      /* by pattern that is a candidate */
	const View *open; /* whose literals stand */
};

static Bits
bits_new(guint count)
{
	return g_new0(guint64, count / BITS_WORD + 1);
}

static inline gboolean
bits_have(const guint64 *bits, guint number)
{
	return (bits[number / BITS_WORD] >> number % BITS_WORD & 1) != 0;
}

static inline void
bits_add(Bits bits, guint number)
{
	bits[number / BITS_WORD] |= (guint64)1 << number % BITS_WORD;
}

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
	g_clear_pointer(&prefilter->sets, g_array_unref);
	g_clear_pointer(&prefilter->literals, g_array_unref);
	g_array_unref(prefilter->always);
	g_free(prefilter->starts);
	g_free(prefilter->patterns);
	g_free(prefilter->needs);
	g_free(prefilter->needs_of);
	g_free(prefilter->standing);
	g_free(prefilter->asked);
	g_free(prefilter->chosen);
	g_free(prefilter->leading);
	g_free(prefilter->spans);
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
	Entry entry = { prefilter->sets->len, 0 };
	guint number = prefilter->entries->len;
	for (guint i = 0; alternative != NULL && i < alternative->count; i++)
		add_set(prefilter, reading, &alternative->sets[i]);
	entry.count = (guint8)(prefilter->sets->len - entry.first);
	g_array_append_val(prefilter->entries, entry);
	if (entry.count == 0)
		g_array_append_val(prefilter->always, number);
	return number;
}

/* The place of the first number in a row of them that is this one or a later one. */
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
	if (prefilter->needs != NULL)
		prefilter->needs[prefilter->needs_of[number] + NEEDS_SETS] = 0;
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

/* Its place becomes the last: what is looked at for it has it for sure, and is asked for the
 * others first. */
static const Set *
rarest_set(Prefilter *prefilter, const Entry *entry, const guint32 *uses)
{
	Set *sets = &g_array_index(prefilter->sets, Set, entry->first);
	guint rarest = 0, behind = entry->count - 1u;
	guint64 least = frequency(prefilter, &sets[0], uses);
	for (guint i = 1; i < entry->count; i++) {
		guint64 expected = frequency(prefilter, &sets[i], uses);
		if (expected >= least)
			continue;
		rarest = i;
		least = expected;
	}
	Set set = sets[rarest];
	sets[rarest] = sets[behind];
	sets[behind] = set;
	return &sets[behind];
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
			                           1]++] = prefilter->needs_of[i];
}

/* Where the needs of each pattern begin. */
static void
place_needs(Prefilter *prefilter)
{
	guint count = prefilter->entries->len;
	guint32 place = 0;
	prefilter->needs_of = g_new(guint32, count + 1);
	for (guint i = 0; i < count; i++) {
		const Entry *entry = entry_at(prefilter, i);
		prefilter->needs_of[i] = place;
		place += NEEDS_WORDS;
		for (guint j = 0; j < entry->count; j++)
			place += (guint32)NEED_WORDS +
			         set_of(prefilter, entry, j)->count;
	}
	prefilter->needs_of[count] = place;
}

static void
fill_needs(Prefilter *prefilter)
{
	guint count = prefilter->entries->len;
	guint32 *at = g_new(guint32, prefilter->needs_of[count] + 1);
	prefilter->needs = at;
	for (guint i = 0; i < count; i++) {
		const Entry *entry = entry_at(prefilter, i);
		at[NEEDS_PATTERN] = i;
		at[NEEDS_SETS] = entry->count;
		at += NEEDS_WORDS;
		for (guint j = 0; j < entry->count; j++) {
			const Set *set = set_of(prefilter, entry, j);
			const Need need = { set->count, set->least, set->most };
			memcpy(at, &need, sizeof need);
			memcpy(at + NEED_WORDS,
			        &g_array_index(
			                prefilter->literals, guint32, set->first),
			        set->count * sizeof *at);
			at += NEED_WORDS + set->count;
		}
	}
}

void
prefilter_finish(Prefilter *prefilter)
{
	g_autofree guint32 *uses =
	        g_new0(guint32, automaton_count(prefilter->automaton) + 1);
	for (guint i = 0; i < prefilter->literals->len; i++)
		uses[g_array_index(prefilter->literals, guint32, i)]++;
	place_needs(prefilter);
	index_patterns(prefilter, uses);
	fill_needs(prefilter);
	g_clear_pointer(&prefilter->sets, g_array_unref);
	g_clear_pointer(&prefilter->literals, g_array_unref);
	automaton_finish(prefilter->automaton);
	prefilter->standing = bits_new(automaton_count(prefilter->automaton));
	prefilter->leading = bits_new(automaton_count(prefilter->automaton));
	for (guint i = 0; i < automaton_count(prefilter->automaton); i++)
		if (prefilter->starts[i] < prefilter->starts[i + 1])
			bits_add(prefilter->leading, i);
	prefilter->asked = bits_new(prefilter->entries->len);
	prefilter->chosen = bits_new(prefilter->entries->len);
	prefilter->spans = g_new(Span, prefilter->entries->len);
}

/* Narrow where a match may begin to what one of its sets allows; FALSE when that is nowhere. */
static gboolean
narrow(const Prefilter *prefilter, const View *view, const Need *need, Span *span)
{
	const guint32 *literals = (const guint32 *)(need + 1);
	gint64 first = G_MAXINT64, last = -1;
	for (guint i = 0; i < need->count; i++) {
		if (!bits_have(prefilter->standing, literals[i]))
			continue;
		const Sight *sight = view_sight(view, literals[i]);
		first = MIN(first, sight->first);
		last = MAX(last, sight->last);
	}
	if (need->most < LITERAL_FAR)
		first -= need->most;
	else
		first = MIN(first, 0);
	last -= need->least;
	span->first = (guint32)MAX(first, span->first);
	span->last = (guint32)MIN(MAX(last, 0), span->last);
	return last >= 0 && span->first <= span->last;
}

/* At the pattern whose needs these are. */
static void
look_at(Prefilter *prefilter, const View *view, const guint32 *needs)
{
	Span span = { 0, view->length };
	guint32 pattern = needs[NEEDS_PATTERN], sets = needs[NEEDS_SETS];
	gboolean fits = sets > 0 && !bits_have(prefilter->asked, pattern);
	bits_add(prefilter->asked, pattern);
	needs += NEEDS_WORDS;
	for (; fits && sets > 0; sets--) {
		const Need *need = (const Need *)needs;
		fits = narrow(prefilter, view, need, &span);
		needs += NEED_WORDS + need->count;
	}
	if (!fits)
		return;
	bits_add(prefilter->chosen, pattern);
	prefilter->spans[pattern] = span;
}

/* Several groups are asked of a text in a row. */
static void
open_view(Prefilter *prefilter, const View *view)
{
	guint words = automaton_count(prefilter->automaton) / BITS_WORD + 1;
	memset(prefilter->standing, 0, words * sizeof *prefilter->standing);
	for (guint i = 0; i < view->count; i++)
		bits_add(prefilter->standing, view->sights[i].literal);
	prefilter->open = view;
}

void
prefilter_scan(Prefilter *prefilter, const char *text, gsize length, View *view)
{
	automaton_scan(prefilter->automaton, text, length, view);
	open_view(prefilter, view);
}

/* Look at the patterns that stand under a literal. */
static void
select_by(Prefilter *prefilter, const View *view, guint literal, guint from, guint to)
{
	const guint32 *patterns = prefilter->patterns + prefilter->starts[literal];
	guint count = prefilter->starts[literal + 1] - prefilter->starts[literal];
	guint32 begin = prefilter->needs_of[from], end = prefilter->needs_of[to];
	for (guint i = place_of(patterns, count, begin); i < count && patterns[i] < end;
	        i++)
		look_at(prefilter, view, prefilter->needs + patterns[i]);
}

static void
select_always(Prefilter *prefilter, const View *view, guint from, guint to)
{
	const guint32 *always = (const guint32 *)(gpointer)prefilter->always->data;
	guint count = prefilter->always->len;
	for (guint i = place_of(always, count, from); i < count && always[i] < to;
	        i++) {
		bits_add(prefilter->chosen, always[i]);
		prefilter->spans[always[i]] = (Span){ 0, view->length };
	}
}

/* The chosen ones in order, and forget what was looked at. */
static guint
take_chosen(Prefilter *prefilter, guint from, guint to, PrefilterCandidate *candidates)
{
	guint count = 0;
	for (guint word = from / BITS_WORD; word * BITS_WORD < to; word++) {
		guint64 chosen = prefilter->chosen[word];
		prefilter->chosen[word] = prefilter->asked[word] = 0;
		for (; chosen != 0; chosen &= chosen - 1) {
			guint pattern =
			        word * BITS_WORD + (guint)__builtin_ctzll(chosen);
			const Span *span = &prefilter->spans[pattern];
			candidates[count++] = (PrefilterCandidate){ pattern,
				span->first, span->last };
		}
	}
	return count;
}

guint
prefilter_select(Prefilter *prefilter, const View *view, guint from, guint to,
        PrefilterCandidate *candidates)
{
	if (view != prefilter->open) {
		view_open(view);
		open_view(prefilter, view);
	}
	select_always(prefilter, view, from, to);
	for (guint i = 0; i < view->count; i++)
		if (bits_have(prefilter->leading, view->sights[i].literal))
			select_by(prefilter, view, view->sights[i].literal, from, to);
	return take_chosen(prefilter, from, to, candidates);
}
