#include "rules/automaton.h"

#include <string.h>

#include "rules/literal_run.h"

#define SYMBOLS_MAX 256
#define NONE G_MAXUINT32
/* States at most so deep have whole rows: some hundreds, whatever the number of literals. */
#define ROW_DEPTH 3
/* What a byte is beside the symbols of the literals, which are 1, 2, ... */
#define STRANGE 0
#define WHITE (SYMBOLS_MAX - 1)

/* A state while literals are added. */
typedef struct {
	guint32 child, sibling; /* the first ones, or NONE */
	guint32 literal;        /* that ends here, or NONE */
	guint8 symbol, depth;
} Node;

typedef struct {
	guint32 first; /* of its successors, which are numbered in a row up to those of the next */
	guint32 failure; /* the state of the longest proper suffix */
	guint32 literal; /* the longest that ends here, or NONE */
	guint8 symbol;
} State;

/* What ends where a literal ends. */
typedef struct {
	guint32 shorter; /* the same with other bounds, else the next shorter literal that is its
	                    suffix; or NONE */
	guint8 length, bounds;
} Ending;

struct Automaton {
	guint8 symbol[SYMBOLS_MAX]; /* of a byte */
	guint8 word[SYMBOLS_MAX];   /* whether a byte is part of one */
	guint symbols;
	guint32 roots
	        [SYMBOLS_MAX]; /* the root's successors, of which there are many, or 0 */
	GArray *nodes;         /* of Node; 0 is the root; freed when finished */
	GArray *endings;       /* of Ending, by literal */
	State *states;         /* one more than there are */
	guint state_count, row_count;
	guint32 first_ending; /* no state before it ends a literal */
	guint32 *rows;        /* [state * symbols + symbol] of the first states */
};

static Node *
node_at(const Automaton *automaton, guint32 node)
{
	return &g_array_index(automaton->nodes, Node, node);
}

static Ending *
ending_at(const Automaton *automaton, guint32 literal)
{
	return &g_array_index(automaton->endings, Ending, literal);
}

static guint32
add_node(Automaton *automaton, guint8 symbol, guint8 depth)
{
	Node node = { NONE, NONE, NONE, symbol, depth };
	g_array_append_val(automaton->nodes, node);
	return automaton->nodes->len - 1;
}

Automaton *
automaton_new(void)
{
	Automaton *automaton = g_new0(Automaton, 1);
	automaton->symbols = STRANGE + 1;
	automaton->nodes = g_array_new(FALSE, FALSE, sizeof(Node));
	automaton->endings = g_array_new(FALSE, FALSE, sizeof(Ending));
	add_node(automaton, STRANGE, 0);
	return automaton;
}

void
automaton_free(Automaton *automaton)
{
	if (automaton == NULL)
		return;
	g_clear_pointer(&automaton->nodes, g_array_unref);
	g_array_unref(automaton->endings);
	g_free(automaton->states);
	g_free(automaton->rows);
	g_free(automaton);
}

static guint8
symbol_of(Automaton *automaton, guchar byte)
{
	/* with all of them taken, what is left is taken for one and the same */
	if (automaton->symbol[byte] == STRANGE)
		automaton->symbol[byte] =
		        (guint8)(automaton->symbols < WHITE ? automaton->symbols++
		                                            : WHITE - 1);
	return automaton->symbol[byte];
}

static guint32
find_child(const Automaton *automaton, guint32 node, guint8 symbol)
{
	const Node *nodes = node_at(automaton, 0);
	if (node == 0)
		return automaton->roots[symbol] != 0 ? automaton->roots[symbol] : NONE;
	guint32 child = nodes[node].child;
	while (child != NONE && nodes[child].symbol != symbol)
		child = nodes[child].sibling;
	return child;
}

static guint32
child_of(Automaton *automaton, guint32 node, guint8 symbol)
{
	guint32 child = find_child(automaton, node, symbol);
	if (child != NONE)
		return child;
	child = add_node(
	        automaton, symbol, (guint8)(node_at(automaton, node)->depth + 1));
	node_at(automaton, child)->sibling = node_at(automaton, node)->child;
	node_at(automaton, node)->child = child;
	if (node == 0)
		automaton->roots[symbol] = child;
	return child;
}

