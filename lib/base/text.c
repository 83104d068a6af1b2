#include "base/text.h"

#include <string.h>

#include "base/eight.h"
#include "base/fold.h"

#define QUEUE_ID_MIN 10 /* characters a mixed token needs to be taken for a queue id */

/* What a byte may be in a token that is folded away: one look tells most words apart. */
enum {
	BYTE_ALNUM = 1 << 0,
	BYTE_DIGIT = 1 << 1,
	BYTE_HEX = 1 << 2,   /* in lower case, as folded text is */
	BYTE_LOCAL = 1 << 3, /* in an address before its "@" */
	BYTE_HOST = 1 << 4,  /* and behind it */
	BYTE_OPENS = 1 << 5, /* a token may begin behind it */
	BYTE_GOES_ON =
	        1 << 6, /* a word behind which it stands may be more than a word */
};

static guint8
classify_byte(guchar c)
{
	gboolean alnum = g_ascii_isalnum(c), mark = FALSE, opens = FALSE;
	if (c != '\0') {
		mark = strchr(".!#$%&*+/=?^_{|}~-", c) != NULL;
		opens = strchr(" \t<[(\"':;,=>{|/", c) != NULL;
	}
	return (alnum ? BYTE_ALNUM : 0) | (g_ascii_isdigit(c) ? BYTE_DIGIT : 0) |
	       (g_ascii_isxdigit(c) && !g_ascii_isupper(c) ? BYTE_HEX : 0) |
	       (alnum || mark ? BYTE_LOCAL : 0) |
	       (alnum || c == '.' || c == '-' ? BYTE_HOST : 0) |
	       (opens ? BYTE_OPENS : 0) |
	       (mark || c == '@' || c == ':' ? BYTE_GOES_ON : 0);
}

static guint8 byte_classes[256];

static inline guint
class_of(char c)
{
	return byte_classes[(guchar)c];
}

static void
fill_classes(void)
{
	if (byte_classes['a'] == 0)
		for (guint c = 0; c < G_N_ELEMENTS(byte_classes); c++)
			byte_classes[c] = classify_byte((guchar)c);
}

/* How many bytes of a class stand at text. */
static gsize
class_span(const char *text, guint class)
{
	gsize length = 0;
	while ((class_of(text[length]) & class) != 0)
		length++;
	return length;
}

/* The length of an address at text, or 0. */
static gsize
address_span(const char *text)
{
	gsize local = class_span(text, BYTE_LOCAL);
	if (local == 0 || text[local] != '@')
		return 0;
	gsize domain = class_span(text + local + 1, BYTE_HOST);
	return domain == 0 ? 0 : local + 1 + domain;
}

