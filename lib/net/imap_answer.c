#include "net/imap_answer.h"

#include <stdio.h>
#include <string.h>

#define NESTING_MAX 20        /* of lists; BODYSTRUCTURE is never asked for */
#define VALUES_MAX 200000     /* of one answer; a SEARCH may have many */
#define TEXT_LITERAL_MAX 4096 /* a literal that may be read as text */

/* Where the parser stands in a complete answer. */
typedef struct {
	const char *at;
	GPtrArray *literals;
	guint next_literal, depth, values;
} Cursor;

static void
value_free(ImapValue *value)
{
	if (value == NULL)
		return;
	g_free(value->text);
	g_clear_pointer(&value->bytes, g_bytes_unref);
	g_clear_pointer(&value->list, g_ptr_array_unref);
	g_free(value);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImapValue, value_free)

static void
value_unref(gpointer value)
{
	value_free(value);
}

GPtrArray *
imap_values_new(void)
{
	return g_ptr_array_new_with_free_func(value_unref);
}

void
imap_answer_free(ImapAnswer *answer)
{
	if (answer == NULL)
		return;
	g_free(answer->tag);
	g_free(answer->code);
	g_free(answer->code_text);
	g_free(answer->text);
	g_free(answer->name);
	g_clear_pointer(&answer->values, g_ptr_array_unref);
	g_free(answer);
}

/* The words that make an answer a status, whose text is free and holds no literals. */
static const struct {
	const char *word;
	ImapStatus status;
} statuses[] = {
	{ "OK", IMAP_OK },
	{ "NO", IMAP_NO },
	{ "BAD", IMAP_BAD },
	{ "BYE", IMAP_BYE },
	{ "PREAUTH", IMAP_PREAUTH },
};

static ImapStatus
status_of(const char *word, gsize length)
{
	for (gsize i = 0; i < G_N_ELEMENTS(statuses); i++)
		if (strlen(statuses[i].word) == length &&
		        g_ascii_strncasecmp(statuses[i].word, word, length) == 0)
			return statuses[i].status;
	return IMAP_DATA;
}

gboolean
imap_is_data(const char *text)
{
	if (text[0] != '*' || text[1] != ' ')
		return FALSE;
	const char *word = text + 2;
	return status_of(word, strcspn(word, " \r\n")) == IMAP_DATA;
}

static void
skip_spaces(Cursor *cursor)
{
	while (*cursor->at == ' ')
		cursor->at++;
}

static gboolean
at_line_end(const Cursor *cursor)
{
	return *cursor->at == '\r' || *cursor->at == '\n' || *cursor->at == '\0';
}

static ImapValue *
new_text(ImapKind kind, char *text)
{
	ImapValue *value = g_new0(ImapValue, 1);
	value->kind = kind;
	value->text = text;
	return value;
}

static ImapValue *
parse_quoted(Cursor *cursor)
{
	g_autoptr(GString) text = g_string_new(NULL);
	for (cursor->at++; *cursor->at != '"'; cursor->at++) {
		if (*cursor->at == '\\')
			cursor->at++;
		if (at_line_end(cursor))
			return NULL;
		g_string_append_c(text, *cursor->at);
	}
	cursor->at++;
	return new_text(IMAP_STRING, g_string_free(g_steal_pointer(&text), FALSE));
}

/* The literal announced here; what follows it stands on the next line of the text. */
static ImapValue *
parse_literal(Cursor *cursor)
{
	const char *end = strchr(cursor->at, '\n');
	if (cursor->next_literal >= cursor->literals->len || end == NULL)
		return NULL;
	const char *brace = strchr(cursor->at, '}');
	if (brace == NULL || (brace[1] != '\r' && brace[1] != '\n'))
		return NULL;
	cursor->at = end + 1;
	gpointer *slot = &g_ptr_array_index(cursor->literals, cursor->next_literal++);
	return g_steal_pointer(slot);
}

/* A section "[HEADER.FIELDS (A B)]" belongs to the atom before it. */
static void
skip_section(Cursor *cursor)
{
	gsize length = strcspn(cursor->at, "]\r\n");
	cursor->at += cursor->at[length] == ']' ? length + 1 : 1;
}

