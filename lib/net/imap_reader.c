#include "net/imap_reader.h"

#include <string.h>

#include "base/errors.h"

#define TEXT_MAX (1024 * 1024)           /* bytes of one answer beside its literals */
#define LITERAL_MAX (1024 * 1024 * 1024) /* announced; a larger one is absurd */
#define LITERAL_DIGITS_MAX 10
#define LITERALS_MAX 1000 /* of one answer */

struct ImapReader {
	gsize keep, next_keep; /* of the literals of one answer together */
	gsize kept;
	GString *text;       /* the answer's lines so far, "{n}" included */
	gsize line_start;    /* of the last line in text */
	GPtrArray *literals; /* of ImapValue, in order */
	GByteArray *literal; /* being read; or NULL */
	gsize literal_size, literal_left;
	gboolean broken;
};

ImapReader *
imap_reader_new(gsize keep)
{
	ImapReader *reader = g_new0(ImapReader, 1);
	reader->keep = reader->next_keep = keep;
	reader->text = g_string_new(NULL);
	reader->literals = imap_values_new();
	return reader;
}

void
imap_reader_free(ImapReader *reader)
{
	if (reader == NULL)
		return;
	g_string_free(reader->text, TRUE);
	g_ptr_array_unref(reader->literals);
	g_clear_pointer(&reader->literal, g_byte_array_unref);
	g_free(reader);
}

void
imap_reader_set_keep(ImapReader *reader, gsize keep)
{
	reader->next_keep = keep;
	if (reader->text->len == 0)
		reader->keep = keep;
}

static void
start_answer(ImapReader *reader)
{
	g_string_truncate(reader->text, 0);
	g_ptr_array_set_size(reader->literals, 0);
	reader->line_start = 0;
	reader->kept = 0;
	reader->keep = reader->next_keep;
}

static gboolean
set_broken(ImapReader *reader, const char *what, GError **error)
{
	reader->broken = TRUE;
	g_set_error(error, TRIAGED_ERROR, ERROR_TEMPORARY,
	        "the server does not speak IMAP: %s", what);
	return FALSE;
}

/* Whether a line ends within a quoted string, so that a "{5}" at its end would be quoted. */
static gboolean
ends_quoted(const char *line)
{
	gboolean quoted = FALSE;
	for (; *line != '\0'; line++) {
		if (quoted && *line == '\\' && line[1] != '\0')
			line++;
		else if (*line == '"')
			quoted = !quoted;
	}
	return quoted;
}

/* Whether the last line announces a literal, "... {12}" or "{12+}"; its size, or G_MAXSIZE for
 * more digits than any size has. */
static gboolean
announces_literal(const ImapReader *reader, gsize *size)
{
	const char *line = reader->text->str + reader->line_start;
	gsize length = strcspn(line, "\r\n");
	if (!imap_is_data(reader->text->str) || length < 3 || line[length - 1] != '}')
		return FALSE;
	const char *digit = line + length - 2;
	if (*digit == '+')
		digit--;
	const char *last = digit;
	while (digit > line && g_ascii_isdigit(*digit))
		digit--;
	if (digit == last || *digit != '{' || ends_quoted(line))
		return FALSE;
	*size = last - digit > LITERAL_DIGITS_MAX
	                ? G_MAXSIZE
	                : (gsize)g_ascii_strtoull(digit + 1, NULL, 10);
	return TRUE;
}

/* The kept bytes, with a NUL behind them that imap_value_text() relies on. */
static void
end_literal(ImapReader *reader)
{
	ImapValue *value = g_new0(ImapValue, 1);
	gsize length = reader->literal->len;
	g_byte_array_append(reader->literal, (const guint8 *)"", 1);
	g_autoptr(GBytes) with_nul =
	        g_byte_array_free_to_bytes(g_steal_pointer(&reader->literal));
	value->kind = IMAP_STRING;
	value->bytes = g_bytes_new_from_bytes(with_nul, 0, length);
	value->full_size = reader->literal_size;
	g_ptr_array_add(reader->literals, value);
	reader->line_start = reader->text->len;
}

static gboolean
start_literal(ImapReader *reader, gsize size, GError **error)
{
	if (size > LITERAL_MAX)
		return set_broken(reader, "an absurd literal", error);
	if (reader->literals->len >= LITERALS_MAX)
		return set_broken(reader, "too many literals", error);
	reader->literal = g_byte_array_new();
	reader->literal_size = reader->literal_left = size;
	if (size == 0)
		end_literal(reader);
	return TRUE;
}

static gsize
take_literal(ImapReader *reader, const guint8 *bytes, gsize size)
{
	gsize taken = MIN(size, reader->literal_left);
	gsize kept = MIN(taken, reader->keep - reader->kept);
	g_byte_array_append(reader->literal, bytes, (guint)kept);
	reader->kept += kept;
	reader->literal_left -= taken;
	if (reader->literal_left == 0)
		end_literal(reader);
	return taken;
}

/* The last line is complete: go on with a literal, or finish the answer. An empty line
 * between answers is passed over, as some servers send one. */
static gboolean
end_line(ImapReader *reader, ImapAnswer **answer, GError **error)
{
	GString *text = reader->text;
	gsize literal;
	if (memchr(text->str + reader->line_start, '\0',
	            text->len - reader->line_start) != NULL)
		return set_broken(reader, "a NUL byte", error);
	if (announces_literal(reader, &literal))
		return start_literal(reader, literal, error);
	if (strspn(text->str, "\r\n") == text->len) {
		start_answer(reader);
		return TRUE;
	}
	*answer = imap_answer_parse(text->str, reader->literals);
	if (*answer == NULL)
		return set_broken(reader, "a line that cannot be read", error);
	start_answer(reader);
	return TRUE;
}

static gboolean
take_line(
        ImapReader *reader, const char *bytes, gsize size, gsize *taken, GError **error)
{
	const char *end = memchr(bytes, '\n', size);
	*taken = end != NULL ? (gsize)(end - bytes) + 1 : size;
	if (reader->text->len + *taken > TEXT_MAX)
		return set_broken(reader, "an overlong line", error);
	g_string_append_len(reader->text, bytes, (gssize)*taken);
	return TRUE;
}

gssize
imap_reader_feed(ImapReader *reader, const void *bytes, gsize size, ImapAnswer **answer,
        GError **error)
{
	const char *at = bytes;
	const char *end = at + size;
	*answer = NULL;
	if (reader->broken && !set_broken(reader, "broken before", error))
		return -1;
	while (at < end && *answer == NULL) {
		gsize taken;
		if (reader->literal != NULL) {
			at += take_literal(
			        reader, (const guint8 *)at, (gsize)(end - at));
			continue;
		}
		if (!take_line(reader, at, (gsize)(end - at), &taken, error))
			return -1;
		at += taken;
		if (at[-1] == '\n' && !end_line(reader, answer, error))
			return -1;
	}
	return at - (const char *)bytes;
}
