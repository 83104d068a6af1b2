/*
 * Runs: what atoms of an expression that stand in a row may read as, and how many bytes of a text
 * parts of it take.
 */
#pragma once

#include "rules/literal.h"

/* What one run of atoms may read as. */
#define READINGS_MAX 100

/* How many bytes of a text something takes. */
typedef struct {
	guint32 least, most;
} Width;

/* Atoms in a row, all that they may read as, and where in the match the first of them stands that
 * is no space. */
typedef struct {
	guint count;
	guint8 bounds; /* "\\b" stands before the first of them, behind the last */
	Width before;
	Literal readings[READINGS_MAX];
} Run;

Width width_sum(Width one, Width other);
Width width_product(Width one, guint32 least, guint32 most);
guint32 far_sum(guint32 one, guint32 other);

/* Begin with nothing read. */
void run_begin(Run *run, Width before);

/* The lengths of its readings. */
guint run_shortest(const Run *run);
guint run_longest(const Run *run);

/* The bounds that hold for every reading: "\\b" means one only beside a letter or digit. */
guint8 run_bounds(const Run *run);

/* Put each reading of more behind each of the run; there must be room for them. */
void run_multiply(Run *run, const Run *more);

/* Add a reading. FALSE when there is no room for it. */
gboolean run_add(Run *run, const char *text, gsize length);

/* Where the "]" stands that closes a class, from its inside; NULL: nowhere. */
const char *literal_class_end(const char *at);

/* Add the readings of a class, whose inside ends before end; FALSE when they are too many, or not
 * sure. */
gboolean run_add_class(Run *run, const char *at, const char *end);

/* Whether a character is left out of texts. */
gboolean literal_is_white(char character);

/* Whether it is part of a word, as "\\w" says. */
gboolean literal_is_word(char character);
