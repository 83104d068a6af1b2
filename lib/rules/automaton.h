/*
 * The Aho-Corasick automaton: which of many literals stand in a text, and where first and last.
 *
 * White space in the text is skipped, and its ASCII letters are taken as small ones. States are
 * numbered breadth-first: those near the root, where nearly all of a text is read, have a whole
 * row each; the many deep ones only their few successors and a way back, so that 5,000 patterns
 * take 2 MB.
 */
#pragma once

#include <glib.h>

#include "rules/literal.h"

typedef struct Automaton Automaton;

/* Where a literal stands in a text. */
typedef struct {
	guint32 scan;  /* of the view, that saw it */
	guint32 first; /* where it begins for the first time, in bytes */
	guint32 last;  /* a place at or behind which it begins no more */
} Sight;

/* What one text holds. */
typedef struct {
	guint32 *seen; /* the literals that stand in it, each once */
	guint count;   /* of them */
	Sight *sights; /* by literal */
	guint32 scan;
	guint32 length; /* of the text */
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

/* Read a text into a view, which was all zero when it was first used. */
void automaton_scan(
        const Automaton *automaton, const char *text, gsize length, View *view);
void view_clear(View *view);

/* Where a literal stands in the text of a view; NULL: nowhere. */
static inline const Sight *
view_sight(const View *view, guint literal)
{
	const Sight *sight = &view->sights[literal];
	return sight->scan == view->scan ? sight : NULL;
}
