#include "rules/prefilter.h"

#include <string.h>

#include "rules/literal.h"

/* States are numbered in 16 bits; patterns beyond that are always tried. */
#define STATES_MAX 60000
#define SYMBOLS_MAX 256
#define NONE G_MAXUINT32
#define CANDIDATE_BITS 64

typedef struct {
	guint32 output;  /* the first of its outputs, or NONE */
	guint16 failure; /* the state of the longest proper suffix */
	guint16 shorter; /* the nearest state along the failures that has outputs; 0: none */
} State;

typedef struct {
	guint32 pattern;
	guint32 next; /* or NONE */
	guint8 set;   /* one bit: which of the pattern's sets it is of */
} Output;

/* The sets of one pattern, a bit for each. */
typedef struct {
	guint8 wanted;
	guint8 found; /* while a text is read: so far */
} Sets;

G_STATIC_ASSERT(LITERAL_SETS_MAX <= 8);

struct Prefilter {
	GPtrArray *literals;        /* per pattern: its sets, or NULL: always */
	GArray *sets;               /* of Sets: the same */
	guint8 symbol[SYMBOLS_MAX]; /* of a byte; 0: in no literal */
	guint symbols;
	GArray *states;  /* of State; 0 is the root */
	GArray *outputs; /* of Output */
	guint16 *next;   /* [state * symbols + symbol] */
	guint room;      /* states that next has room for */
	guint64 *always; /* the candidates of every text */
	/* the patterns of which sets were found, so that a scan costs nothing for those it does not
	 * meet; there is room for all */
	guint32 *touched;
	guint touched_count;
	/* per state the last scan that named its outputs: a word said often is named once */
	guint32 *named;
	guint32 scans;
};

static void
literals_free(gpointer literals)
{
	if (literals != NULL)
		g_ptr_array_unref(literals);
}

Prefilter *
prefilter_new(void)
{
	Prefilter *prefilter = g_new0(Prefilter, 1);
	prefilter->literals = g_ptr_array_new_with_free_func(literals_free);
	prefilter->sets = g_array_new(FALSE, TRUE, sizeof(Sets));
	prefilter->states = g_array_new(FALSE, TRUE, sizeof(State));
	prefilter->outputs = g_array_new(FALSE, TRUE, sizeof(Output));
	return prefilter;
}

void
prefilter_free(Prefilter *prefilter)
{
	if (prefilter == NULL)
		return;
	g_ptr_array_unref(prefilter->literals);
	g_array_unref(prefilter->sets);
	g_array_unref(prefilter->states);
	g_array_unref(prefilter->outputs);
	g_free(prefilter->touched);
	g_free(prefilter->next);
	g_free(prefilter->always);
	g_free(prefilter->named);
	g_free(prefilter);
}

guint
prefilter_add(Prefilter *prefilter, GPtrArray *sets)
{
	gboolean any = sets != NULL && sets->len > 0;
	Sets bits = { (guint8)(any ? (1u << sets->len) - 1 : 0), 0 };
	g_ptr_array_add(prefilter->literals, any ? g_ptr_array_ref(sets) : NULL);
	g_array_append_val(prefilter->sets, bits);
	return prefilter->literals->len - 1;
}

static void
set_candidate(guint64 *candidates, guint number)
{
	candidates[number / CANDIDATE_BITS] |= G_GUINT64_CONSTANT(1)
	                                       << (number % CANDIDATE_BITS);
}

void
prefilter_always(Prefilter *prefilter, guint number)
{
	g_clear_pointer(
	        (GPtrArray **)&prefilter->literals->pdata[number], g_ptr_array_unref);
	if (prefilter->always != NULL)
		set_candidate(prefilter->always, number);
}

guint
prefilter_count(const Prefilter *prefilter)
{
	return prefilter->literals->len;
}

gsize
prefilter_words(const Prefilter *prefilter)
{
	return prefilter->literals->len / CANDIDATE_BITS + 1;
}