static ImapValue *
parse_atom(Cursor *cursor)
{
	const char *start = cursor->at;
	while (!at_line_end(cursor) && strchr(" ()\"{", *cursor->at) == NULL) {
		if (*cursor->at == '[')
			skip_section(cursor);
		else
			cursor->at++;
	}
	if (cursor->at == start)
		return NULL;
	g_autofree char *text = g_strndup(start, (gsize)(cursor->at - start));
	if (g_ascii_strcasecmp(text, "NIL") == 0)
		return new_text(IMAP_NIL, NULL);
	return new_text(IMAP_ATOM, g_steal_pointer(&text));
}

static ImapValue *parse_value(Cursor *cursor);

static ImapValue *
parse_list(Cursor *cursor)
{
	if (++cursor->depth > NESTING_MAX)
		return NULL;
	g_autoptr(ImapValue) list = new_text(IMAP_LIST, NULL);
	list->list = imap_values_new();
	cursor->at++;
	for (skip_spaces(cursor); *cursor->at != ')'; skip_spaces(cursor)) {
		ImapValue *value = parse_value(cursor);
		if (value == NULL)
			return NULL;
		g_ptr_array_add(list->list, value);
	}
	cursor->at++;
	cursor->depth--;
	return g_steal_pointer(&list);
}

static ImapValue *
parse_value(Cursor *cursor)
{
	if (++cursor->values > VALUES_MAX)
		return NULL;
	switch (*cursor->at) {
	case '(': return parse_list(cursor);
	case '"': return parse_quoted(cursor);
	case '{': return parse_literal(cursor);
	case '~':
		if (cursor->at[1] != '{')
			return parse_atom(cursor);
		cursor->at++;
		return parse_literal(cursor);
	default: return parse_atom(cursor);
	}
}

static char *
take_word(Cursor *cursor)
{
	gsize length = strcspn(cursor->at, " \r\n");
	char *word = g_strndup(cursor->at, length);
	cursor->at += length;
	skip_spaces(cursor);
	return word;
}

/* "[CODE text] words": the bracket that ends a code is followed by a space or the end, since
 * flags within may hold others. */
static void
parse_code(ImapAnswer *answer, Cursor *cursor)
{
	const char *start = cursor->at + 1;
	const char *end = start;
	do {
		end += strcspn(end, "]\r\n");
		if (*end != ']')
			return;
		end++;
	} while (strchr(" \r\n", *end) == NULL);
	g_autofree char *code = g_strndup(start, (gsize)(end - 1 - start));
	char *space = strchr(code, ' ');
	if (space != NULL) {
		answer->code_text = g_strdup(space + 1);
		*space = '\0';
	}
	answer->code = g_ascii_strup(code, -1);
	cursor->at = end;
	skip_spaces(cursor);
}

static void
parse_words(ImapAnswer *answer, Cursor *cursor)
{
	if (*cursor->at == '[')
		parse_code(answer, cursor);
	answer->text = g_strndup(cursor->at, strcspn(cursor->at, "\r\n"));
}

static gboolean
is_number(const char *word)
{
	return word[0] != '\0' && strlen(word) <= 10 &&
	       strspn(word, "0123456789") == strlen(word) &&
	       g_ascii_strtoull(word, NULL, 10) <= G_MAXUINT32;
}

static gboolean
parse_data(ImapAnswer *answer, char *word, Cursor *cursor)
{
	g_autofree char *first = word;
	answer->numbered = is_number(first);
	if (answer->numbered)
		answer->number = (guint32)g_ascii_strtoull(first, NULL, 10);
	g_autofree char *name =
	        answer->numbered ? take_word(cursor) : g_steal_pointer(&first);
	answer->name = g_ascii_strup(name, -1);
	answer->values = imap_values_new();
	for (skip_spaces(cursor); !at_line_end(cursor); skip_spaces(cursor)) {
		ImapValue *value = parse_value(cursor);
		if (value == NULL)
			return FALSE;
		g_ptr_array_add(answer->values, value);
	}
	return answer->name[0] != '\0';
}

