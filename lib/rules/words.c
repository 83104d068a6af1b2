#include "rules/words.h"

#include <string.h>

#include "base/text.h"

#define WORDS_MAX 100000 /* looked at in one text */

guint64
words_hash_text(const char *text)
{
	guint64 hash = WORDS_HASH_START;
	for (; *text != '\0'; text++)
		hash = words_hash_on(hash, (guchar)*text);
	return hash;
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
