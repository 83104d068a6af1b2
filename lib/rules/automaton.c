#include "rules/automaton.h"

#include <stdlib.h>
#include <string.h>

#include "rules/literal_run.h"

#define BYTES 256
#define NONE G_MAXUINT32

/* A row begins with the number of a literal, which takes two cells. A symbol is the place of its
 * cell: that of white space, of what is in no literal, then of all the letters. There are fewer
 * of these than bytes, since no literal holds white space or a capital. */
#define SYMBOL_WHITE 2
#define SYMBOL_STRANGE 3
#define SYMBOL_FIRST 4
/* A cell names a row by the cache line where it begins, which is so many cells long. */
#define LINE_CELLS 32
#define LINE_BYTES (LINE_CELLS * sizeof(guint16))
#define CELL_ENDS 0x8000 /* a literal ends at the row's state */
#define CELL_UNKNOWN 0xFFFF
/* What the rows of one automaton may take, all together. */
#define ROWS_BYTES_MAX (1024 * 1024)
/* The places of a text's last letters are kept: a power of two, and a literal's length at least. */
#define STARTS 16

G_STATIC_ASSERT(ROWS_BYTES_MAX / LINE_BYTES < CELL_ENDS);
G_STATIC_ASSERT(STARTS >= LITERAL_LENGTH_MAX);

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
	guint8 symbol[BYTES]; /* of a byte */
	guint8 word[BYTES];   /* whether a byte is part of one */
	guint symbols;
	guint32 roots[BYTES]; /* the root's successors, of which there are many, or 0 */
	GArray *nodes;        /* of Node; 0 is the root; freed when finished */
	GArray *endings;      /* of Ending, by literal */
	State *states;        /* one more than there are */
	guint state_count;
	guint32 *places; /* of the open view */
	guint16 *cells;  /* of the rows, the root's first */
	guint lines;     /* that a row takes */
	guint row_count; /* so far */
	guint rows_max;  /* how many there may be */
	guint32 *owners; /* by row its state */
	guint32 *row_of; /* by state its row, or NONE */
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
	automaton->symbols = SYMBOL_FIRST;
	memset(automaton->symbol, SYMBOL_STRANGE, sizeof automaton->symbol);
	automaton->nodes = g_array_new(FALSE, FALSE, sizeof(Node));
	automaton->endings = g_array_new(FALSE, FALSE, sizeof(Ending));
	add_node(automaton, SYMBOL_STRANGE, 0);
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
	g_free(automaton->places);
	free(automaton->cells);
	g_free(automaton->owners);
	g_free(automaton->row_of);
	g_free(automaton);
}

