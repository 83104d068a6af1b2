/*
 * A text cut into rows: its lines with their quote marks counted and taken off.
 *
 * Surprising rule: where the text is a paste of raw quoted-printable, it is decoded first and
 * a row may stand for several lines of the source.
 */
#pragma once

#include "mail/lines.h"

#define QUOTE_MAX 50 /* quote marks of one line that are counted */

typedef struct {
	Line line;   /* text behind the marks; number in the source */
	guint quote; /* how many marks stood before it */
} Row;

typedef struct {
	Row *at;
	guint count;
	const Lines *lines; /* what the rows point into */
	Lines *decoded;     /* the same when it had to be decoded, or NULL */
	GPtrArray *folded;  /* of char *: of those that had marks */
} Rows;

/* Borrows the lines, which are text's. */
Rows *rows_new(const char *text, const Lines *lines);
void rows_free(Rows *rows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Rows, rows_free)

/* The first row at or after from that is not blank, or to. */
guint rows_filled(const Rows *rows, guint from, guint to);

/* The rows from first to before last as text, LF ends; blank rows at both ends left out, and
 * the indent that all rows share when dedent is set. *lines gets the number of each line. */
char *rows_text(
        const Rows *rows, guint first, guint last, gboolean dedent, GArray *lines);

/* The same as lines that borrow from those the rows were made of, numbered from 1; NULL when
 * they are not the same: without marks or a shared indent. */
Lines *rows_lines(const Rows *rows, guint first, guint last, gboolean dedent);
