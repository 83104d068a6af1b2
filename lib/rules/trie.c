#include "rules/trie.h"

#include <string.h>

#define NONE TRIE_NONE

/* A state while literals are added. */
typedef struct {
	guint32 child, sibling; /* the first ones, or NONE */
	guint32 literal;        /* that ends here, or NONE */
	guint8 letter, depth;
} Node;

/* Bit n stands for the letter that stands n before the last. */
G_STATIC_ASSERT(LITERAL_LENGTH_MAX <= 16);

static Node *
node_at(const Trie *trie, guint32 node)
{
	return &g_array_index(trie->nodes, Node, node);
}

static TrieEnding *
ending_at(const Trie *trie, guint32 literal)
{
	return &g_array_index(trie->endings, TrieEnding, literal);
}

static guint32
add_node(Trie *trie, guint8 letter, guint8 depth)
{
	Node node = { NONE, NONE, NONE, letter, depth };
	g_array_append_val(trie->nodes, node);
	return trie->nodes->len - 1;
}

Trie *
trie_new(void)
{
	Trie *trie = g_new0(Trie, 1);
	trie->letters = TRIE_STRANGE + 1;
	trie->nodes = g_array_new(FALSE, FALSE, sizeof(Node));
	trie->endings = g_array_new(FALSE, FALSE, sizeof(TrieEnding));
	add_node(trie, TRIE_STRANGE, 0);
	return trie;
}

void
trie_free(Trie *trie)
{
	if (trie == NULL)
		return;
	g_clear_pointer(&trie->nodes, g_array_unref);
	g_array_unref(trie->endings);
	g_free(trie->states);
	g_free(trie);
}

/* There are fewer letters than bytes: no literal holds white space or a capital. */
static guint8
letter_of(Trie *trie, guchar byte)
{
	if (trie->letter[byte] == TRIE_STRANGE)
		trie->letter[byte] = (guint8)trie->letters++;
	return trie->letter[byte];
}

static guint32
find_child(const Trie *trie, guint32 node, guint8 letter)
{
	const Node *nodes = node_at(trie, 0);
	if (node == 0)
		return trie->roots[letter] != 0 ? trie->roots[letter] : NONE;
	guint32 child = nodes[node].child;
	while (child != NONE && nodes[child].letter != letter)
		child = nodes[child].sibling;
	return child;
}

static guint32
child_of(Trie *trie, guint32 node, guint8 letter)
{
	guint32 child = find_child(trie, node, letter);
	if (child != NONE)
		return child;
	child = add_node(trie, letter, (guint8)(node_at(trie, node)->depth + 1));
	node_at(trie, child)->sibling = node_at(trie, node)->child;
	node_at(trie, node)->child = child;
	if (node == 0)
		trie->roots[letter] = child;
	return child;
}

guint
trie_add(Trie *trie, const Literal *literal)
{
	guint32 node = 0;
	for (guint i = 0; i < literal->length; i++)
		node = child_of(trie, node, letter_of(trie, (guchar)literal->text[i]));
	for (guint32 known = node_at(trie, node)->literal; known != NONE;
	        known = ending_at(trie, known)->shorter)
		if (ending_at(trie, known)->bounds == literal->bounds)
			return known;
	TrieEnding ending = { node_at(trie, node)->literal, 0, literal->length,
		literal->bounds };
	node_at(trie, node)->literal = trie->endings->len;
	g_array_append_val(trie->endings, ending);
	return trie->endings->len - 1;
}

