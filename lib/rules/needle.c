/*
 * Literals are read past the white space (rules/literal.h). So a text is copied without its
 * spaces and read in strides (Wu and Manber): three bytes that are part of no needle's beginning
 * let it go on behind them.
 */
#include "rules/needle.h"

#include <string.h>

#include "base/eight.h"
#include "rules/literal.h"

#define BLOCK 3 /* bytes that are looked at */
#define BINS 4096
#define NONE G_MAXUINT16

struct Needles {
	GArray *literals;     /* of Literal */
	gsize least;          /* the length of the shortest */
	guint8 strides[BINS]; /* 0: a needle's beginning may end so */
	guint16 first[BINS];  /* of the needles whose beginning does, or NONE */
	guint16 *next;        /* by needle */
	gboolean given_up;
};

Needles *
needles_new(void)
{
	Needles *needles = g_new0(Needles, 1);
	needles->literals = g_array_new(FALSE, FALSE, sizeof(Literal));
	return needles;
}

void
needles_free(Needles *needles)
{
	if (needles == NULL)
		return;
	g_array_unref(needles->literals);
	g_free(needles->next);
	g_free(needles);
}

static const Literal *
needle_at(const Needles *needles, guint number)
{
	return &g_array_index(needles->literals, Literal, number);
}

void
needles_add(Needles *needles, const char *expression)
{
	g_autoptr(LiteralReading) reading = literal_read(expression);
	needles->given_up |= reading == NULL;
	for (guint i = 0; reading != NULL && i < reading->alternatives->len; i++) {
		const LiteralAlternative *one =
		        &g_array_index(reading->alternatives, LiteralAlternative, i);
		needles->given_up |= one->count == 0;
		if (one->count > 0)
			g_array_append_vals(needles->literals,
			        &g_array_index(
			                reading->literals, Literal, one->sets[0].first),
			        one->sets[0].count);
	}
}

static inline guint
bin_of(const char *block)
{
	const guint8 *bytes = (const guint8 *)block;
	return ((guint)bytes[0] << 7 ^ (guint)bytes[1] << 4 ^ bytes[2]) % BINS;
}

static void
file_needle(Needles *needles, guint number)
{
	const Literal *literal = needle_at(needles, number);
	for (gsize end = BLOCK; end <= needles->least; end++) {
		guint bin = bin_of(literal->text + end - BLOCK);
		guint8 stride = (guint8)(needles->least - end);
		needles->strides[bin] = MIN(needles->strides[bin], stride);
		if (stride > 0)
			continue;
		needles->next[number] = needles->first[bin];
		needles->first[bin] = (guint16)number;
	}
}

void
needles_finish(Needles *needles)
{
	guint count = needles->literals->len;
	needles->least = LITERAL_LENGTH_MAX;
	for (guint i = 0; i < count; i++)
		needles->least = MIN(needles->least, needle_at(needles, i)->length);
	needles->given_up |= needles->least < BLOCK || count >= NONE;
	if (needles->given_up)
		return;
	memset(needles->strides, (int)(needles->least - BLOCK + 1), BINS);
	memset(needles->first, 0xff, sizeof needles->first);
	needles->next = g_new(guint16, count);
	for (guint i = 0; i < count; i++)
		file_needle(needles, i);
}

/* Copy a text without its spaces, up to eight bytes at once: words are short. squeezed has room
 * for it and eight bytes more. Its length. */
static gsize
squeeze(const char *text, gsize length, char *squeezed)
{
	gsize at = 0, out = 0;
	while (length - at >= sizeof(guint64)) {
		guint64 spaces = eight_equal(eight_read(text + at), ' ');
		guint letters = spaces == 0 ? sizeof(guint64) : eight_first(spaces);
		memcpy(squeezed + out, text + at, sizeof(guint64));
		out += letters;
		at += letters + (spaces != 0);
	}
	for (; at < length; at++)
		if (text[at] != ' ')
			squeezed[out++] = text[at];
	return out;
}

/* Whether one of the needles that are filed so begins here. */
static gboolean
needle_begins(const Needles *needles, guint bin, const char *text, gsize length)
{
	for (guint i = needles->first[bin]; i != NONE; i = needles->next[i]) {
		const Literal *literal = needle_at(needles, i);
		if (literal->length <= length &&
		        memcmp(text, literal->text, literal->length) == 0)
			return TRUE;
	}
	return FALSE;
}

gboolean
needles_may(const Needles *needles, const char *text, gsize length)
{
	if (needles->given_up)
		return TRUE;
	g_autofree char *squeezed = g_malloc(length + sizeof(guint64));
	gsize size = squeeze(text, length, squeezed);
	for (gsize end = needles->least; end <= size;) {
		guint bin = bin_of(squeezed + end - BLOCK);
		guint stride = needles->strides[bin];
		gsize start = end - needles->least;
		if (stride == 0 &&
		        needle_begins(needles, bin, squeezed + start, size - start))
			return TRUE;
		end += MAX(stride, 1);
	}
	return FALSE;
}

void
needles_check(Needles *needles, const char *text, gsize length)
{
	needles->given_up |= !needles_may(needles, text, length);
}

static gboolean
find_needle(const Literal *literal, const char *text, gsize length, NeedleTest test,
        gpointer data)
{
	const char *end = text + length;
	for (const char *at = text; at < end; at++) {
		at = memchr(at, literal->text[0], (gsize)(end - at));
		if (at == NULL || (gsize)(end - at) < literal->length)
			return FALSE;
		if (memcmp(at, literal->text, literal->length) == 0 &&
		        test(text, length, (gsize)(at - text), data))
			return TRUE;
	}
	return FALSE;
}

gboolean
needles_any_word(const Needles *needles, const char *text, gsize length,
        NeedleTest test, gpointer data)
{
	gboolean any = needles->given_up;
	for (guint i = 0; !any && i < needles->literals->len; i++)
		any = find_needle(needle_at(needles, i), text, length, test, data);
	return any;
}