static gsize
ipv4_span(const char *text)
{
	gsize at = 0;
	for (int part = 0; part < 4; part++) {
		gsize digits = class_span(text + at, BYTE_DIGIT);
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
	gboolean doubled = FALSE;
	for (; text[length] == ':' || (class_of(text[length]) & BYTE_HEX) != 0;
	        length++) {
		colons += text[length] == ':';
		doubled = doubled || (length > 0 && text[length] == ':' &&
		                             text[length - 1] == ':');
	}
	if (length < 6 || (colons < 4 && !(doubled && colons >= 2)))
		return 0;
	return g_ascii_isalnum(text[length]) ? 0 : length;
}

/* "igxl1p00e1wdm2s01gxmxg", "809252df23"; a client code "0x8004210a" is none. */
static gsize
queue_id_span(const char *text, gsize length)
{
	guint digits = 0;
	if (length < QUEUE_ID_MIN)
		return 0;
	for (gsize i = 0; i < length; i++)
		digits += g_ascii_isdigit(text[i]) != 0;
	if (digits < 2 || digits == length || g_str_has_prefix(text, "0x") ||
	        strchr(".-_@", text[length] ? text[length] : ' ') != NULL)
		return 0;
	return length;
}

/* The letters and digits at text, with what they are. */
typedef struct {
	gsize length;
	guint classes;
} Word;

static inline Word
word_at(const char *text)
{
	Word word = { 0 };
	for (guint class = class_of(text[0]); (class & BYTE_ALNUM) != 0;
	        class = class_of(text[++word.length]))
		word.classes |= class;
	return word;
}

/* The token that a word begins, and its length; or NULL. Most words are mere letters, with
 * nothing behind them that an address, a number or an id could go on with. */
static const char *
volatile_token(const char *text, const Word *word, gsize *length)
{
	if ((word->classes & BYTE_DIGIT) == 0 &&
	        (class_of(text[word->length]) & BYTE_GOES_ON) == 0)
		return NULL;
	if ((*length = address_span(text)) > 0)
		return "<addr>";
	if ((*length = ipv4_span(text)) > 0 || (*length = ipv6_span(text)) > 0)
		return "<ip>";
	if ((*length = queue_id_span(text, word->length)) > 0)
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

static void
put_between(const Fold *plain, Fold *fold, gsize from, gsize to)
{
	fold_put_run(fold, plain->text + from, to - from, plain->offsets + from);
}

/* The next byte, at a place or behind it, of those of which each token has one: a digit, a colon or
 * an "@". Most of a mail has none. */
static gsize
next_hint(const Fold *plain, gsize at)
{
	const char *text = plain->text, *end = text + plain->length;
	for (; at < plain->length; at += sizeof(guint64)) {
		guint64 eight = eight_read_up_to(text + at, end);
		guint64 bytes = eight & ~EIGHT_TOPS;
		guint64 hints =
		        ((eight_from(bytes, '0') & ~eight_from(bytes, ':' + 1)) |
		                eight_equal(bytes, '@')) &
		        ~eight;
		if (hints != 0)
			return at + eight_first(hints);
	}
	return plain->length;
}

/* The next place, behind those that were looked at, where a token may begin: none holds a blank, so
 * not before the piece that holds the next hint. */
static gsize
next_start(const Fold *plain, gsize at, gsize *hint)
{
	if (*hint >= at && at > 0)
		return at;
	*hint = next_hint(plain, at);
	gsize start = *hint;
	while (start > at && plain->text[start - 1] != ' ')
		start--;
	return start;
}

/* Copy what is plain with its tokens folded; what stands between them is copied at once. FALSE:
 * there are none, and nothing was copied. */
static gboolean
fold_volatile_tokens(const Fold *plain, Fold *fold)
{
	const char *text = plain->text;
	gsize hint = 0, at = next_start(plain, 0, &hint), copied = 0;
	fill_classes();
	while (hint < plain->length) {
		gsize length = 0;
		Word word = word_at(text + at);
		const char *token =
		        at == 0 || (class_of(text[at - 1]) & BYTE_OPENS) != 0
		                ? volatile_token(text + at, &word, &length)
		                : NULL;
		if (token == NULL) {
			/* nor does one begin within a word */
			at = next_start(plain, at + MAX(word.length, 1), &hint);
			continue;
		}
		gsize start = at, end = at + length;
		widen_over_brackets(text, &start, &end);
		if (fold->text == NULL)
			*fold = fold_new(plain->length, TRUE);
		put_between(plain, fold, copied, start);
		fold_put_string(fold, token, plain->offsets[start]);
		copied = end;
		at = next_start(plain, end, &hint);
	}
	if (fold->text != NULL)
		put_between(plain, fold, copied, plain->length);
	return fold->text != NULL;
}

FoldedText *
text_fold_tokens(FoldedText *plain)
{
	const Fold fold = {
		.text = plain->text, .offsets = plain->offsets, .length = plain->length
	};
	Fold tokens = { 0 };
	if (!fold_volatile_tokens(&fold, &tokens))
		return plain;
	fold_end(&tokens, plain->offsets[plain->length]);
	g_free(plain->text);
	g_free(plain->offsets);
	*plain = (FoldedText){ tokens.text, tokens.length, tokens.offsets };
	return plain;
}

FoldedText *
text_fold(const char *source, gssize length, gboolean fold_volatile)
{
	gsize size = length < 0 ? strlen(source) : (gsize)length;
	Fold fold = fold_new(size, TRUE);
	fold_source(&fold, source, size);
	fold_end(&fold, size);
	FoldedText *folded = g_new(FoldedText, 1);
	*folded = (FoldedText){ fold.text, fold.length, fold.offsets };
	return fold_volatile ? text_fold_tokens(folded) : folded;
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

gboolean
text_is_one_line(const char *source, gsize length)
{
	return length == 0 || (source[0] != ' ' && source[length - 1] != ' ' &&
	                              text_is_printable(source, length) &&
	                              memchr(source, 0x7f, length) == NULL &&
	                              strstr(source, "  ") == NULL);
}

char *
text_one_line(const char *source, gsize max_chars)
{
	gsize length = strlen(source);
	/* as most values are */
	if (length <= max_chars && text_is_one_line(source, length))
		return g_strndup(source, length);
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

char *
text_lower(const char *source, gssize length)
{
	gsize size = length < 0 ? strlen(source) : (gsize)length;
	if (!text_is_ascii(source, size))
		return g_utf8_strdown(source, (gssize)size);
	char *lower = g_strndup(source, size);
	for (char *c = lower; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c += 'a' - 'A';
	return lower;
}

#define TOPS G_GUINT64_CONSTANT(0x8080808080808080)
#define SPACES G_GUINT64_CONSTANT(0x2020202020202020)

gboolean
text_is_ascii(const char *text, gsize length)
{
	guint64 eight, any = 0;
	for (; length >= sizeof eight; length -= sizeof eight, text += sizeof eight) {
		memcpy(&eight, text, sizeof eight);
		any |= eight;
	}
	for (; length > 0; length--, text++)
		any |= (guchar)*text;
	return (any & TOPS) == 0;
}

/* The top bit of each byte that is below the space. */
static inline guint64
controls_of(guint64 eight)
{
	return ~(((eight | TOPS) - SPACES) | eight) & TOPS;
}

gboolean
text_is_printable(const char *text, gsize length)
{
	guint64 eight, any = 0;
	for (; length >= sizeof eight; length -= sizeof eight, text += sizeof eight) {
		memcpy(&eight, text, sizeof eight);
		any |= eight | controls_of(eight);
	}
	for (; length > 0; length--, text++)
		any |= (guchar)*text < ' ' ? TOPS : (guchar)*text;
	return (any & TOPS) == 0;
}

gsize
text_uncontrolled(const char *text, gsize length)
{
	guint64 eight;
	gsize at = 0;
	for (; length - at >= sizeof eight; at += sizeof eight) {
		memcpy(&eight, text + at, sizeof eight);
		if (controls_of(eight) != 0)
			break;
	}
	while (at < length && (guchar)text[at] >= ' ')
		at++;
	return at;
}
