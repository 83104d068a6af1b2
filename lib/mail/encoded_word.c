#include "mail/encoded_word.h"

#include <string.h>

#include "mail/charset.h"

/* RFC 2047 says 75; programs that forget to split write whole subjects. */
#define MAX_WORD 2048
#define MAX_CHARSET 64
#define STRUCTURE_CHARS "()<>[]:;@\\,.\"/=?"

typedef struct {
	char charset[MAX_CHARSET];
	char encoding; /* 'q' or 'b' */
	const char *text;
	gsize length;
	const char *end; /* behind "?=" */
} Word;

/* Words that stand next to each other are decoded together. */
typedef struct {
	GString *out;
	GByteArray *bytes; /* of the words in hand, all of this charset */
	char charset[MAX_CHARSET];
	WordsPlace place;
	gboolean in_quotes;
} Decoder;

/* "=?charset*language?Q?" */
static const char *
parse_opening(const char *at, Word *word)
{
	gsize length = strcspn(at + 2, "?* \t");
	const char *mark = at + 2 + length;
	if (length == 0 || length >= MAX_CHARSET)
		return NULL;
	memcpy(word->charset, at + 2, length);
	word->charset[length] = '\0';
	if (*mark == '*')
		mark += strcspn(mark, "? \t");
	if (mark[0] != '?' || mark[1] == '\0' || mark[2] != '?')
		return NULL;
	word->encoding = g_ascii_tolower(mark[1]);
	return word->encoding == 'q' || word->encoding == 'b' ? mark + 3 : NULL;
}

static gboolean
parse_word(const char *at, Word *word)
{
	if (at[0] != '=' || at[1] != '?')
		return FALSE;
	word->text = parse_opening(at, word);
	if (word->text == NULL)
		return FALSE;
	const char *close = g_strstr_len(word->text, MAX_WORD, "?=");
	if (close == NULL)
		return FALSE;
	word->length = close - word->text;
	word->end = close + 2;
	return TRUE;
}

static void
decode_q(const Word *word, GByteArray *bytes)
{
	for (gsize i = 0; i < word->length; i++) {
		guint8 byte = word->text[i] == '_' ? ' ' : word->text[i];
		if (byte == '=' && i + 2 < word->length &&
		        g_ascii_isxdigit(word->text[i + 1]) &&
		        g_ascii_isxdigit(word->text[i + 2])) {
			byte = g_ascii_xdigit_value(word->text[i + 1]) << 4 |
			       g_ascii_xdigit_value(word->text[i + 2]);
			i += 2;
		}
		g_byte_array_append(bytes, &byte, 1);
	}
}

static void
decode_b(const Word *word, GByteArray *bytes)
{
	g_autoptr(GString) digits = g_string_sized_new(word->length + 4);
	for (gsize i = 0; i < word->length; i++)
		if (g_ascii_isalnum(word->text[i]) || word->text[i] == '+' ||
		        word->text[i] == '/')
			g_string_append_c(digits, word->text[i]);
	if (digits->len % 4 == 1)
		g_string_truncate(digits, digits->len - 1);
	while (digits->len % 4 != 0)
		g_string_append_c(digits, '=');
	gsize length;
	g_autofree guchar *decoded = g_base64_decode(digits->str, &length);
	g_byte_array_append(bytes, decoded, length);
}

static void
put_decoded(Decoder *decoder, const char *text)
{
	gboolean structured = decoder->place == WORDS_IN_STRUCTURE;
	gboolean quote = structured && !decoder->in_quotes &&
	                 strpbrk(text, STRUCTURE_CHARS) != NULL;
	if (quote)
		g_string_append_c(decoder->out, '"');
	for (const char *c = text; *c != '\0'; c++) {
		if (structured && (quote || decoder->in_quotes) &&
		        (*c == '"' || *c == '\\'))
			g_string_append_c(decoder->out, '\\');
		g_string_append_c(decoder->out, *c == '\r' || *c == '\n' ? ' ' : *c);
	}
	if (quote)
		g_string_append_c(decoder->out, '"');
}

static void
flush(Decoder *decoder)
{
	if (decoder->bytes->len == 0)
		return;
	g_autofree char *text = charset_decode((const char *)decoder->bytes->data,
	        decoder->bytes->len, decoder->charset);
	put_decoded(decoder, text);
	g_byte_array_set_size(decoder->bytes, 0);
}

static void
take_word(Decoder *decoder, const Word *word)
{
	if (g_ascii_strcasecmp(decoder->charset, word->charset) != 0)
		flush(decoder);
	memcpy(decoder->charset, word->charset, MAX_CHARSET);
	if (word->encoding == 'q')
		decode_q(word, decoder->bytes);
	else
		decode_b(word, decoder->bytes);
}

/* One character that is no word; a quote or an escape tells where structure stands. */
static const char *
take_plain(Decoder *decoder, const char *at)
{
	flush(decoder);
	if (*at == '\\' && at[1] != '\0')
		g_string_append_c(decoder->out, *at++);
	else if (*at == '"')
		decoder->in_quotes = !decoder->in_quotes;
	g_string_append_c(decoder->out, *at++);
	return at;
}

char *
encoded_words_decode(const char *value, WordsPlace place)
{
	Decoder decoder = {
		.out = g_string_new(NULL), .bytes = g_byte_array_new(), .place = place
	};
	Word word;
	for (const char *at = value; *at != '\0';) {
		gsize blanks = decoder.bytes->len > 0 ? strspn(at, " \t") : 0;
		if (parse_word(at + blanks, &word)) {
			take_word(&decoder, &word);
			at = word.end;
		} else {
			at = take_plain(&decoder, at);
		}
	}
	flush(&decoder);
	g_byte_array_unref(decoder.bytes);
	return g_string_free(decoder.out, FALSE);
}

char *
encoded_words_defuse(const char *text)
{
	g_auto(GStrv) pieces = g_strsplit(text, "=?", -1);
	return g_strjoinv("= ?", pieces);
}
