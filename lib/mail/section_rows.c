#include "mail/section_rows.h"

#include <string.h>

#include "base/text.h"

#define PRINTABLE_MIN 3   /* escapes that make a text a quoted-printable paste */
#define SOFT_BREAK_MIN 60 /* columns before a "=" that may be a soft break */

/* Escapes that hardly anything but quoted-printable holds; URLs have "=20", "=3D". */
static const char *const escapes[] = { "=C3=", "=E2=80=", "=C2=A0", "=20\n", "=20\r\n",
	"=3D\"", "=3D'", "=E8 ", "=E0 ", "=F9 ", "=F2 ", "=EC ", "=92" };

static int
hex_value(const char *text)
{
	int high = g_ascii_xdigit_value(text[0]);
	int low = high < 0 ? -1 : g_ascii_xdigit_value(text[1]);
	if (low < 0 || g_ascii_islower(text[0]) || g_ascii_islower(text[1]))
		return -1;
	return high * 16 + low;
}

static guint
count_escapes(const char *text)
{
	guint count = 0;
	for (const char *at = strchr(text, '='); at != NULL && count < PRINTABLE_MIN;
	        at = strchr(at + 1, '='))
		for (gsize i = 0; i < G_N_ELEMENTS(escapes); i++)
			count += at[1] == escapes[i][1] &&
			         g_str_has_prefix(at, escapes[i]);
	return count;
}

static gboolean
is_soft_break(const char *text)
{
	return text[0] == '=' &&
	       (text[1] == '\n' || (text[1] == '\r' && text[2] == '\n'));
}

static gboolean
is_quoted_printable(const char *text)
{
	if (strchr(text, '=') == NULL)
		return FALSE;
	guint escaped = count_escapes(text);
	if (escaped >= PRINTABLE_MIN)
		return TRUE;
	const char *line = text;
	for (; escaped > 0 && *line != '\0'; line += strcspn(line, "\n") + 1) {
		gsize length = strcspn(line, "\r\n");
		if (length >= SOFT_BREAK_MIN && is_soft_break(line + length - 1))
			return TRUE;
		if (line[strcspn(line, "\n")] == '\0')
			break;
	}
	return FALSE;
}

/* Decode RFC 2045 6.7. A soft break leaves a mark behind the line it joins, so that the
 * numbers of the lines stay right: joined counts, per decoded line, the breaks in it. */
static char *
decode_printable(const char *text, GArray *joined)
{
	g_autoptr(GString) out = g_string_sized_new(strlen(text));
	guint breaks = 0;
	for (; *text != '\0'; text++) {
		int value = *text == '=' ? hex_value(text + 1) : -1;
		if (is_soft_break(text)) {
			text += text[1] == '\r' ? 2 : 1;
			breaks++;
		} else if (value > 0 && value != '\n' && value != '\r') {
			g_string_append_c(out, (char)value);
			text += 2;
		} else {
			g_string_append_c(out, *text);
			if (*text == '\n') {
				g_array_append_val(joined, breaks);
				breaks = 0;
			}
		}
	}
	g_array_append_val(joined, breaks);
	return text_to_utf8(out->str, (gssize)out->len);
}

/* ">>> RCPT TO:<x>" in a session's transcript is no quote. */
static gboolean
is_session_line(const char *text)
{
	static const char *const verbs[] = { "MAIL", "RCPT", "DATA", "HELO", "EHLO",
		"QUIT", "AUTH", "STARTTLS", "BDAT", "RSET" };
	if (!g_str_has_prefix(text, ">>> "))
		return FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(verbs); i++)
		if (g_ascii_strncasecmp(text + 4, verbs[i], strlen(verbs[i])) == 0)
			return TRUE;
	return FALSE;
}

/* Pass over quote marks; *count becomes their number. */
static const char *
skip_marks(const char *text, guint *count)
{
	*count = 0;
	for (;;) {
		const char *mark = text + MIN(strspn(text, " "), *count == 0 ? 3u : 1u);
		if (*mark != '>' || *count >= QUOTE_MAX || is_session_line(mark))
			return text;
		(*count)++;
		text = mark + 1;
		if (*text == ' ' && text[1] != ' ' && text[1] != '\t')
			text++;
	}
}

