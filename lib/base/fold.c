#include "base/fold.h"

#include <string.h>

#include "base/text.h"

static void
fold_grow(Fold *fold)
{
	fold->room = fold->room * 2 + 16;
	fold->text = g_realloc(fold->text, fold->room);
	if (fold->offsets != NULL)
		fold->offsets = g_renew(guint32, fold->offsets, fold->room);
}

/* There is always room for the end. */
static inline void
fold_put(Fold *fold, char byte, guint32 offset)
{
	if (fold->length + 1 >= fold->room)
		fold_grow(fold);
	if (fold->offsets != NULL)
		fold->offsets[fold->length] = offset;
	fold->text[fold->length++] = byte;
}

void
fold_put_string(Fold *fold, const char *string, guint32 offset)
{
	for (; *string != '\0'; string++)
		fold_put(fold, *string, offset);
}

static void
fold_put_space(Fold *fold, guint32 offset)
{
	if (fold->length > fold->start && fold->text[fold->length - 1] != ' ')
		fold_put(fold, ' ', offset);
}

gboolean
fold_is_invisible(gunichar c)
{
	return c >= 0x80 && g_unichar_type(c) == G_UNICODE_FORMAT;
}

/* The plain form of typographic punctuation, or NULL. */
static const char *
plain_punctuation(gunichar c)
{
	if (c == '`' || c == 0xb4 || (c >= 0x2018 && c <= 0x201b) || c == 0x2032)
		return "'";
	if (c == 0xab || c == 0xbb || (c >= 0x201c && c <= 0x201f) || c == 0x2033)
		return "\"";
	if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212)
		return "-";
	if (c == 0x2026)
		return "...";
	return NULL;
}

static void
fold_put_letter(Fold *fold, gunichar c, guint32 offset)
{
	gunichar parts[G_UNICHAR_MAX_DECOMPOSITION_LENGTH];
	gsize count = g_unichar_fully_decompose(c, TRUE, parts, G_N_ELEMENTS(parts));
	for (gsize i = 0; i < count; i++) {
		if (g_unichar_ismark(parts[i]))
			continue;
		char bytes[7];
		bytes[g_unichar_to_utf8(g_unichar_tolower(parts[i]), bytes)] = '\0';
		fold_put_string(fold, bytes, offset);
	}
}

/* "perche' " and "e' " write an accent as an apostrophe: it goes, as the accent would. */
static void
drop_accent_apostrophe(Fold *fold, gunichar next)
{
	gsize length = fold->length;
	if (length < fold->start + 2 || fold->text[length - 1] != '\'' ||
	        g_unichar_isalnum(next))
		return;
	if (strchr("aeiou", fold->text[length - 2]) != NULL)
		fold->length--;
}

static void
fold_ascii(Fold *fold, guchar c, guint32 offset)
{
	drop_accent_apostrophe(fold, c);
	if (c < 0x21 || c == 0x7f)
		fold_put_space(fold, offset);
	else if (c == '`')
		fold_put(fold, '\'', offset);
	else
		fold_put(fold, (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c),
		        offset);
}

static void
fold_visible(Fold *fold, gunichar c, guint32 offset)
{
	const char *plain = plain_punctuation(c);
	if (plain != NULL)
		fold_put_string(fold, plain, offset);
	else if (!fold_is_invisible(c))
		fold_put_letter(fold, c, offset);
}

/* What characters that are no space were folded to: a text has few different ones beyond
 * ASCII, and GLib's way to each takes some 400 instructions. */
typedef struct {
	gunichar c; /* 0: none yet */
	char text[12];
} Remembered;

static void
fold_char(Fold *fold, gunichar c, guint32 offset)
{
	static Remembered memory[512];
	Remembered *known = &memory[c % G_N_ELEMENTS(memory)];
	drop_accent_apostrophe(fold, c);
	if (known->c == c) {
		fold_put_string(fold, known->text, offset);
		return;
	}
	if (c == 0xa0 || g_unichar_isspace(c)) {
		fold_put_space(fold, offset);
		return;
	}
	gsize start = fold->length;
	fold_visible(fold, c, offset);
	gsize length = fold->length - start;
	if (length >= sizeof known->text)
		return;
	known->c = c;
	memcpy(known->text, fold->text + start, length);
	known->text[length] = '\0';
}

/* What an ASCII byte is folded to; 0 for others. */
static char
plain_byte(guchar c)
{
	if (c >= 0x80)
		return 0;
	if (c < 0x21 || c == 0x7f)
		return ' ';
	return c == '`' ? '\'' : g_ascii_tolower((char)c);
}

/* Sixteen bytes that are looked at at once. */
typedef gint8 Block __attribute__((vector_size(16)));

/* The same as two numbers, the first byte lowest. */
typedef struct {
	guint64 low, high;
} Halves;

static inline Halves
halves_of(Block block)
{
	Halves halves;
	memcpy(&halves, &block, sizeof halves);
	return (Halves){ GUINT64_FROM_LE(halves.low), GUINT64_FROM_LE(halves.high) };
}

