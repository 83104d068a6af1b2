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
	Lines *lines;      /* what the rows point into */
	GPtrArray *folded; /* of char *: of those that had marks */
} Rows;

Rows *rows_new(const char *text);
void rows_free(Rows *rows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Rows, rows_free)

/* The first row at or after from that is not blank, or to. */
guint rows_filled(const Rows *rows, guint from, guint to);

/* The rows from first to before last as text, LF ends; blank rows at both ends left out, and
 * the indent that all rows share when dedent is set. *lines gets the number of each line. */
char *rows_text(
        const Rows *rows, guint first, guint last, gboolean dedent, GArray *lines);