/* Number the letters anew, the most frequent first. */
static void
order_letters(Trie *trie)
{
	guint uses[TRIE_BYTES] = { 0 };
	guint8 order[TRIE_BYTES] = { 0 }, renamed[TRIE_BYTES] = { 0 };
	for (guint i = 0; i < trie->nodes->len; i++)
		uses[node_at(trie, i)->letter]++;
	for (guint i = 1; i < trie->letters; i++) {
		guint place = i;
		for (; place > 1 && uses[order[place - 1]] < uses[i]; place--)
			order[place] = order[place - 1];
		order[place] = (guint8)i;
	}
	for (guint i = 1; i < trie->letters; i++)
		renamed[order[i]] = (guint8)i;
	for (guint i = 0; i < trie->nodes->len; i++)
		node_at(trie, i)->letter = renamed[node_at(trie, i)->letter];
	for (guint byte = 0; byte < TRIE_BYTES; byte++)
		trie->letter[byte] = renamed[trie->letter[byte]];
}

/* Number the nodes breadth-first. */
static void
number_states(Trie *trie)
{
	g_autofree guint32 *order = g_new(guint32, trie->state_count);
	TrieState *states = trie->states;
	guint32 count = 1;
	order[0] = 0;
	for (guint32 i = 0; i < trie->state_count; i++) {
		const Node *node = node_at(trie, order[i]);
		states[i] = (TrieState){ count, 0, node->literal, node->letter,
			node->depth, 0 };
		for (guint32 child = node->child; child != NONE;
		        child = node_at(trie, child)->sibling)
			order[count++] = child;
	}
	states[trie->state_count].first = count;
	memset(trie->roots, 0, sizeof trie->roots);
	for (guint32 next = states[0].first; next < states[1].first; next++)
		trie->roots[states[next].letter] = next;
}

guint32
trie_step(const Trie *trie, guint32 state, guint8 letter)
{
	const TrieState *states = trie->states;
	for (; state != 0; state = states[state].failure) {
		guint32 next = states[state].first, end = states[state + 1].first;
		while (next < end && states[next].letter != letter)
			next++;
		if (next < end)
			return next;
	}
	return trie->roots[letter];
}

/* Mark the states from which literals are come to that begin where a word does: with bit 0, while
 * failures are not known. */
static void
mark_begins(Trie *trie)
{
	TrieState *states = trie->states;
	for (guint32 i = trie->state_count; i-- > 0;) {
		for (guint32 literal = states[i].literal; literal != NONE;
		        literal = ending_at(trie, literal)->shorter)
			if ((ending_at(trie, literal)->bounds & LITERAL_BEGINS) != 0)
				states[i].begins = 1;
		for (guint32 next = states[i].first; next < states[i + 1].first; next++)
			states[i].begins |= states[next].begins;
	}
	states[0].begins = 0;
}

/* Put behind the literals that end at a state the shorter ones that do. */
static void
link_endings(Trie *trie, TrieState *state, guint32 shorter)
{
	if (state->literal == NONE) {
		state->literal = shorter;
		return;
	}
	TrieEnding *last = ending_at(trie, state->literal);
	while (last->shorter != NONE)
		last = ending_at(trie, last->shorter);
	last->shorter = shorter;
}

/* Give a state's successors their failures, and what else holds of them for these. */
static void
link_successors(Trie *trie, guint32 state)
{
	TrieState *states = trie->states;
	for (guint32 next = states[state].first; next < states[state + 1].first;
	        next++) {
		TrieState *at = &states[next];
		guint32 failure =
		        state == 0 ? 0
		                   : trie_step(trie, states[state].failure, at->letter);
		at->failure = failure;
		at->begins = (guint16)((at->begins << (at->depth - 1)) |
		                       states[failure].begins);
		link_endings(trie, at, states[failure].literal);
	}
}

void
trie_finish(Trie *trie)
{
	trie->state_count = trie->nodes->len;
	trie->states = g_new0(TrieState, trie->state_count + 1);
	order_letters(trie);
	number_states(trie);
	mark_begins(trie);
	for (guint32 i = 0; i < trie->state_count; i++)
		link_successors(trie, i);
	g_clear_pointer(&trie->nodes, g_array_unref);
	for (guchar letter = 'A'; letter <= 'Z'; letter++)
		trie->letter[letter] = trie->letter[letter - 'A' + 'a'];
}
