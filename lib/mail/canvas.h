/*
 * Text laid out as it is read out of marked-up sources (HTML, RTF): lines, paragraphs,
 * quotes and table rows.
 *
 * Surprising rule: breaks are wishes. They come true when the next text is put, so that
 * empty blocks and the edges of cells leave no empty lines.
 */
#pragma once

#include <glib.h>

typedef struct Canvas Canvas;

Canvas *canvas_new(gsize max_text);
char *canvas_finish(Canvas *canvas); /* frees the canvas; text ends with one line end */

/* Put text, blanks collapsed unless verbatim; NBSP is a blank that is not collapsed. */
void canvas_put(Canvas *canvas, const char *text, gsize length, gboolean verbatim);

void canvas_block(Canvas *canvas, guint breaks); /* at least so many line ends */
void canvas_line_break(Canvas *canvas);          /* one more line end */
void canvas_quote(Canvas *canvas, int levels);   /* +1 or -1; begins a line */

void canvas_row(Canvas *canvas);
/* Begin a cell: behind a cell of one line it is set off by a tab, else by a line end.
 * previous is what this returned for the row's cell before, 0 for the first. */
guint canvas_cell(Canvas *canvas, guint previous);
void canvas_cell_end(Canvas *canvas);

gboolean canvas_is_full(const Canvas *canvas);
