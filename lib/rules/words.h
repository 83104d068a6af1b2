/* The words of a text as numbers, so that runs of them can be known again (rules/canned.h). */
#pragma once

#include <glib.h>

#include "base/eight.h"

typedef struct {
	guint64 hash;
	guint line; /* from 0 */
	gboolean ours;
} Word;

static inline gboolean
words_is_letter(char c)
{
	return g_ascii_isalnum(c) || (guchar)c >= 0x80;
}

#define WORDS_HASH_START G_GUINT64_CONSTANT(14695981039346656037)

static inline guint64
words_hash_on(guint64 hash, guint64 eight)
{
	hash = (hash ^ eight) * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

/* The hash of the word that begins at a place of a folded text, eight bytes at once; *at moves
 * behind it. Every word of a mail is asked, so this is no call. */
static inline guint64
words_hash_next(const char **at, const char *end)
{
	guint64 hash = WORDS_HASH_START;
	for (;;) {
		guint64 eight = eight_read_up_to(*at, end);
		guint64 others = ~(eight_alnum(eight) | eight) & EIGHT_TOPS;
		guint letters = others != 0 ? eight_first(others) : sizeof eight;
		*at += letters;
		if (letters == sizeof eight) {
			hash = words_hash_on(hash, eight);
			continue;
		}
		if (letters == 0)
			return hash;
		return words_hash_on(hash, eight & ~(G_MAXUINT64 << letters * 8));
	}
}

/* The hash of all that a text says. */
guint64 words_hash_text(const char *text);

/* Those of a text (of Word), folded, and the number of its lines. */
GArray *words_split(const char *text, guint *lines);
