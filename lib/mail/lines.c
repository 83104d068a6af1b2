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

static void
line_set(Line *line, const char *start, gsize length, guint number)
{
	gsize trimmed = trimmed_length(start, length);
	line->text = g_strndup(start, trimmed);
	line->indent = measure_indent(line->text);
	line->number = number;
	line->folded = text_fold_words(line->text, MIN(trimmed, LINE_BYTES_MAX));
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

Lines *
lines_split(const char *text)
{
	Lines *lines = g_new0(Lines, 1);
	lines->count = count_lines(text);
	lines->at = g_new0(Line, lines->count);
	for (guint i = 0; i < lines->count; i++) {
		gsize length = strcspn(text, "\n");
		line_set(&lines->at[i], text, length, i + 1);
		text += length + (text[length] == '\n');
	}
	return lines;
}

void
lines_free(Lines *lines)
{
	if (lines == NULL)
		return;
	for (guint i = 0; i < lines->count; i++) {
		g_free(lines->at[i].text);
		g_free(lines->at[i].folded);
	}
	g_free(lines->at);
	g_free(lines);
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
	return line->folded + strspn(line->folded, "-|*=_#>.+ \"'");
}

gboolean
core_begins(const char *core, const char *phrase)
{
	gsize length = strlen(phrase);
	return strncmp(core, phrase, length) == 0 &&
	       !(g_ascii_isalnum(core[length]) && g_ascii_isalnum(phrase[length - 1]));
}
