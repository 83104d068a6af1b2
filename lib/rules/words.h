/* The words of a text as numbers, so that runs of them can be known again (rules/canned.h). */
#pragma once

#include <glib.h>

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

/* The hash of the word that begins at a place of a folded text, eight bytes at once; *at moves
 * behind it. */
guint64 words_hash_next(const char **at, const char *end);

/* The hash of all that a text says. */
guint64 words_hash_text(const char *text);

/* Those of a text (of Word), folded, and the number of its lines. */
GArray *words_split(const char *text, guint *lines);