static gboolean
parse_answer(ImapAnswer *answer, Cursor *cursor)
{
	g_autofree char *tag = take_word(cursor);
	if (g_str_equal(tag, "+")) {
		answer->kind = IMAP_CONTINUE;
		parse_words(answer, cursor);
		return TRUE;
	}
	g_autofree char *word = take_word(cursor);
	answer->kind = g_str_equal(tag, "*") ? IMAP_UNTAGGED : IMAP_TAGGED;
	answer->status = status_of(word, strlen(word));
	if (answer->kind == IMAP_TAGGED)
		answer->tag = g_steal_pointer(&tag);
	if (answer->status != IMAP_DATA) {
		parse_words(answer, cursor);
		return TRUE;
	}
	return answer->kind == IMAP_UNTAGGED &&
	       parse_data(answer, g_steal_pointer(&word), cursor);
}

ImapAnswer *
imap_answer_parse(const char *text, GPtrArray *literals)
{
	g_autoptr(ImapAnswer) answer = g_new0(ImapAnswer, 1);
	Cursor cursor = { .at = text, .literals = literals };
	return parse_answer(answer, &cursor) ? g_steal_pointer(&answer) : NULL;
}

const ImapValue *
imap_answer_fetch_item(const ImapAnswer *answer, const char *name)
{
	if (answer->values == NULL || answer->values->len == 0)
		return NULL;
	const ImapValue *list = g_ptr_array_index(answer->values, 0);
	gsize length = strlen(name);
	for (guint i = 0; list->kind == IMAP_LIST && i + 1 < list->list->len; i += 2) {
		const ImapValue *key = g_ptr_array_index(list->list, i);
		if (key->kind == IMAP_ATOM && strcspn(key->text, "<") == length &&
		        g_ascii_strncasecmp(key->text, name, length) == 0)
			return g_ptr_array_index(list->list, i + 1);
	}
	return NULL;
}

const char *
imap_value_text(const ImapValue *value)
{
	if (value == NULL || value->bytes == NULL)
		return value != NULL ? value->text : NULL;
	gsize size;
	const char *text = g_bytes_get_data(value->bytes, &size);
	if (size > TEXT_LITERAL_MAX || size != value->full_size)
		return NULL;
	return strlen(text) == size ? text : NULL;
}

GBytes *
imap_value_bytes(const ImapValue *value)
{
	if (value == NULL || value->kind != IMAP_STRING)
		return NULL;
	return value->bytes != NULL ? g_bytes_ref(value->bytes)
	                            : g_bytes_new(value->text, strlen(value->text));
}

gboolean
imap_value_number(const ImapValue *value, guint64 *number)
{
	if (value == NULL || value->kind != IMAP_ATOM)
		return FALSE;
	return g_ascii_string_to_unsigned(
	        value->text, 10, 0, G_MAXUINT64, number, NULL);
}

static int
month_of(const char *name)
{
	static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";
	g_autofree char *lower = g_ascii_strdown(name, -1);
	const char *found = strlen(lower) == 3 ? strstr(months, lower) : NULL;
	return found != NULL && (found - months) % 3 == 0
	               ? (int)(found - months) / 3 + 1
	               : 0;
}

gint64
imap_date_parse(const char *text)
{
	int day, year, hour, minute, second, zone;
	char month[4], sign[2];
	if (text == NULL ||
	        sscanf(text, "%2d-%3[A-Za-z]-%4d %2d:%2d:%2d %1[+-]%4d", &day, month,
	                &year, &hour, &minute, &second, sign, &zone) != 8)
		return 0;
	g_autoptr(GDateTime) local = g_date_time_new_utc(
	        year, month_of(month), day, hour, minute, MIN(second, 59));
	if (local == NULL)
		return 0;
	gint64 offset = (zone / 100 * 60 + zone % 100) * 60;
	return g_date_time_to_unix(local) - (sign[0] == '-' ? -offset : offset);
}
