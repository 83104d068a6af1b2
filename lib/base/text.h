/*
 * Text as the rules see it: folded for matching, with the way back to the verbatim text.
 *
 * Surprising rule: folded text is what every catalogue pattern is matched against, so
 * patterns are written in lower case, without accents, with single spaces.
 */
#pragma once

#include <glib.h>

/* A folded text and, per folded byte, the byte offset in the source it came from.
 * offsets has length + 1 entries; the last one is the source's length. */
typedef struct {
	char *text;
	gsize length;
	guint32 *offsets;
} FoldedText;

/*
 * Fold UTF-8 source for matching: lower case; accents stripped; an apostrophe that stands
 * for an accent dropped ("perche'", "e'"); NBSP, tabs, line ends and runs of space become
 * one space; typographic quotes and dashes become ' " -; zero-width and bidi controls go;
 * with fold_volatile also IPv4/IPv6 literals -> <ip>, addresses -> <addr>, queue ids
 * (a token of 10+ letters and digits mixed) -> <id>. Never fails; invalid UTF-8 bytes
 * become '?'.
 */
FoldedText *text_fold(const char *source, gssize length, gboolean fold_volatile);

/* Fold the volatile tokens of a text that is folded otherwise; takes it over. */
FoldedText *text_fold_tokens(FoldedText *plain);
void folded_text_free(FoldedText *folded);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FoldedText, folded_text_free)

/* The text alone, for who does not ask where it came from. */
char *text_fold_words(const char *source, gsize length);

/* Room that folding wants behind what is left to be folded: it writes blocks. */
#define FOLD_SLACK 18

/* Many texts folded into one buffer, each with its end: a mail has a thousand lines. */
typedef struct {
	char *text; /* moves while pieces are added; free it */
	gsize length, room;
} FoldedPieces;

/* Fold one more, without the way back. Where in the buffer it begins. */
gsize text_fold_piece(FoldedPieces *pieces, const char *source, gsize length);

/* Return source made safe for one line of a log, header or terminal: CR, LF, NUL, control,
 * bidi and zero-width characters replaced by a space, cut to max_chars with an ellipsis. */
char *text_one_line(const char *source, gsize max_chars);

/* Whether a text of that length is its one line already: ASCII that is seen, with single spaces
 * in between. */
gboolean text_is_one_line(const char *source, gsize length);

/* Return valid UTF-8: source itself when valid, else decoded as Windows-1252. */
char *text_to_utf8(const char *source, gssize length);

/* A copy in lower case, of UTF-8; length -1: up to its end. What is ASCII, as nearly all addresses
 * are, is not taken apart into characters. */
char *text_lower(const char *source, gssize length);

/* Whether no byte is above 0x7f: eight are looked at at once. */
gboolean text_is_ascii(const char *text, gsize length);

/* Whether all bytes are ASCII and none is below the space. */
gboolean text_is_printable(const char *text, gsize length);

/* How many bytes stand before the first one below the space. */
gsize text_uncontrolled(const char *text, gsize length);
