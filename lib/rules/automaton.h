/*
 * The Aho-Corasick automaton: which of many literals stand in a text, and where first and last.
 *
 * White space in the text is skipped, and its ASCII letters are taken as small ones. A state has
 * few successors and a way back; those that texts are seen to come to are given a whole row each,
 * so that a byte costs one look into a table that stays in the caches. 5,000 patterns take 4 MB.
 */
#pragma once

#include <glib.h>

#include "rules/trie.h"

typedef struct Automaton Automaton;

/* Where a literal stands in a text. */
typedef struct {
	guint32 literal;
	guint32 first; /* where it begins for the first time, in bytes */
	guint32 last;  /* a place at or behind which it begins no more */
} Sight;

/* What one text holds. */
typedef struct {
	Sight *sights;  /* one for each literal that stands in it */
	guint count;    /* of them */
	guint32 length; /* of the text */
	TrieEnding *
	        endings; /* by literal, with its sight's place in the view that was read
	                        or opened last; borrowed from the automaton */
} View;

Automaton *automaton_new(void);
void automaton_free(Automaton *automaton);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Automaton, automaton_free)

/* The number of a literal, which is not empty: 0, 1, ...; the same for the same. */
guint automaton_add(Automaton *automaton, const Literal *literal);

/* How many different literals there are. */
guint automaton_count(const Automaton *automaton);
guint automaton_length(const Automaton *automaton, guint literal);

/* When every literal is added. */
void automaton_finish(Automaton *automaton);

/* Read a text into a view, which was all zero when it was first used, and open it. */
void automaton_scan(Automaton *automaton, const char *text, gsize length, View *view);

/* Make a view the one whose literals can be asked for: only one is at a time. */
void view_open(const View *view);
void view_clear(View *view);

/* Where a literal stands in the text of the open view; NULL: nowhere. */
static inline const Sight *
view_sight(const View *view, guint literal)
{
	guint32 place = view->endings[literal].place;
	return place < view->count && view->sights[place].literal == literal
	               ? &view->sights[place]
	               : NULL;
}
