#include "mail/canvas.h"

#include <string.h>

/* Two empty lines are as telling as twenty. */
#define MAX_BREAKS 3
/* Deeper quotes look the same to a reader. */
#define MAX_QUOTE_MARKS 20

struct Canvas {
	GString *out;
	gsize max;
	guint breaks;      /* wished for */
	guint quotes;      /* depth of what is put next */
	guint line_quotes; /* depth of the line in hand */
	gsize line;        /* where the line in hand begins, behind its marks */
	guint lines;       /* begun so far */
	guint cell_line;   /* in which of them the cell in hand began */
	gboolean fresh;    /* nothing was put into the cell in hand */
	gboolean blank;    /* a collapsed blank is owed */
	gboolean tab;      /* a cell's tab is owed */
	gboolean full;
};

Canvas *
canvas_new(gsize max_text)
{
	Canvas *canvas = g_new0(Canvas, 1);
	canvas->out = g_string_sized_new(MIN(max_text, 4096));
	canvas->max = max_text;
	canvas->fresh = TRUE;
	return canvas;
}

static void
trim_line(Canvas *canvas)
{
	GString *out = canvas->out;
	while (out->len > canvas->line &&
	        (out->str[out->len - 1] == ' ' || out->str[out->len - 1] == '\t'))
		g_string_truncate(out, out->len - 1);
}

static void
put_marks(Canvas *canvas, guint depth)
{
	for (guint i = 0; i < MIN(depth, MAX_QUOTE_MARKS); i++)
		g_string_append_c(canvas->out, '>');
}

/* Empty lines between two depths belong to the shallower one. */
static void
begin_lines(Canvas *canvas)
{
	gboolean first = canvas->out->len == 0;
	guint between = MIN(canvas->line_quotes, canvas->quotes);
	trim_line(canvas);
	for (guint i = 0; !first && i < canvas->breaks; i++) {
		g_string_append_c(canvas->out, '\n');
		if (i + 1 < canvas->breaks)
			put_marks(canvas, between);
	}
	put_marks(canvas, canvas->quotes);
	if (canvas->quotes > 0)
		g_string_append_c(canvas->out, ' ');
	canvas->line = canvas->out->len;
	canvas->line_quotes = canvas->quotes;
	canvas->lines++;
	canvas->breaks = 0;
	canvas->blank = canvas->tab = FALSE;
}

/* Make pending wishes true before something visible. */
static void
settle(Canvas *canvas)
{
	if (canvas->breaks > 0 || canvas->out->len == 0)
		begin_lines(canvas);
	if (canvas->tab && canvas->out->len > canvas->line) {
		trim_line(canvas);
		g_string_append_c(canvas->out, '\t');
	} else if (canvas->blank && canvas->out->len > canvas->line) {
		g_string_append_c(canvas->out, ' ');
	}
	canvas->tab = canvas->blank = canvas->fresh = FALSE;
}

static void
put_word(Canvas *canvas, const char *word, gsize length)
{
	settle(canvas);
	if (canvas->out->len + length > canvas->max) {
		canvas->full = TRUE;
		return;
	}
	g_string_append_len(canvas->out, word, length);
}

/* Put one character that is not a word's, and return where the next begins. */
static const char *
put_space(Canvas *canvas, const char *at, gboolean verbatim)
{
	gboolean nbsp = (guchar)at[0] == 0xC2 && (guchar)at[1] == 0xA0;
	if (nbsp || (verbatim && *at == ' '))
		put_word(canvas, " ", 1);
	else if (verbatim && *at == '\t')
		put_word(canvas, "\t", 1);
	else if (verbatim && *at == '\n')
		canvas_line_break(canvas);
	else
		canvas->blank = TRUE;
	return at + (nbsp ? 2 : 1);
}

static gboolean
is_space(const char *at, const char *end)
{
	return g_ascii_isspace(*at) || *at == '\0' ||
	       (end - at >= 2 && (guchar)at[0] == 0xC2 && (guchar)at[1] == 0xA0);
}

void
canvas_put(Canvas *canvas, const char *text, gsize length, gboolean verbatim)
{
	const char *end = text + length;
	while (text < end && !canvas->full) {
		const char *word = text;
		while (text < end && !is_space(text, end))
			text++;
		if (text > word)
			put_word(canvas, word, text - word);
		if (text < end)
			text = put_space(canvas, text, verbatim);
	}
}

void
canvas_block(Canvas *canvas, guint breaks)
{
	if (canvas->fresh)
		return;
	canvas->breaks = MAX(canvas->breaks, breaks);
	canvas->blank = FALSE;
}

void
canvas_line_break(Canvas *canvas)
{
	if (canvas->fresh)
		return;
	canvas->breaks = MIN(canvas->breaks + 1, MAX_BREAKS);
	canvas->blank = FALSE;
}

void
canvas_quote(Canvas *canvas, int levels)
{
	if (canvas->out->len > 0)
		canvas->breaks = MAX(canvas->breaks, 1);
	canvas->quotes += levels;
	canvas->blank = canvas->tab = FALSE;
}

void
canvas_row(Canvas *canvas)
{
	if (!canvas->fresh)
		canvas->breaks = 1;
	canvas->blank = canvas->tab = FALSE;
}

guint
canvas_cell(Canvas *canvas, guint previous)
{
	if (previous > 0 && canvas->lines <= previous &&
	        canvas->out->len > canvas->line) {
		canvas->breaks = 0;
		canvas->tab = TRUE;
	} else if (previous > 0) {
		canvas_block(canvas, 1);
	}
	gboolean begins = canvas->breaks > 0 || canvas->out->len == 0;
	canvas->fresh = TRUE;
	canvas->blank = FALSE;
	return canvas->lines + (begins ? 1 : 0);
}

void
canvas_cell_end(Canvas *canvas)
{
	canvas->fresh = canvas->out->len == 0;
	canvas->blank = FALSE;
}

gboolean
canvas_is_full(const Canvas *canvas)
{
	return canvas->full;
}

char *
canvas_finish(Canvas *canvas)
{
	trim_line(canvas);
	GString *out = canvas->out;
	while (out->len > 0 && out->str[out->len - 1] == '\n')
		g_string_truncate(out, out->len - 1);
	if (out->len > 0)
		g_string_append_c(out, '\n');
	g_free(canvas);
	return g_string_free(out, FALSE);
}
