/*
 * Eight bytes of a text at once, in one number: for loops that every byte of a mail passes.
 *
 * Surprising rule: an answer about bytes is their top bits, all others 0; the first byte of the
 * text is the lowest of the number.
 */
#pragma once

#include <glib.h>
#include <string.h>

/* One byte in all eight places; and the top bit of each. */
#define EIGHT_EACH(byte) (G_GUINT64_CONSTANT(0x0101010101010101) * (byte))
#define EIGHT_TOPS EIGHT_EACH(0x80)

static inline guint64
eight_read(const char *text)
{
	guint64 eight;
	memcpy(&eight, text, sizeof eight);
	return GUINT64_FROM_LE(eight);
}

/* The same where fewer than eight may be left: NUL behind the end. */
static inline guint64
eight_read_up_to(const char *text, const char *end)
{
	guint64 eight = 0;
	if (end - text >= (gssize)sizeof eight)
		return eight_read(text);
	memcpy(&eight, text, (gsize)(end - text));
	return GUINT64_FROM_LE(eight);
}

/* Which bytes are this one. */
static inline guint64
eight_equal(guint64 eight, guint8 byte)
{
	const guint64 lows = EIGHT_EACH(0x7f);
	guint64 other = eight ^ EIGHT_EACH((guint64)byte);
	return ~(((other & lows) + lows) | other | lows);
}

/* Which bytes, none of them above 0x7f, are not below least. */
static inline guint64
eight_from(guint64 eight, guint8 least)
{
	return ((eight | EIGHT_TOPS) - EIGHT_EACH((guint64)least)) & EIGHT_TOPS;
}

/* Which bytes are ASCII letters and digits. */
static inline guint64
eight_alnum(guint64 eight)
{
	guint64 bytes = eight & ~EIGHT_TOPS, small = bytes | EIGHT_EACH(0x20);
	guint64 letters = eight_from(small, 'a') & ~eight_from(small, 'z' + 1);
	guint64 digits = eight_from(bytes, '0') & ~eight_from(bytes, '9' + 1);
	return (letters | digits) & ~eight;
}

/* The place of the first byte of an answer that is not 0. */
static inline guint
eight_first(guint64 tops)
{
	return (guint)__builtin_ctzll(tops) / 8;
}
