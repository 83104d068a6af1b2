#include "base/text.h"

#include <string.h>

#include "base/fold.h"

#define QUEUE_ID_MIN 10 /* characters a mixed token needs to be taken for a queue id */

/* What may stand in an address besides letters and digits, before its "@". */
static gboolean
is_local_mark(char c)
{
	switch (c) {
	case '.':
	case '!':
	case '#':
	case '$':
	case '%':
	case '&':
	case '*':
	case '+':
	case '/':
	case '=':
	case '?':
	case '^':
	case '_':
	case '{':
	case '|':
	case '}':
	case '~':
	case '-': return TRUE;
	default: return FALSE;
	}
}

static gsize
alnum_span(const char *text)
{
	gsize length = 0;
	while (g_ascii_isalnum(text[length]))
		length++;
	return length;
}

/* The length of an address at text, or 0. */
static gsize
address_span(const char *text)
{
	gsize local = 0, domain;
	while (g_ascii_isalnum(text[local]) || is_local_mark(text[local]))
		local++;
	if (local == 0 || text[local] != '@')
		return 0;
	for (domain = local + 1; g_ascii_isalnum(text[domain]) || text[domain] == '.' ||
	                         text[domain] == '-';)
		domain++;
	return domain == local + 1 ? 0 : domain;
}

static gsize
digits_span(const char *text)
{
	gsize length = 0;
	while (g_ascii_isdigit(text[length]))
		length++;
	return length;
}

static gsize
ipv4_span(const char *text)
{
	gsize at = 0;
	for (int part = 0; part < 4; part++) {
		gsize digits = digits_span(text + at);
		if (digits == 0 || digits > 3)
			return 0;
		at += digits;
		if (part < 3 && text[at++] != '.')
			return 0;
	}
	return g_ascii_isalnum(text[at]) ? 0 : at;
}

/* Four groups or more, or "::", so that a time of day is none. */
static gsize
ipv6_span(const char *text)
{
	gsize length = 0;
	guint colons = 0;
	for (; text[length] == ':' ||
	        (g_ascii_isxdigit(text[length]) && !g_ascii_isupper(text[length]));
	        length++)
		colons += text[length] == ':';
	if (colons == 0)
		return 0;
	gboolean doubled = g_strstr_len(text, (gssize)length, "::") != NULL;
	if (length < 6 || (colons < 4 && !(doubled && colons >= 2)))
		return 0;
	return g_ascii_isalnum(text[length]) ? 0 : length;
}

/* "igxl1p00e1wdm2s01gxmxg", "809252df23"; a client code "0x8004210a" is none. */
static gsize
queue_id_span(const char *text)
{
	gsize length = alnum_span(text);
	guint digits = 0;
	for (gsize i = 0; i < length; i++)
		digits += g_ascii_isdigit(text[i]) != 0;
	if (length < QUEUE_ID_MIN || digits < 2 || digits == length)
		return 0;
	if (g_str_has_prefix(text, "0x") ||
	        strchr(".-_@", text[length] ? text[length] : ' '))
		return 0;
	return length;
}

/* Letters with nothing behind them that an address, a number or an id could go on with: most
 * words of a mail. */
static gboolean
is_mere_word(const char *text)
{
	while (g_ascii_isalpha(*text))
		text++;
	return !g_ascii_isdigit(*text) && *text != '@' && *text != ':' &&
	       !is_local_mark(*text);
}

static const char *
volatile_token(const char *text, gsize *length)
{
	if (is_mere_word(text))
		return NULL;
	if ((*length = address_span(text)) > 0)
		return "<addr>";
	if ((*length = ipv4_span(text)) > 0 || (*length = ipv6_span(text)) > 0)
		return "<ip>";
	if ((*length = queue_id_span(text)) > 0)
		return "<id>";
	return NULL;
}

/* "<a@b.it>" and "[192.0.2.1]" become the token without their brackets. */
static void
widen_over_brackets(const char *text, gsize *start, gsize *end)
{
	if (*start == 0)
		return;
	char open = text[*start - 1];
	if ((open == '<' && text[*end] == '>') || (open == '[' && text[*end] == ']')) {
		--*start;
		++*end;
	}
}

/* Behind what a token may begin. */
static gboolean
begins_word(char before)
{
	return before == ' ' ||
	       (before != '\0' && strchr("\t<[(\"':;,=>{|/", before) != NULL);
}

static void
put_between(const Fold *plain, Fold *fold, gsize from, gsize to)
{
	fold_put_run(fold, plain->text + from, to - from, plain->offsets + from);
}

/* Copy what is plain with its tokens folded; what stands between them is copied at once. FALSE:
 * there are none, and nothing was copied. */