guint
automaton_add(Automaton *automaton, const Literal *literal)
{
	guint32 node = 0;
	for (guint i = 0; i < literal->length; i++)
		node = child_of(automaton, node,
		        symbol_of(automaton, (guchar)literal->text[i]));
	for (guint32 known = node_at(automaton, node)->literal; known != NONE;
	        known = ending_at(automaton, known)->shorter)
		if (ending_at(automaton, known)->bounds == literal->bounds)
			return known;
	Ending ending = { node_at(automaton, node)->literal, literal->length,
		literal->bounds };
	node_at(automaton, node)->literal = automaton->endings->len;
	g_array_append_val(automaton->endings, ending);
	return automaton->endings->len - 1;
}

guint
automaton_count(const Automaton *automaton)
{
	return automaton->endings->len;
}

guint
automaton_length(const Automaton *automaton, guint literal)
{
	return ending_at(automaton, literal)->length;
}

/* Number the nodes breadth-first. */
static void
number_states(Automaton *automaton)
{
	g_autofree guint32 *order = g_new(guint32, automaton->state_count);
	guint32 count = 1;
	order[0] = 0;
	for (guint32 i = 0; i < automaton->state_count; i++) {
		const Node *node = node_at(automaton, order[i]);
		automaton->states[i] = (State){ count, 0, node->literal, node->symbol };
		automaton->row_count += node->depth <= ROW_DEPTH;
		for (guint32 child = node->child; child != NONE;
		        child = node_at(automaton, child)->sibling)
			order[count++] = child;
	}
	automaton->states[automaton->state_count].first = count;
}

/* From a state that has no row, and whose first successor is not the one. */
static guint32
step_back(const Automaton *automaton, guint32 state, guint8 symbol)
{
	const State *states = automaton->states;
	while (state >= automaton->row_count) {
		guint32 next = states[state].first, end = states[state + 1].first;
		while (next < end && states[next].symbol != symbol)
			next++;
		if (next < end)
			return next;
		state = states[state].failure;
	}
	return automaton->rows[state * automaton->symbols + symbol];
}

/* Most deep states have one successor, and a text that came so far mostly goes on to it. Behind
 * the last state stands one more, so that there always is a next one to look at. */
static guint32
step_deep(const Automaton *automaton, guint32 state, guint8 symbol)
{
	const State *at = &automaton->states[state];
	if (automaton->states[at->first].symbol == symbol && at->first < at[1].first)
		return at->first;
	return step_back(automaton, state, symbol);
}

static guint32
step(const Automaton *automaton, guint32 state, guint8 symbol)
{
	return state < automaton->row_count
	               ? automaton->rows[state * automaton->symbols + symbol]
	               : step_deep(automaton, state, symbol);
}

/* Put behind the literals that end at a state the shorter ones that do. */
static void
link_endings(Automaton *automaton, State *state, guint32 shorter)
{
	if (state->literal == NONE) {
		state->literal = shorter;
		return;
	}
	Ending *last = ending_at(automaton, state->literal);
	while (last->shorter != NONE)
		last = ending_at(automaton, last->shorter);
	last->shorter = shorter;
}

/* Give a state's successors their failures, and what else ends where they do. */
static void
link_successors(Automaton *automaton, guint32 state)
{
	State *states = automaton->states;
	for (guint32 next = states[state].first; next < states[state + 1].first;
	        next++) {
		guint32 failure = state == 0 ? 0
		                             : step(automaton, states[state].failure,
		                                       states[next].symbol);
		states[next].failure = failure;
		link_endings(automaton, &states[next], states[failure].literal);
	}
}

/* A row is that of the failure, but for the state's own successors. */
static void
fill_row(Automaton *automaton, guint32 state)
{
	const State *states = automaton->states;
	gsize width = automaton->symbols;
	guint32 *row = automaton->rows + state * width;
	if (state != 0)
		memcpy(row, automaton->rows + states[state].failure * width,
		        width * sizeof *row);
	for (guint32 next = states[state].first; next < states[state + 1].first; next++)
		row[states[next].symbol] = next;
}

