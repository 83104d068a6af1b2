#include "rules/automaton.h"

#include <stdlib.h>
#include <string.h>

#include "rules/literal_run.h"
#include "rules/trie.h"

/* A row begins with what is asked first when a text comes to it, in four cells: the place of its
 * hit, and the literal that ends there. Then each column has a cell: for white space, for each
 * letter within a word, and for those that begin literals which begin where a word does, once more
 * for where one does. */
#define COLUMN_WHITE 4
#define COLUMN_LETTERS 5
#define COLUMNS_MAX (COLUMN_LETTERS + 2 * TRIE_BYTES)
/* With the column of a byte: that it is part of a word. */
#define COLUMN_WORD 0x8000
/* A cell names a row by the cache line where it begins, which is so many cells long. */
#define LINE_CELLS 32
#define LINE_BYTES (LINE_CELLS * sizeof(guint16))
#define CELL_ENDS 0x8000 /* a literal ends at the row's state */
#define CELL_UNKNOWN 0xFFFF
/* What the rows of one automaton may take, all together. */
#define ROWS_BYTES_MAX (2 * 1024 * 1024 - 64)
/* So many bytes are read before what ends in them is looked at. */
#define STRETCH 512

G_STATIC_ASSERT(ROWS_BYTES_MAX / LINE_BYTES < CELL_ENDS);

/* What a row begins with. */
typedef struct {
	guint32 hit;
	guint32 literal; /* the longest that ends at the state, or NONE */
} RowHead;

G_STATIC_ASSERT(sizeof(RowHead) == COLUMN_WHITE * sizeof(guint16));

/* What a row stands for: a state, and which of the letters that led to it began words, as far as
 * that matters. */
typedef struct {
	guint32 state;
	guint32 next; /* row of the same state, or NONE */
	guint16 begun;
} Owner;

/* Where a text comes to a row at whose state literals end: apart where the word ends too, and
 * where it goes on. */
typedef struct {
	RowHead *head; /* of the row */
	guint32 literal;
	struct {
		guint32 first, last; /* bytes; NONE: nowhere */
	} at[2];
} Hit;

struct Automaton {
	Trie *trie;
	/* of a byte, behind what is no part of a word and then behind what is */
	guint16 column[2 * TRIE_BYTES];
	guint8 letter[COLUMNS_MAX]; /* of a column */
	guint columns;
	guint begun;     /* the first column of a letter that begins a word */
	guint16 *cells;  /* of the rows, the root's first */
	guint lines;     /* that a row takes */
	guint row_count; /* so far */
	guint rows_max;  /* how many there may be */
	Owner *owners;   /* by row */
	guint32 *rows;   /* by state its first row, or NONE */
	Hit *hits;       /* of one text; room for all rows */
};

/* One text that is read. */
typedef struct {
	Automaton *automaton;
	const char *text;
	View *view;
	guint32 at; /* the byte that is read */
	guint hits; /* so far */
} Pass;

Automaton *
automaton_new(void)
{
	Automaton *automaton = g_new0(Automaton, 1);
	automaton->trie = trie_new();
	return automaton;
}

void
automaton_free(Automaton *automaton)
{
	if (automaton == NULL)
		return;
	trie_free(automaton->trie);
	free(automaton->cells);
	g_free(automaton->owners);
	g_free(automaton->rows);
	g_free(automaton->hits);
	g_free(automaton);
}

guint
automaton_add(Automaton *automaton, const Literal *literal)
{
	return trie_add(automaton->trie, literal);
}

guint
automaton_count(const Automaton *automaton)
{
	return automaton->trie->endings->len;
}

guint
automaton_length(const Automaton *automaton, guint literal)
{
	return trie_ending(automaton->trie, literal)->length;
}