static State *
state_at(const Prefilter *prefilter, guint state)
{
	return &g_array_index(prefilter->states, State, state);
}

static guint16 *
step(const Prefilter *prefilter, guint state, guint symbol)
{
	return &prefilter->next[state * prefilter->symbols + symbol];
}

static void
number_symbols_of(Prefilter *prefilter, const GPtrArray *literals)
{
	for (guint i = 0; i < literals->len; i++) {
		for (const guchar *at = literals->pdata[i]; *at != '\0'; at++) {
			prefilter->room++;
			if (prefilter->symbol[*at] == 0)
				prefilter->symbol[*at] = (guint8)prefilter->symbols++;
		}
	}
}

/* Number the bytes that stand in literals, and count what room their states may need. */
static void
number_symbols(Prefilter *prefilter)
{
	prefilter->symbols = 1;
	prefilter->room = 1;
	for (guint i = 0; i < prefilter->literals->len; i++) {
		const GPtrArray *sets = prefilter->literals->pdata[i];
		for (guint j = 0; sets != NULL && j < sets->len; j++)
			number_symbols_of(prefilter, sets->pdata[j]);
	}
	for (guchar letter = 'A'; letter <= 'Z'; letter++)
		prefilter->symbol[letter] = prefilter->symbol[letter - 'A' + 'a'];
	prefilter->room = MIN(prefilter->room, STATES_MAX);
	prefilter->next = g_new0(guint16, (gsize)prefilter->room * prefilter->symbols);
}

static guint
add_state(Prefilter *prefilter)
{
	State state = { .output = NONE };
	g_array_append_val(prefilter->states, state);
	return prefilter->states->len - 1;
}

/* FALSE when there is no room for it. */
static gboolean
add_literal(Prefilter *prefilter, const char *literal, guint pattern, guint set)
{
	guint state = 0;
	if (prefilter->states->len + strlen(literal) > prefilter->room)
		return FALSE;
	for (const guchar *at = (const guchar *)literal; *at != '\0'; at++) {
		guint16 *next = step(prefilter, state, prefilter->symbol[*at]);
		if (*next == 0)
			*next = (guint16)add_state(prefilter);
		state = *next;
	}
	Output output = { pattern, state_at(prefilter, state)->output,
		(guint8)(1u << set) };
	g_array_append_val(prefilter->outputs, output);
	state_at(prefilter, state)->output = prefilter->outputs->len - 1;
	return TRUE;
}

/* FALSE when there is no room for all of it. */
static gboolean
add_set(Prefilter *prefilter, const GPtrArray *literals, guint pattern, guint set)
{
	for (guint i = 0; i < literals->len; i++)
		if (!add_literal(prefilter, literals->pdata[i], pattern, set))
			return FALSE;
	return TRUE;
}

static void
add_pattern(Prefilter *prefilter, guint pattern)
{
	const GPtrArray *sets = prefilter->literals->pdata[pattern];
	for (guint i = 0; sets != NULL && i < sets->len; i++) {
		if (!add_set(prefilter, sets->pdata[i], pattern, i)) {
			prefilter_always(prefilter, pattern);
			return;
		}
	}
}

static void
link_successor(Prefilter *prefilter, guint state, guint fallback)
{
	State *successor = state_at(prefilter, state);
	const State *suffix = state_at(prefilter, fallback);
	successor->failure = (guint16)fallback;
	successor->shorter =
	        suffix->output != NONE ? (guint16)fallback : suffix->shorter;
}

/* Give a state's successors their failures, and the missing ones the failure's own. */
static void
link_state(Prefilter *prefilter, guint state, GArray *queue)
{
	guint16 *next = step(prefilter, state, 0);
	const guint16 *fallback =
	        step(prefilter, state_at(prefilter, state)->failure, 0);
	for (guint symbol = 1; symbol < prefilter->symbols; symbol++) {
		guint reached = next[symbol];
		if (reached != 0) {
			link_successor(
			        prefilter, reached, state == 0 ? 0 : fallback[symbol]);
			g_array_append_val(queue, reached);
		} else if (state != 0) {
			next[symbol] = fallback[symbol];
		}
	}
}