static void
know_bytes(Automaton *automaton)
{
	for (guchar letter = 'A'; letter <= 'Z'; letter++)
		automaton->symbol[letter] = automaton->symbol[letter - 'A' + 'a'];
	for (const char *white = LITERAL_WHITE; *white != '\0'; white++)
		automaton->symbol[(guchar)*white] = WHITE;
	for (guint byte = 0; byte < SYMBOLS_MAX; byte++)
		automaton->word[byte] = literal_is_word((char)byte);
}

void
automaton_finish(Automaton *automaton)
{
	automaton->state_count = automaton->nodes->len;
	automaton->states = g_new0(State, automaton->state_count + 1);
	number_states(automaton);
	automaton->rows =
	        g_new0(guint32, (gsize)automaton->row_count * automaton->symbols);
	for (guint32 i = 0; i < automaton->state_count; i++) {
		if (i < automaton->row_count)
			fill_row(automaton, i);
		link_successors(automaton, i);
	}
	while (automaton->first_ending < automaton->state_count &&
	        automaton->states[automaton->first_ending].literal == NONE)
		automaton->first_ending++;
	g_clear_pointer(&automaton->nodes, g_array_unref);
	know_bytes(automaton);
}

/* Where a literal begins that ends at a byte of the text. */
static guint32
start_of(const Automaton *automaton, const char *text, guint32 at, guint length)
{
	while (length > 1)
		length -= automaton->symbol[(guchar)text[--at]] != WHITE;
	return at;
}

static void
see_one(const Automaton *automaton, guint32 literal, const char *text, guint32 at,
        View *view)
{
	const Ending *ending = ending_at(automaton, literal);
	Sight *sight = &view->sights[literal];
	gboolean known = sight->scan == view->scan;
	guint32 from = known && (ending->bounds & LITERAL_BEGINS) == 0
	                       ? 0
	                       : start_of(automaton, text, at, ending->length);
	if ((ending->bounds & LITERAL_BEGINS) != 0 && from > 0 &&
	        automaton->word[(guchar)text[from - 1]])
		return;
	if (!known) {
		sight->scan = view->scan;
		sight->first = from;
		view->seen[view->count++] = literal;
	}
	sight->last = at + 1 - ending->length;
}

static void
see(const Automaton *automaton, guint32 literal, const char *text, guint32 at,
        View *view)
{
	const Ending *endings = (const Ending *)(gpointer)automaton->endings->data;
	gboolean goes_on =
	        at + 1 < view->length && automaton->word[(guchar)text[at + 1]];
	for (; literal != NONE; literal = endings[literal].shorter)
		if (!goes_on || (endings[literal].bounds & LITERAL_ENDS) == 0)
			see_one(automaton, literal, text, at, view);
}

/* Forget the text before. */
static void
view_begin(const Automaton *automaton, gsize length, View *view)
{
	guint literals = automaton->endings->len;
	if (view->seen == NULL) {
		view->seen = g_new(guint32, literals + 1);
		view->sights = g_new0(Sight, literals + 1);
	}
	view->count = 0;
	view->length = (guint32)length;
	if (++view->scan == 0) {
		memset(view->sights, 0, literals * sizeof *view->sights);
		view->scan = 1;
	}
}

void
automaton_scan(const Automaton *automaton, const char *text, gsize length, View *view)
{
	/* what no write to the view can change stays in registers */
	const guint8 *symbols = automaton->symbol;
	const guint32 *rows = automaton->rows;
	const State *states = automaton->states;
	guint32 state = 0, row_count = automaton->row_count;
	guint32 first_ending = automaton->first_ending;
	gsize width = automaton->symbols;
	view_begin(automaton, length, view);
	for (gsize i = 0; i < length; i++) {
		guint8 symbol = symbols[(guchar)text[i]];
		if (symbol == WHITE)
			continue;
		if (state < row_count)
			state = rows[state * width + symbol];
		else
			state = symbol == STRANGE ? 0
			                          : step_deep(automaton, state, symbol);
		if (state >= first_ending && states[state].literal != NONE)
			see(automaton, states[state].literal, text, (guint32)i, view);
	}
}

void
view_clear(View *view)
{
	g_clear_pointer(&view->seen, g_free);
	g_clear_pointer(&view->sights, g_free);
}