static guint8
symbol_of(Automaton *automaton, guchar byte)
{
	if (automaton->symbol[byte] == SYMBOL_STRANGE)
		automaton->symbol[byte] = (guint8)automaton->symbols++;
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

/* Number the symbols anew, the most frequent letters first: their cells share a cache line. */
static void
order_symbols(Automaton *automaton)
{
	guint uses[BYTES] = { 0 }, count = automaton->symbols;
	guint8 order[BYTES], renamed[BYTES];
	for (guint i = 0; i < automaton->nodes->len; i++)
		uses[node_at(automaton, i)->symbol]++;
	for (guint i = 0; i < BYTES; i++)
		order[i] = renamed[i] = (guint8)i;
	for (guint i = SYMBOL_FIRST; i < count; i++) {
		guint place = i;
		for (; place > SYMBOL_FIRST && uses[order[place - 1]] < uses[i];
		        place--)
			order[place] = order[place - 1];
		order[place] = (guint8)i;
	}
	for (guint i = SYMBOL_FIRST; i < count; i++)
		renamed[order[i]] = (guint8)i;
	for (guint i = 0; i < automaton->nodes->len; i++)
		node_at(automaton, i)->symbol = renamed[node_at(automaton, i)->symbol];
	for (guint byte = 0; byte < BYTES; byte++)
		automaton->symbol[byte] = renamed[automaton->symbol[byte]];
}

/* Number the nodes breadth-first. */
static void
number_states(Automaton *automaton)
{
	g_autofree guint32 *order = g_new(guint32, automaton->state_count);
	State *states = automaton->states;
	guint32 count = 1;
	order[0] = 0;
	for (guint32 i = 0; i < automaton->state_count; i++) {
		const Node *node = node_at(automaton, order[i]);
		states[i] = (State){ count, 0, node->literal, node->symbol };
		for (guint32 child = node->child; child != NONE;
		        child = node_at(automaton, child)->sibling)
			order[count++] = child;
	}
	states[automaton->state_count].first = count;
	memset(automaton->roots, 0, sizeof automaton->roots);
	for (guint32 next = states[0].first; next < states[1].first; next++)
		automaton->roots[states[next].symbol] = next;
}

/* The state that a text comes to with one letter more. */
static guint32
step(const Automaton *automaton, guint32 state, guint8 symbol)
{
	const State *states = automaton->states;
	for (; state != 0; state = states[state].failure) {
		guint32 next = states[state].first, end = states[state + 1].first;
		while (next < end && states[next].symbol != symbol)
			next++;
		if (next < end)
			return next;
	}
	return automaton->roots[symbol];
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

static void
know_bytes(Automaton *automaton)
{
	for (guchar letter = 'A'; letter <= 'Z'; letter++)
		automaton->symbol[letter] = automaton->symbol[letter - 'A' + 'a'];
	for (const char *white = LITERAL_WHITE; *white != '\0'; white++)
		automaton->symbol[(guchar)*white] = SYMBOL_WHITE;
	for (guint byte = 0; byte < BYTES; byte++)
		automaton->word[byte] = literal_is_word((char)byte);
}

static guint16 *
row_at(const Automaton *automaton, guint32 row)
{
	return automaton->cells + (gsize)row * automaton->lines * LINE_CELLS;
}

/* Give a state a row of which nothing is known yet. */
static void
add_row(Automaton *automaton, guint32 state)
{
	guint32 row = automaton->row_count++;
	guint16 *cells = row_at(automaton, row);
	memset(cells, 0xFF, automaton->lines * LINE_BYTES);
	memcpy(cells, &automaton->states[state].literal, sizeof(guint32));
	cells[SYMBOL_WHITE] = (guint16)(row * automaton->lines);
	automaton->owners[row] = state;
	automaton->row_of[state] = row;
}

/* Forget all rows but the root's. */
static void
clear_rows(Automaton *automaton)
{
	for (guint row = 0; row < automaton->row_count; row++)
		automaton->row_of[automaton->owners[row]] = NONE;
	automaton->row_count = 0;
	add_row(automaton, 0);
}

static void
prepare_rows(Automaton *automaton)
{
	guint lines = (automaton->symbols + LINE_CELLS - 1) / LINE_CELLS;
	automaton->lines = lines;
	automaton->rows_max = MIN(
	        automaton->state_count, (guint)(ROWS_BYTES_MAX / LINE_BYTES) / lines);
	automaton->cells =
	        aligned_alloc(LINE_BYTES, automaton->rows_max * lines * LINE_BYTES);
	g_assert(automaton->cells != NULL);
	automaton->owners = g_new(guint32, automaton->rows_max);
	automaton->row_of = g_new(guint32, automaton->state_count);
	memset(automaton->row_of, 0xFF, automaton->state_count * sizeof(guint32));
	add_row(automaton, 0);
}

void
automaton_finish(Automaton *automaton)
{
	automaton->state_count = automaton->nodes->len;
	automaton->states = g_new0(State, automaton->state_count + 1);
	automaton->places = g_new0(guint32, automaton->endings->len + 1);
	order_symbols(automaton);
	number_states(automaton);
	for (guint32 i = 0; i < automaton->state_count; i++)
		link_successors(automaton, i);
	g_clear_pointer(&automaton->nodes, g_array_unref);
	know_bytes(automaton);
	prepare_rows(automaton);
}

/* The cell by which a state is come to; unknown where it has no row and gets none. */
static guint16
cell_to(Automaton *automaton, guint32 state)
{
	if (automaton->row_of[state] == NONE) {
		if (automaton->row_count == automaton->rows_max)
			return CELL_UNKNOWN;
		add_row(automaton, state);
	}
	guint32 line = automaton->row_of[state] * automaton->lines;
	return (guint16)(automaton->states[state].literal != NONE ? line | CELL_ENDS
	                                                          : line);
}

/* One text that is read. */
typedef struct {
	Automaton *automaton;
	const char *text;
	View *view;
	guint32 at;             /* the byte that is read */
	guint32 letter;         /* its number, white space left out */
	guint32 starts[STARTS]; /* of the last letters, by their number */
} Pass;

static void
see_one(const Pass *pass, guint32 literal)
{
	const Ending *ending = ending_at(pass->automaton, literal);
	View *view = pass->view;
	guint32 from = pass->starts[(pass->letter + 1 - ending->length) % STARTS];
	guint32 place = view->places[literal];
	if ((ending->bounds & LITERAL_BEGINS) != 0 && from > 0 &&
	        pass->automaton->word[(guchar)pass->text[from - 1]])
		return;
	if (place >= view->count || view->sights[place].literal != literal) {
		place = view->places[literal] = view->count++;
		view->sights[place].literal = literal;
		view->sights[place].first = from;
	}
	view->sights[place].last = pass->at + 1 - ending->length;
}

static void
see(const Pass *pass, guint32 literal)
{
	const Ending *endings =
	        (const Ending *)(gpointer)pass->automaton->endings->data;
	guint32 behind = pass->at + 1;
	gboolean goes_on = behind < pass->view->length &&
	                   pass->automaton->word[(guchar)pass->text[behind]];
	for (; literal != NONE; literal = endings[literal].shorter)
		if (!goes_on || (endings[literal].bounds & LITERAL_ENDS) == 0)
			see_one(pass, literal);
}

/* Read the rest of a text from a state on, where there is no room for more rows. */
static void
read_without_rows(Pass *pass, guint32 state)
{
	const Automaton *automaton = pass->automaton;
	for (; pass->at < pass->view->length; pass->at++) {
		guint8 symbol = automaton->symbol[(guchar)pass->text[pass->at]];
		if (symbol == SYMBOL_WHITE)
			continue;
		pass->starts[pass->letter % STARTS] = pass->at;
		state = step(automaton, state, symbol);
		see(pass, automaton->states[state].literal);
		pass->letter++;
	}
}

/* Find out what is behind a cell that no text came to before. */
static guint16
learn(Automaton *automaton, guint16 *row, guint8 symbol)
{
	gsize number = (gsize)(row - automaton->cells) / LINE_CELLS / automaton->lines;
	guint32 next = step(automaton, automaton->owners[number], symbol);
	row[symbol] = cell_to(automaton, next);
	return row[symbol];
}

/* Most letters cost one cell: the places that texts come to are few, and their rows lie together. */
static void
read_text(Pass *pass)
{
	Automaton *automaton = pass->automaton;
	const guint8 *symbols = automaton->symbol;
	guint16 *cells = automaton->cells, *row = cells;
	guint32 length = pass->view->length;
	for (; pass->at < length; pass->at++) {
		guint8 symbol = symbols[(guchar)pass->text[pass->at]];
		guint16 cell = row[symbol];
		pass->starts[pass->letter % STARTS] = pass->at;
		if (cell == CELL_UNKNOWN)
			cell = learn(automaton, row, symbol);
		if (cell == CELL_UNKNOWN)
			break;
		row = cells + (gsize)(cell & ~CELL_ENDS) * LINE_CELLS;
		if ((cell & CELL_ENDS) != 0)
			see(pass, *(const guint32 *)(gconstpointer)row);
		pass->letter += symbol != SYMBOL_WHITE;
	}
	if (pass->at < length)
		read_without_rows(
		        pass, automaton->owners[(gsize)(row - cells) / LINE_CELLS /
		                                automaton->lines]);
}

/* Forget the text before. */
static void
view_begin(const Automaton *automaton, gsize length, View *view)
{
	if (view->sights == NULL)
		view->sights = g_new(Sight, automaton->endings->len + 1);
	view->places = automaton->places;
	view->count = 0;
	view->length = (guint32)length;
}

void
automaton_scan(Automaton *automaton, const char *text, gsize length, View *view)
{
	Pass pass = { .automaton = automaton, .text = text, .view = view };
	view_begin(automaton, length, view);
	/* where rows are short, those of the texts before are of no more use */
	if (automaton->row_count == automaton->rows_max &&
	        automaton->rows_max < automaton->state_count)
		clear_rows(automaton);
	read_text(&pass);
}

void
view_open(const View *view)
{
	for (guint i = 0; i < view->count; i++)
		view->places[view->sights[i].literal] = i;
}

void
view_clear(View *view)
{
	g_clear_pointer(&view->sights, g_free);
}
