#include "mail/lines.h"

#include <string.h>

#include "base/text.h"

#define TAB_WIDTH 8

/* The bytes of white space at text: space, tab, CR, NBSP, BOM and zero-width space. */
static gsize
space_width(const char *text)
{
	if (*text == ' ' || *text == '\t' || *text == '\r' || *text == '\f')
		return 1;
	if ((guchar)*text < 0x80)
		return 0;
	if (g_str_has_prefix(text, "\xc2\xa0"))
		return 2;
	if (g_str_has_prefix(text, "\xef\xbb\xbf") ||
	        g_str_has_prefix(text, "\xe2\x80\x8b"))
		return 3;
	return 0;
}

static gsize
trimmed_length(const char *start, gsize length)
{
	/* as nearly all lines end */
	if (length > 0 && g_ascii_isgraph(start[length - 1]))
		return length;
	while (length > 0) {
		gsize width = 0;
		if (strchr(" \t\r\f", start[length - 1]) != NULL)
			width = 1;
		else if (length >= 2 && memcmp(start + length - 2, "\xc2\xa0", 2) == 0)
			width = 2;
		if (width == 0)
			break;
		length -= width;
	}
	return length;
}

static guint
measure_indent(const char *text)
{
	guint columns = 0;
	gsize width;
	while ((width = space_width(text)) > 0) {
		if (*text == '\t')
			columns += TAB_WIDTH - columns % TAB_WIDTH;
		else if (width < 3)
			columns++;
		text += width;
	}
	return columns;
}

static guint
count_lines(const char *text)
{
	guint count = 1;
	for (const char *c = strchr(text, '\n'); c != NULL && count < LINES_MAX;
	        c = strchr(c + 1, '\n'))
		count++;
	return count;
}

/* Cut the texts' buffer at its line ends, and fold each line into the other one, whose place is
 * known only when it has stopped growing: *starts gets where each begins. */
static void
cut_lines(Lines *lines, FoldedPieces *pieces, gsize *starts)
{
	char *text = lines->texts;
	for (guint i = 0; i < lines->count; i++) {
		Line *line = &lines->at[i];
		char *feed = strchr(text, '\n');
		gsize length = feed != NULL ? (gsize)(feed - text) : strlen(text);
		char *next = text + length + (feed != NULL);
		gsize trimmed = trimmed_length(text, length);
		text[trimmed] = '\0';
		line->text = text;
		line->indent = measure_indent(text);
		line->number = i + 1;
		line->layout = &lines->layouts[i];
		starts[i] = text_fold_piece(pieces, text, MIN(trimmed, LINE_BYTES_MAX));
		line->folded_length = (guint)(pieces->length - 1 - starts[i]);
		text = next;
	}
}

/* Two buffers for all lines, not two for each: most of the time went into making them. */
Lines *
lines_split(const char *text)
{
	Lines *lines = g_new0(Lines, 1);
	gsize length = strlen(text);
	lines->count = count_lines(text);
	lines->at = g_new0(Line, lines->count);
	lines->layouts = g_new0(guint16, lines->count);
	lines->texts = g_strndup(text, length);
	/* nearly always enough: few characters are longer when folded */
	FoldedPieces pieces = { .room = length + 2 * (gsize)lines->count + FOLD_SLACK };
	pieces.text = g_malloc(pieces.room);
	g_autofree gsize *starts = g_new(gsize, lines->count);
	cut_lines(lines, &pieces, starts);
	lines->foldeds = pieces.text;
	for (guint i = 0; i < lines->count; i++)
		lines->at[i].folded = lines->foldeds + starts[i];
	return lines;
}

Lines *
lines_borrow(guint count)
{
	Lines *lines = g_new0(Lines, 1);
	lines->count = count;
	lines->at = g_new0(Line, MAX(count, 1));
	return lines;
}

void
lines_free(Lines *lines)
{
	if (lines == NULL)
		return;
	g_free(lines->texts);
	g_free(lines->foldeds);
	g_free(lines->layouts);
	g_free(lines->at);
	g_free(lines);
}

Line
line_behind(const Line *line, gsize skipped, char **folded)
{
	const char *text = line->text + skipped;
	*folded = text_fold_words(text, MIN(strlen(text), LINE_BYTES_MAX));
	return (Line){ .text = text,
		.folded = *folded,
		.folded_length = (guint)strlen(*folded),
		.indent = measure_indent(text),
		.number = line->number };
}

gboolean
line_is_blank(const Line *line)
{
	return line->folded[0] == '\0';
}

const char *
line_words(const Line *line)
{
	const char *text = line->text;
	gsize width;
	while ((width = space_width(text)) > 0)
		text += width;
	return text;
}

const char *
line_core(const Line *line)
{
	if (g_ascii_isalnum(line->folded[0]))
		return line->folded;
	return line->folded + strspn(line->folded, "-|*=_#>.+ \"'");
}

gboolean
core_begins(const char *core, const char *phrase)
{
	if (core[0] != phrase[0])
		return FALSE;
	gsize length = strlen(phrase);
	return strncmp(core, phrase, length) == 0 &&
	       !(g_ascii_isalnum(core[length]) && g_ascii_isalnum(phrase[length - 1]));
}