static void
name_always(Prefilter *prefilter)
{
	prefilter->always = g_new0(guint64, prefilter_words(prefilter));
	for (guint i = 0; i < prefilter->literals->len; i++)
		if (prefilter->literals->pdata[i] == NULL)
			set_candidate(prefilter->always, i);
}

void
prefilter_finish(Prefilter *prefilter)
{
	number_symbols(prefilter);
	add_state(prefilter);
	for (guint i = 0; i < prefilter->literals->len; i++)
		add_pattern(prefilter, i);
	g_autoptr(GArray) queue = g_array_new(FALSE, FALSE, sizeof(guint));
	guint root = 0;
	g_array_append_val(queue, root);
	for (guint i = 0; i < queue->len; i++)
		link_state(prefilter, g_array_index(queue, guint, i), queue);
	name_always(prefilter);
	prefilter->named = g_new0(guint32, prefilter->states->len);
	prefilter->touched = g_new(guint32, prefilter->sets->len + 1);
}

static Sets *
sets_of(const Prefilter *prefilter, guint32 pattern)
{
	return &g_array_index(prefilter->sets, Sets, pattern);
}

static void
name_output(Prefilter *prefilter, const Output *output)
{
	Sets *sets = sets_of(prefilter, output->pattern);
	if (sets->found == 0)
		prefilter->touched[prefilter->touched_count++] = output->pattern;
	sets->found |= output->set;
}

static void
name_outputs(Prefilter *prefilter, guint state)
{
	for (;;) {
		const State *at = state_at(prefilter, state);
		if (prefilter->named[state] == prefilter->scans)
			return;
		prefilter->named[state] = prefilter->scans;
		for (guint32 i = at->output; i != NONE;) {
			const Output *output =
			        &g_array_index(prefilter->outputs, Output, i);
			name_output(prefilter, output);
			i = output->next;
		}
		if (at->shorter == 0)
			return;
		state = at->shorter;
	}
}

static void
scan(Prefilter *prefilter, const char *text, gsize length)
{
	const guint8 *symbol = prefilter->symbol;
	const guint16 *next = prefilter->next;
	const State *states = (const State *)(gpointer)prefilter->states->data;
	gsize state = 0, symbols = prefilter->symbols;
	for (gsize i = 0; i < length; i++) {
		if (text[i] == ' ')
			continue;
		state = next[state * symbols + symbol[(guchar)text[i]]];
		if (states[state].output != NONE || states[state].shorter != 0)
			name_outputs(prefilter, (guint)state);
	}
}

void
prefilter_scan(
        Prefilter *prefilter, const char *text, gsize length, guint64 *candidates)
{
	memcpy(candidates, prefilter->always,
	        prefilter_words(prefilter) * sizeof *candidates);
	if (++prefilter->scans == 0) {
		memset(prefilter->named, 0,
		        prefilter->states->len * sizeof *prefilter->named);
		prefilter->scans = 1;
	}
	scan(prefilter, text, length);
	for (guint i = 0; i < prefilter->touched_count; i++) {
		Sets *sets = sets_of(prefilter, prefilter->touched[i]);
		if (sets->found == sets->wanted)
			set_candidate(candidates, prefilter->touched[i]);
		sets->found = 0;
	}
	prefilter->touched_count = 0;
}

gboolean
prefilter_next(const Prefilter *prefilter, const guint64 *candidates, guint *number)
{
	guint count = prefilter->literals->len;
	for (guint at = *number; at < count;) {
		guint64 rest = candidates[at / CANDIDATE_BITS] >> (at % CANDIDATE_BITS);
		if (rest != 0) {
			*number = at + (guint)__builtin_ctzll(rest);
			return *number < count;
		}
		at = (at / CANDIDATE_BITS + 1) * CANDIDATE_BITS;
	}
	return FALSE;
}
