/*
 * The literals of an automaton, letter by letter: its states, and which follows which.
 *
 * States are numbered breadth-first, the root 0, so that the successors of one stand in a row.
 */
#pragma once

#include <glib.h>

#include "rules/literal.h"

#define TRIE_NONE G_MAXUINT32
/* The letter of a byte that is in no literal; the others are 1, 2, ..., the most frequent first. */
#define TRIE_STRANGE 0
#define TRIE_BYTES 256

typedef struct {
	guint32 first;   /* of its successors, up to those of the next state */
	guint32 failure; /* the state of the longest proper suffix */
	guint32 literal; /* the longest that ends here, or NONE */
	guint8 letter, depth;
	/* bit n: whether it matters to a literal that ends here or in a state behind whether the
	 * letter that stands n before the last began a word */
	guint16 begins;
} TrieState;

/* What ends where a literal ends. */
typedef struct {
	guint32 shorter; /* the same with other bounds, else the next shorter literal that is its
	                    suffix; or NONE */
	guint32 place; /* for who reads texts, beside the rest of what is asked then */
	guint8 length, bounds;
} TrieEnding;

typedef struct {
	guint8 letter[TRIE_BYTES]; /* of a byte */
	guint letters;             /* how many there are, the strange one too */
	guint32 roots
	        [TRIE_BYTES]; /* by letter the root's successor, of which there are many;
	                              or 0 */
	GArray *nodes;        /* while literals are added */
	GArray *endings;      /* of TrieEnding, by literal */
	TrieState *states;    /* one more than there are */
	guint state_count;
} Trie;

Trie *trie_new(void);
void trie_free(Trie *trie);

/* The number of a literal, which is not empty: 0, 1, ...; the same for the same. */
guint trie_add(Trie *trie, const Literal *literal);

/* When every literal is added: make the states. */
void trie_finish(Trie *trie);

/* The state that a text comes to with one letter more. */
guint32 trie_step(const Trie *trie, guint32 state, guint8 letter);

static inline const TrieEnding *
trie_ending(const Trie *trie, guint32 literal)
{
	return &g_array_index(trie->endings, TrieEnding, literal);
}
