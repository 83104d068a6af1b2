/*
 * Needles: literals of which every match of a group of patterns holds one; a necessary test that
 * costs a fraction of what the automaton of all cues (rules/prefilter.h) does.
 *
 * Surprising rule: it may say "perhaps" of any text, for what is not understood of a pattern
 * rules nothing out; where it says no, none of the patterns matches.
 */
#pragma once

#include <glib.h>

typedef struct Needles Needles;

Needles *needles_new(void);
void needles_free(Needles *needles);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Needles, needles_free)

/* Add a pattern by its source. */
void needles_add(Needles *needles, const char *expression);

/* When every pattern is added. */
void needles_finish(Needles *needles);

/* A folded text that a pattern is known to match: should it hold no needle, a pattern was read
 * wrong, and nothing is ruled out from then on. */
void needles_check(Needles *needles, const char *text, gsize length);

/* Whether a folded text may hold a match. */
gboolean needles_may(const Needles *needles, const char *text, gsize length);

/* Asked of a place where a needle begins: whether the word around it may be one. */
typedef gboolean (*NeedleTest)(const char *text, gsize length, gsize at, gpointer data);

/* For patterns that are held against single words: whether the test says yes of any place of a
 * folded text, or nothing can be told. */
gboolean needles_any_word(const Needles *needles, const char *text, gsize length,
        NeedleTest test, gpointer data);
