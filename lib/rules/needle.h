/*
 * Needles: a necessary test for patterns that are held against single words, far cheaper than
 * asking every word of a text.
 *
 * Surprising rule: it may say "perhaps" of any text, for what is not understood of a pattern
 * rules nothing out; where it says no, no word of the text is matched.
 */
#pragma once

#include <glib.h>

typedef struct Needles Needles;

Needles *needles_new(void);
void needles_free(Needles *needles);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Needles, needles_free)

/* Add a pattern by its source. A word that it matches holds one of its needles. */
void needles_add(Needles *needles, const char *expression);

/* A folded word that a pattern is known to match: should it hold no needle, all is given up. */
void needles_check(Needles *needles, const char *word);

/* Asked of a place where a needle begins: whether the word around it may be one. */
typedef gboolean (*NeedleTest)(const char *text, gsize length, gsize at, gpointer data);

/* Whether the test says yes of any place of a folded text, or nothing can be told. */
gboolean needles_any(const Needles *needles, const char *text, gsize length,
        NeedleTest test, gpointer data);
