#include "rules/words.h"

#include <string.h>

#include "base/eight.h"
#include "base/text.h"

#define WORDS_MAX 100000 /* looked at in one text */
#define HASH_START G_GUINT64_CONSTANT(14695981039346656037)

static inline guint64
hash_on(guint64 hash, guint64 eight)
{
	hash = (hash ^ eight) * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

guint64
words_hash_text(const char *text)
{
	guint64 hash = HASH_START;
	for (; *text != '\0'; text++)
		hash = hash_on(hash, (guchar)*text);
	return hash;
}

guint64
words_hash_next(const char **at, const char *end)
{
	guint64 hash = HASH_START;
	for (;;) {
		guint64 eight = eight_read_up_to(*at, end);
		guint64 others = ~(eight_alnum(eight) | eight) & EIGHT_TOPS;
		guint letters = others != 0 ? eight_first(others) : sizeof eight;
		*at += letters;
		if (letters == sizeof eight) {
			hash = hash_on(hash, eight);
			continue;
		}
		if (letters == 0)
			return hash;
		return hash_on(hash, eight & ~(G_MAXUINT64 << letters * 8));
	}
}

static void
split_line(const char *line, gsize length, guint number, GArray *words)
{
	g_autofree char *text = text_fold_words(line, length);
	const char *at = text, *end = text + strlen(text);
	while (at < end && words->len < WORDS_MAX) {
		if (!words_is_letter(*at)) {
			at++;
			continue;
		}
		Word word = { words_hash_next(&at, end), number, FALSE };
		g_array_append_val(words, word);
	}
}

GArray *
words_split(const char *text, guint *lines)
{
	GArray *words = g_array_new(FALSE, FALSE, sizeof(Word));
	*lines = 0;
	for (;;) {
		gsize length = strcspn(text, "\n");
		split_line(text, length, (*lines)++, words);
		if (text[length] == '\0')
			return words;
		text += length + 1;
	}
}