/* The columns of the letters that may begin words: those within, where it does not matter. */
static void
add_begun(Automaton *automaton, guint16 begun[TRIE_BYTES])
{
	const Trie *trie = automaton->trie;
	for (guint letter = 0; letter < trie->letters; letter++) {
		guint32 state = trie->roots[letter];
		begun[letter] = (guint16)(COLUMN_LETTERS + letter);
		automaton->letter[begun[letter]] = (guint8)letter;
		if (state == 0 || trie->states[state].begins == 0)
			continue;
		begun[letter] = (guint16)automaton->columns++;
		automaton->letter[begun[letter]] = (guint8)letter;
	}
}

static void
make_columns(Automaton *automaton)
{
	guint16 begun[TRIE_BYTES];
	automaton->begun = COLUMN_LETTERS + automaton->trie->letters;
	automaton->columns = automaton->begun;
	add_begun(automaton, begun);
	for (guint byte = 0; byte < TRIE_BYTES; byte++) {
		guint8 letter = automaton->trie->letter[byte];
		guint word = literal_is_word((char)byte) ? COLUMN_WORD : 0;
		automaton->column[byte] = (guint16)(begun[letter] | word);
		automaton->column[TRIE_BYTES + byte] =
		        (guint16)((COLUMN_LETTERS + letter) | word);
	}
	for (const char *white = LITERAL_WHITE; *white != '\0'; white++)
		automaton->column[(guchar)*white] =
		        automaton->column[TRIE_BYTES + (guchar)*white] = COLUMN_WHITE;
}

/* Give a state a row of which nothing is known yet. */
static guint32
add_row(Automaton *automaton, guint32 state, guint16 begun)
{
	guint32 row = automaton->row_count++;
	guint line = row * automaton->lines;
	guint16 *cells = automaton->cells + (gsize)line * LINE_CELLS;
	const RowHead head = { 0, automaton->trie->states[state].literal };
	memset(cells, 0xFF, automaton->lines * LINE_BYTES);
	memcpy(cells, &head, sizeof head);
	cells[COLUMN_WHITE] = (guint16)line;
	automaton->owners[row] = (Owner){ state, automaton->rows[state], begun };
	automaton->rows[state] = row;
	return row;
}

/* Forget all rows but the root's. */
static void
clear_rows(Automaton *automaton)
{
	for (guint row = 0; row < automaton->row_count; row++)
		automaton->rows[automaton->owners[row].state] = TRIE_NONE;
	automaton->row_count = 0;
	add_row(automaton, 0, 0);
}

static void
prepare_rows(Automaton *automaton)
{
	guint lines = (automaton->columns + LINE_CELLS - 1) / LINE_CELLS;
	guint states = automaton->trie->state_count;
	automaton->lines = lines;
	automaton->rows_max = (guint)(ROWS_BYTES_MAX / LINE_BYTES) / lines;
	automaton->cells =
	        aligned_alloc(LINE_BYTES, automaton->rows_max * lines * LINE_BYTES);
	g_assert(automaton->cells != NULL);
	automaton->owners = g_new(Owner, automaton->rows_max);
	automaton->hits = g_new(Hit, automaton->rows_max);
	automaton->rows = g_new(guint32, states);
	memset(automaton->rows, 0xFF, states * sizeof *automaton->rows);
	add_row(automaton, 0, 0);
}

void
automaton_finish(Automaton *automaton)
{
	trie_finish(automaton->trie);
	make_columns(automaton);
	prepare_rows(automaton);
}

/* Whether a literal ends at a state, unless its word goes on. */
static gboolean
ends(const Trie *trie, guint32 state, guint16 begun)
{
	guint32 literal = trie->states[state].literal;
	for (; literal != TRIE_NONE; literal = trie_ending(trie, literal)->shorter) {
		const TrieEnding *ending = trie_ending(trie, literal);
		if ((ending->bounds & LITERAL_BEGINS) == 0 ||
		        (begun >> (ending->length - 1) & 1) != 0)
			return TRUE;
	}
	return FALSE;
}

