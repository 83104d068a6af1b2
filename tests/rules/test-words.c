/* Words as numbers: equal words are equal wherever they stand, and no others. */

#include <string.h>

#include "rules/words.h"
#include "tests/suite.h"

/* How many words and lines a text has. */
static const struct sample {
	const char *name, *text;
	guint words, lines;
} samples[] = {
	{ "nothing", "", 0, 1 },
	{ "marks alone", " .,-\n> ", 0, 2 },
	{ "lines", "uno due\ntre\n", 3, 3 },
	{ "of eight letters", "abcdefgh ijklmnop", 2, 1 },
	{ "longer", "abcdefghijklmnopq-abcdefghi", 2, 1 },
	{ "beyond ASCII", "perch\xc3\xa9 \xe6\x96\x87\xe5\xad\x97", 2, 1 },
	{ "with digits", "550 a1", 2, 1 },
};

static void
test_split(void **state)
{
	const struct sample *sample = *state;
	guint lines;
	g_autoptr(GArray) words = words_split(sample->text, &lines);
	assert_int_equal(words->len, sample->words);
	assert_int_equal(lines, sample->lines);
	if (words->len > 0)
		assert_in_range(
		        g_array_index(words, Word, words->len - 1).line, 0, lines - 1);
}

static guint64
hash_at(const char *text, const char *end, gsize length)
{
	const char *at = text;
	guint64 hash = words_hash_next(&at, end);
	assert_ptr_equal(at, text + length);
	return hash;
}

/* Of every length, before a mark, before other words and at the text's end. */
static void
test_places(void **state)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
	guint64 hashes[sizeof letters] = { 0 };
	(void)state;
	for (gsize length = 1; length < sizeof letters; length++) {
		g_autofree char *alone = g_strndup(letters, length);
		g_autofree char *more = g_strconcat(alone, ", other words", NULL);
		g_autofree char *other = g_strdup(alone);
		other[length - 1] = '0';
		hashes[length] = hash_at(alone, alone + length, length);
		assert_true(
		        hash_at(more, more + strlen(more), length) == hashes[length]);
		assert_false(hash_at(other, other + length, length) == hashes[length]);
		for (gsize i = 1; i < length; i++)
			assert_false(hashes[i] == hashes[length]);
	}
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, samples, test_split);
	suite_add(suite, cmocka_unit_test(test_places));
	return suite_run(suite, "words", NULL, NULL);
}
