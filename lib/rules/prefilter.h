/*
 * Which of many patterns may match a text at all, by one pass over it.
 *
 * An Aho-Corasick automaton over the literals that each pattern requires, read past the spaces
 * (rules/literal.h). A pattern is named when one literal of each of its sets stands. It may name
 * a pattern too many, never one too few: a pattern without such literals is always named.
 */
#pragma once

#include <glib.h>

typedef struct Prefilter Prefilter;

Prefilter *prefilter_new(void);
void prefilter_free(Prefilter *prefilter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Prefilter, prefilter_free)

/* Add a pattern by the sets of literals that it requires; NULL or none: it must always be tried.
 * Takes a reference. Its number: 0, 1, ... */
guint prefilter_add(Prefilter *prefilter, GPtrArray *sets);

/* Name a pattern always. */
void prefilter_always(Prefilter *prefilter, guint number);

/* When every pattern is added. */
void prefilter_finish(Prefilter *prefilter);

/* The size of a set of candidates, one bit for each pattern: so many guint64. */
gsize prefilter_words(const Prefilter *prefilter);

/* Fill candidates with the patterns that may match. */
void prefilter_scan(
        Prefilter *prefilter, const char *text, gsize length, guint64 *candidates);

/* The first candidate at or after *number, into number. */
gboolean prefilter_next(
        const Prefilter *prefilter, const guint64 *candidates, guint *number);

guint prefilter_count(const Prefilter *prefilter);