/* The cell by which a state is come to; unknown where it has no row and gets none. */
static guint16
cell_to(Automaton *automaton, guint32 state, guint16 begun)
{
	guint32 row = automaton->rows[state];
	while (row != TRIE_NONE && automaton->owners[row].begun != begun)
		row = automaton->owners[row].next;
	if (row == TRIE_NONE && automaton->row_count == automaton->rows_max)
		return CELL_UNKNOWN;
	if (row == TRIE_NONE)
		row = add_row(automaton, state, begun);
	guint line = row * automaton->lines;
	return (guint16)(ends(automaton->trie, state, begun) ? line | CELL_ENDS : line);
}

static const Owner *
owner_of(const Automaton *automaton, const guint16 *row)
{
	gsize line = (gsize)(row - automaton->cells) / LINE_CELLS;
	return &automaton->owners[line / automaton->lines];
}

/* Find out what is behind a cell that no text came to before. */
static guint16
learn(Automaton *automaton, guint16 *row, guint column)
{
	const Owner *owner = owner_of(automaton, row);
	const Trie *trie = automaton->trie;
	guint32 next = trie_step(trie, owner->state, automaton->letter[column]);
	guint begun = (guint)owner->begun << 1 | (column >= automaton->begun);
	row[column] =
	        cell_to(automaton, next, (guint16)(begun & trie->states[next].begins));
	return row[column];
}

static gboolean
is_word(const Pass *pass, guint32 at)
{
	return at < pass->view->length &&
	       (pass->automaton->column[(guchar)pass->text[at]] & COLUMN_WORD) != 0;
}

/* That the text comes to a row at a byte, and literals end at its state. */
static void
hit_row(Pass *pass, guint16 *row, guint32 at)
{
	RowHead *head = (RowHead *)(gpointer)row;
	gboolean goes_on = is_word(pass, at + 1);
	Hit *hit = &pass->automaton->hits[head->hit];
	if (head->hit >= pass->hits || hit->head != head) {
		head->hit = pass->hits++;
		hit = &pass->automaton->hits[head->hit];
		*hit = (Hit){ head, head->literal,
			{ { TRIE_NONE, 0 }, { TRIE_NONE, 0 } } };
	}
	hit->at[goes_on].first = MIN(hit->at[goes_on].first, at);
	hit->at[goes_on].last = at;
}

/* Where the last letters up to a byte stand, backwards. */
static void
find_starts(const Pass *pass, guint32 at, guint count, guint32 *starts)
{
	const guint16 *column = pass->automaton->column;
	for (guint i = 0; i < count; at--)
		if (column[(guchar)pass->text[at]] != COLUMN_WHITE)
			starts[i++] = at;
}

/* That literals end at a byte for the first time, and at another for the last: the one and all
 * those that are its suffixes, as far as their bounds allow, which hold at both or at none. */
static void
see(const Pass *pass, guint32 literal, guint32 first, guint32 last)
{
	View *view = pass->view;
	guint32 starts[LITERAL_LENGTH_MAX];
	gboolean goes_on = is_word(pass, first + 1);
	find_starts(pass, first, view->endings[literal].length, starts);
	for (; literal != TRIE_NONE; literal = view->endings[literal].shorter) {
		TrieEnding *ending = &view->endings[literal];
		guint32 from = starts[ending->length - 1];
		guint32 to = last + 1 - ending->length;
		guint32 place = ending->place;
		if ((goes_on && (ending->bounds & LITERAL_ENDS) != 0) ||
		        ((ending->bounds & LITERAL_BEGINS) != 0 && from > 0 &&
		                is_word(pass, from - 1)))
			continue;
		if (place >= view->count || view->sights[place].literal != literal) {
			ending->place = view->count;
			view->sights[view->count++] = (Sight){ literal, from, to };
			continue;
		}
		Sight *sight = &view->sights[place];
		sight->first = MIN(sight->first, from);
		sight->last = MAX(sight->last, to);
	}
}