static void
row_set(Rows *rows, Row *row, const Line *source)
{
	const char *text = skip_marks(source->text, &row->quote);
	char *folded = NULL;
	row->line = *source;
	if (text == source->text)
		return;
	row->line = line_behind(source, (gsize)(text - source->text), &folded);
	g_ptr_array_add(rows->folded, folded);
}

Rows *
rows_new(const char *text, const Lines *lines)
{
	g_autoptr(GArray) joined = g_array_new(FALSE, TRUE, sizeof(guint));
	g_autofree char *decoded =
	        is_quoted_printable(text) ? decode_printable(text, joined) : NULL;
	Rows *rows = g_new0(Rows, 1);
	if (decoded != NULL)
		lines = rows->decoded = lines_split(decoded);
	rows->lines = lines;
	rows->folded = g_ptr_array_new_with_free_func(g_free);
	rows->at = g_new0(Row, lines->count);
	rows->count = lines->count;
	guint breaks = 0;
	for (guint i = 0; i < lines->count; i++) {
		row_set(rows, &rows->at[i], &lines->at[i]);
		rows->at[i].line.number += breaks;
		if (i < joined->len)
			breaks += g_array_index(joined, guint, i);
	}
	return rows;
}

void
rows_free(Rows *rows)
{
	if (rows == NULL)
		return;
	lines_free(rows->decoded);
	g_ptr_array_unref(rows->folded);
	g_free(rows->at);
	g_free(rows);
}

guint
rows_filled(const Rows *rows, guint from, guint to)
{
	while (from < to && line_is_blank(&rows->at[from].line))
		from++;
	return from;
}

static gsize
shared_indent(const Rows *rows, guint first, guint last)
{
	gsize least = G_MAXSIZE;
	for (guint i = first; i < last; i++)
		if (!line_is_blank(&rows->at[i].line))
			least = MIN(least, strspn(rows->at[i].line.text, " "));
	return least == G_MAXSIZE ? 0 : least;
}

/* Leave out the blank rows at both ends. */
static void
trim_rows(const Rows *rows, guint *first, guint *last)
{
	*first = rows_filled(rows, *first, *last);
	while (*last > *first && line_is_blank(&rows->at[*last - 1].line))
		(*last)--;
}

char *
rows_text(const Rows *rows, guint first, guint last, gboolean dedent, GArray *lines)
{
	trim_rows(rows, &first, &last);
	gsize indent = dedent ? shared_indent(rows, first, last) : 0;
	gsize size = 1;
	for (guint i = first; i < last; i++)
		size += strlen(rows->at[i].line.text) + 1;
	char *text = g_malloc(size), *end = text;
	guint known = lines->len;
	g_array_set_size(lines, known + (last - first));
	for (guint i = first; i < last; i++) {
		const Line *line = &rows->at[i].line;
		gsize skipped = indent > 0 ? MIN(indent, strspn(line->text, " ")) : 0;
		end = stpcpy(end, line->text + skipped);
		*end++ = '\n';
		g_array_index(lines, guint, known + (i - first)) = line->number;
	}
	*end = '\0';
	return text;
}

Lines *
rows_lines(const Rows *rows, guint first, guint last, gboolean dedent)
{
	trim_rows(rows, &first, &last);
	if (rows->decoded != NULL || (dedent && shared_indent(rows, first, last) > 0))
		return NULL;
	g_autoptr(Lines) lines = lines_borrow(last - first + 1);
	for (guint i = first; i < last; i++) {
		Line *line = &lines->at[i - first];
		if (rows->at[i].line.text != rows->lines->at[i].text)
			return NULL;
		*line = rows->at[i].line;
		line->number = i - first + 1;
	}
	/* what stands behind the last line's end */
	lines->at[last - first] =
	        (Line){ .text = "", .folded = "", .number = last - first + 1 };
	return g_steal_pointer(&lines);
}