/* The first byte that is not zero; 16: there is none. */
static inline gsize
first_set(Halves halves)
{
	if (halves.low != 0)
		return (gsize)__builtin_ctzll(halves.low) / 8;
	return halves.high != 0 ? 8 + (gsize)__builtin_ctzll(halves.high) / 8 : 16;
}

/* Fold a block into out. How many of its bytes came out right: those before the first that is
 * not ASCII, an apostrophe, or a space behind another. */
static inline gsize
fold_block(Block block, char last, char *out)
{
	Block visible = block > ' ';
	Block other = (block < 0) | (block == '\'') | (block == '`') | (block == 0x7f);
	Block capital = (block > '@') & ~(block > 'Z');
	Block lower = block | (capital & ('a' - 'A'));
	Block folded = (lower & visible) | (~visible & ' ');
	memcpy(out, &folded, sizeof folded);
	Halves blanks = halves_of(~visible), others = halves_of(other);
	guint64 before = last == ' ' ? 0xff : 0;
	others.low |= blanks.low & (blanks.low << 8 | before);
	others.high |= blanks.high & (blanks.high << 8 | blanks.low >> 56);
	return first_set(others);
}

/* Where each byte of a block comes from; of a fixed count the compiler makes four stores. */
static inline void
put_offsets(guint32 *offsets, guint32 from)
{
	for (guint32 i = 0; i < sizeof(Block); i++)
		offsets[i] = from + i;
}

/* The next sixteen bytes, or as many as are left with zeros behind them. */
static inline Block
block_at(const char *source, gsize left)
{
	Block block = { 0 };
	if (left >= sizeof block)
		memcpy(&block, source, sizeof block);
	else
		memcpy(&block, source, left);
	return block;
}

/* Fold the run of ASCII at a place, which is nearly all of a mail, as fold_ascii() would, but
 * sixteen bytes at once; what stands against that by a table. A tenth of the instructions. Stops
 * behind an apostrophe, of which the next byte decides. Return the place behind the run. */
static gsize
fold_run(Fold *fold, const char *source, gsize at, gsize length)
{
	static char plain[256];
	if (plain[' '] == 0)
		for (guint c = 0; c < 256; c++)
			plain[c] = plain_byte((guchar)c);
	while (fold->room < fold->length + (length - at) + FOLD_SLACK)
		fold_grow(fold);
	char *text = fold->text;
	guint32 *offsets = fold->offsets;
	gsize out = fold->length;
	char last = out > fold->start ? text[out - 1] : ' ';
	while (at < length && last != '\'') {
		gsize left = length - at;
		gsize folded =
		        fold_block(block_at(source + at, left), last, text + out);
		if (offsets != NULL)
			put_offsets(offsets + out, (guint32)at);
		folded = MIN(folded, left);
		at += folded;
		out += folded;
		last = folded > 0 ? text[out - 1] : last;
		if (folded == sizeof(Block) || folded == left)
			continue;
		char byte = plain[(guchar)source[at]];
		if (byte == 0)
			break;
		if (byte != ' ' || last != ' ') {
			if (offsets != NULL)
				offsets[out] = (guint32)at;
			text[out++] = last = byte;
		}
		do
			at++;
		while (last == ' ' && at < length && plain[(guchar)source[at]] == ' ');
	}
	fold->length = out;
	return at;
}

/* Fold the character at a place, which is none that fold_run() takes. Return its length. */
static gsize
fold_other(Fold *fold, const char *source, gsize at, gsize length)
{
	const guchar *bytes = (const guchar *)source + at;
	if (bytes[0] < 0x80) {
		fold_ascii(fold, bytes[0], (guint32)at);
		return 1;
	}
	gunichar c = g_utf8_get_char_validated(source + at, (gssize)(length - at));
	gboolean valid = c != (gunichar)-1 && c != (gunichar)-2;
	if (valid)
		fold_char(fold, c, (guint32)at);
	else
		fold_ascii(fold, '?', (guint32)at);
	return valid ? (gsize)g_utf8_skip[bytes[0]] : 1;
}

void
fold_source(Fold *fold, const char *source, gsize length)
{
	gsize at = 0;
	while ((at = fold_run(fold, source, at, length)) < length)
		at += fold_other(fold, source, at, length);
	drop_accent_apostrophe(fold, ' ');
	if (fold->length > fold->start && fold->text[fold->length - 1] == ' ')
		fold->length--;
}

void
fold_put_run(Fold *fold, const char *bytes, gsize length, const guint32 *offsets)
{
	while (fold->length + length + 1 >= fold->room)
		fold_grow(fold);
	memcpy(fold->text + fold->length, bytes, length);
	if (fold->offsets != NULL)
		memcpy(fold->offsets + fold->length, offsets, length * sizeof *offsets);
	fold->length += length;
}

Fold
fold_new(gsize length, gboolean with_offsets)
{
	Fold fold = { .room = length + FOLD_SLACK };
	fold.text = g_malloc(fold.room);
	if (with_offsets)
		fold.offsets = g_new(guint32, fold.room);
	return fold;
}

void
fold_end(Fold *fold, gsize size)
{
	fold->text[fold->length] = '\0';
	if (fold->offsets != NULL)
		fold->offsets[fold->length] = (guint32)size;
}