/* Read the rest of a text from a state on, where there is no room for more rows. */
static void
read_without_rows(Pass *pass, guint32 state)
{
	const Automaton *automaton = pass->automaton;
	const Trie *trie = automaton->trie;
	for (; pass->at < pass->view->length; pass->at++) {
		guchar byte = (guchar)pass->text[pass->at];
		if (automaton->column[byte] == COLUMN_WHITE)
			continue;
		state = trie_step(trie, state, trie->letter[byte]);
		if (trie->states[state].literal != TRIE_NONE)
			see(pass, trie->states[state].literal, pass->at, pass->at);
	}
}

/* Most bytes cost one cell: the rows that texts come to are few, and lie together. Where literals
 * end cannot be foreseen, so that no branch depends on it here. FALSE: there is no room for the
 * row that the text comes to. */
static gboolean
read_stretch(Pass *pass, guint16 **last)
{
	Automaton *automaton = pass->automaton;
	const guint16 *columns = automaton->column;
	guint16 *cells = automaton->cells, *row = *last;
	guint32 at = pass->at, end = MIN(pass->view->length - at, STRETCH) + at;
	guint32 stops[STRETCH], lines[STRETCH];
	guint count = 0, cell = 0;
	guint word = at > 0 && is_word(pass, at - 1) ? TRIE_BYTES : 0;
	for (; at < end; at++) {
		guint column = columns[word + (guchar)pass->text[at]];
		word = column / COLUMN_WORD * TRIE_BYTES;
		cell = row[column % COLUMN_WORD];
		if (cell == CELL_UNKNOWN)
			cell = learn(automaton, row, column % COLUMN_WORD);
		if (cell == CELL_UNKNOWN)
			break;
		row = cells + (gsize)(cell % CELL_ENDS) * LINE_CELLS;
		stops[count] = at;
		lines[count] = cell % CELL_ENDS;
		count += cell / CELL_ENDS;
	}
	for (guint i = 0; i < count; i++)
		hit_row(pass, cells + (gsize)lines[i] * LINE_CELLS, stops[i]);
	pass->at = at;
	*last = row;
	return at == end;
}

static void
read_text(Pass *pass)
{
	guint16 *row = pass->automaton->cells;
	gboolean room = TRUE;
	while (room && pass->at < pass->view->length)
		room = read_stretch(pass, &row);
	if (!room)
		read_without_rows(pass, owner_of(pass->automaton, row)->state);
}

static void
see_hits(const Pass *pass)
{
	for (guint i = 0; i < pass->hits; i++) {
		const Hit *hit = &pass->automaton->hits[i];
		for (guint k = 0; k < G_N_ELEMENTS(hit->at); k++)
			if (hit->at[k].first != TRIE_NONE)
				see(pass, hit->literal, hit->at[k].first,
				        hit->at[k].last);
	}
}

/* Forget the text before. */
static void
view_begin(const Automaton *automaton, gsize length, View *view)
{
	if (view->sights == NULL)
		view->sights = g_new(Sight, automaton_count(automaton) + 1);
	view->endings = &g_array_index(automaton->trie->endings, TrieEnding, 0);
	view->count = 0;
	view->length = (guint32)length;
}

void
automaton_scan(Automaton *automaton, const char *text, gsize length, View *view)
{
	Pass pass = { .automaton = automaton, .text = text, .view = view };
	view_begin(automaton, length, view);
	/* where there is no room left, the rows of the texts before are of no more use */
	if (automaton->row_count == automaton->rows_max)
		clear_rows(automaton);
	read_text(&pass);
	see_hits(&pass);
}

void
view_open(const View *view)
{
	for (guint i = 0; i < view->count; i++)
		view->endings[view->sights[i].literal].place = i;
}

void
view_clear(View *view)
{
	g_clear_pointer(&view->sights, g_free);
}
