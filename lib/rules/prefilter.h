/*
 * Which of many patterns may match a text at all, and where, by one pass over it.
 *
 * An Aho-Corasick automaton over the literals that each pattern requires, read past the white
 * space (rules/literal.h). A pattern is a candidate when a literal of each of its sets stands,
 * and they stand where one match may hold them all. It may be one too many, never one too few: a
 * pattern without such literals is always a candidate.
 *
 * Hyperscan was measured beside it (tests/bench/prefilter) and refused: the catalogue's patterns
 * as its own prefilter take some 25 seconds to compile at every start, five times the memory and
 * ten times as long per KB; its literal matcher alone is no faster on texts of this length than
 * all of this, and does not know where a match may begin.
 */
#pragma once

#include <glib.h>

#include "rules/automaton.h"

typedef struct Prefilter Prefilter;

/* A pattern that may match, and between which bytes of the text its match begins. */
typedef struct {
	guint32 pattern;
	guint32 first, last;
} PrefilterCandidate;

Prefilter *prefilter_new(void);
void prefilter_free(Prefilter *prefilter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Prefilter, prefilter_free)

/* Add a pattern by an alternative of what was read of it; NULL, or without sets: it must always
 * be tried. Its number: 0, 1, ... */
guint prefilter_add(Prefilter *prefilter, const LiteralReading *reading,
        const LiteralAlternative *alternative);

/* Name a pattern always. */
void prefilter_always(Prefilter *prefilter, guint number);

/* When every pattern is added. */
void prefilter_finish(Prefilter *prefilter);

/* Read a text. */
void prefilter_scan(Prefilter *prefilter, const char *text, gsize length, View *view);

/* The candidates for the text of a view, of those patterns from one on and before another, in
 * order; how many, into a row with room for all patterns. */
guint prefilter_select(Prefilter *prefilter, const View *view, guint from, guint to,
        PrefilterCandidate *candidates);

guint prefilter_count(const Prefilter *prefilter);