static gboolean
fold_volatile_tokens(const Fold *plain, Fold *fold)
{
	const char *text = plain->text;
	gsize at = 0, copied = 0;
	while (at < plain->length) {
		gsize length = 0;
		const char *token = at == 0 || begins_word(text[at - 1])
		                            ? volatile_token(text + at, &length)
		                            : NULL;
		if (token == NULL) {
			/* nor does one begin within a word */
			at += MAX(alnum_span(text + at), 1);
			continue;
		}
		gsize start = at, end = at + length;
		widen_over_brackets(text, &start, &end);
		if (fold->text == NULL)
			*fold = fold_new(plain->length, TRUE);
		put_between(plain, fold, copied, start);
		fold_put_string(fold, token, plain->offsets[start]);
		at = copied = end;
	}
	if (fold->text != NULL)
		put_between(plain, fold, copied, plain->length);
	return fold->text != NULL;
}

FoldedText *
text_fold(const char *source, gssize length, gboolean fold_volatile)
{
	gsize size = length < 0 ? strlen(source) : (gsize)length;
	Fold fold = fold_new(size, TRUE);
	fold_source(&fold, source, size);
	fold_end(&fold, size);
	Fold tokens = { 0 };
	if (fold_volatile && fold_volatile_tokens(&fold, &tokens)) {
		g_free(fold.text);
		g_free(fold.offsets);
		fold = tokens;
		fold_end(&fold, size);
	}
	FoldedText *folded = g_new(FoldedText, 1);
	*folded = (FoldedText){ fold.text, fold.length, fold.offsets };
	return folded;
}

char *
text_fold_words(const char *source, gsize length)
{
	Fold fold = fold_new(length, FALSE);
	fold_source(&fold, source, length);
	fold_end(&fold, length);
	return fold.text;
}

gsize
text_fold_piece(FoldedPieces *pieces, const char *source, gsize length)
{
	Fold fold = { .text = pieces->text,
		.length = pieces->length,
		.room = pieces->room,
		.start = pieces->length };
	fold_source(&fold, source, length);
	fold.text[fold.length] = '\0';
	*pieces = (FoldedPieces){ fold.text, fold.length + 1, fold.room };
	return fold.start;
}

void
folded_text_free(FoldedText *folded)
{
	if (folded == NULL)
		return;
	g_free(folded->text);
	g_free(folded->offsets);
	g_free(folded);
}

/* What stands in no line of a log: white space, and what is not seen. */
static gboolean
is_gap(gunichar c)
{
	if (c < 0x80)
		return c <= ' ' || c == 0x7f;
	return g_unichar_isspace(c) || g_unichar_iscntrl(c) || fold_is_invisible(c) ||
	       c == 0xa0;
}

/* Whether a text is its one line already: visible ASCII with single blanks in between. */
static gboolean
is_one_line(const char *source, gsize max_chars)
{
	char last = ' ';
	gsize length = 0;
	for (; source[length] != '\0'; last = source[length++]) {
		char c = source[length];
		if (length == max_chars || c < ' ' || c == 0x7f ||
		        (c == ' ' && last == ' '))
			return FALSE;
	}
	return length == 0 || last != ' ';
}

char *
text_one_line(const char *source, gsize max_chars)
{
	/* as most values are */
	if (is_one_line(source, max_chars))
		return g_strdup(source);
	g_autofree char *valid = text_to_utf8(source, -1);
	GString *line = g_string_new(NULL);
	gsize chars = 0;
	gboolean space = FALSE;
	for (const char *at = valid; *at != '\0'; at = g_utf8_next_char(at)) {
		gunichar c = (guchar)*at < 0x80 ? (guchar)*at : g_utf8_get_char(at);
		if (is_gap(c)) {
			space = line->len > 0;
			continue;
		}
		if (chars + space >= max_chars) {
			g_string_append(line, "…");
			break;
		}
		chars += 1 + (gsize)space;
		if (space)
			g_string_append_c(line, ' ');
		space = FALSE;
		if (c < 0x80)
			g_string_append_c(line, (char)c);
		else
			g_string_append_unichar(line, c);
	}
	return g_string_free(line, FALSE);
}

char *
text_to_utf8(const char *source, gssize length)
{
	gsize size = length < 0 ? strlen(source) : (gsize)length;
	const char *end;
	if (text_is_ascii(source, size) || g_utf8_validate(source, (gssize)size, &end))
		return g_strndup(source, size);
	g_autofree char *converted = g_convert_with_fallback(
	        source, (gssize)size, "UTF-8", "WINDOWS-1252", "?", NULL, NULL, NULL);
	return converted != NULL ? g_steal_pointer(&converted)
	                         : g_utf8_make_valid(source, (gssize)size);
}

gboolean
text_is_ascii(const char *text, gsize length)
{
	const guint64 tops = G_GUINT64_CONSTANT(0x8080808080808080);
	guint64 eight, any = 0;
	for (; length >= sizeof eight; length -= sizeof eight, text += sizeof eight) {
		memcpy(&eight, text, sizeof eight);
		any |= eight;
	}
	for (; length > 0; length--, text++)
		any |= (guchar)*text;
	return (any & tops) == 0;
}
