/* Where words may stand that a pattern matches. */

#include <string.h>

#include "rules/needle.h"
#include "tests/suite.h"

typedef struct {
	const char *name, *expression, *text, *wanted;
} Sample;

static const Sample samples[] = {
	{ "one word", "^punto$", "un punto qui", "3 " },
	{ "none", "^punto$", "un punt o qui", "" },
	{ "within others", "^dot$", "prodotto dot", "3 9 " },
	{ "side by side", "^dot$", "dotdot", "0 3 " },
	{ "at the end, cut", "^dot$", "xdo", "" },
	{ "a letter before it", "^dot$", "ddot", "1 " },
	{ "each of several", "^(?:punto|dot)$", "dot punto dot", "4 0 10 " },
	{ "of alternatives", "^punto$|^dot$", "dot punto", "4 0 " },
	{ "too short to tell", "^(?:punto|d)$", "nothing", "perhaps" },
	{ "not understood", "(?i)punto", "nothing", "perhaps" },
	{ "an empty text", "^punto$", "", "" },
};

static gboolean
note(const char *text, gsize length, gsize at, gpointer places)
{
	assert_in_range(at, 0, length);
	assert_non_null(text);
	g_string_append_printf(places, "%" G_GSIZE_FORMAT " ", at);
	return FALSE;
}

static void
test_needles(void **state)
{
	const Sample *sample = *state;
	g_autoptr(Needles) needles = needles_new();
	g_autoptr(GString) places = g_string_new(NULL);
	needles_add(needles, sample->expression);
	needles_finish(needles);
	if (needles_any_word(needles, sample->text, strlen(sample->text), note, places))
		g_string_append(places, "perhaps");
	assert_string_equal(places->str, sample->wanted);
}

static const struct text {
	const char *name, *expression, *text;
	gboolean wanted;
} texts[] = {
	{ "a sentence", "messaggio non inviato", "il messaggio non inviato e qui",
	        TRUE },
	{ "no word", "abcdef", "abcde f abcdeg", TRUE },
	{ "not its end", "abcdef", "abcde g abcdeg", FALSE },
	{ "cut at the end", "abcdef", "xx abcde", FALSE },
	{ "at the end", "abcdef", "xx abcdef", TRUE },
	{ "at the start", "abcdef", "abcdef", TRUE },
	{ "behind its own beginning", "ababcd", "xabababcd", TRUE },
	{ "the shorter one", "abcdefgh|xyz", "0123456789xyz", TRUE },
	{ "the longer one", "abcdefgh|xyz", "xy abc abcdefgh", TRUE },
	{ "neither", "abcdefgh|xyz", "xy abcdefg abc xyyz", FALSE },
	{ "apart by more than eight spaces", "abcdef", "a b          c  d e f", TRUE },
	{ "beyond ASCII",
	        "a\xc3\x9f"
	        "cd",
	        "xxxxxxx a\xc3\x9f cd", TRUE },
	{ "a space's neighbours", "abc",
	        "a!b!c a@b@c a\xa0"
	        "bc",
	        FALSE },
	{ "too short to tell", "ab", "nothing", TRUE },
	{ "an empty text", "abc", "", FALSE },
};

static void
test_may(void **state)
{
	const struct text *sample = *state;
	g_autoptr(Needles) needles = needles_new();
	needles_add(needles, sample->expression);
	needles_finish(needles);
	assert_int_equal(needles_may(needles, sample->text, strlen(sample->text)),
	        sample->wanted);
}

/* So many letters of a small alphabet, that much of a text repeats. */
static void
append_letters(GString *text, GRand *chance, int count, const char *letters)
{
	for (; count > 0; count--)
		g_string_append_c(text,
		        letters[g_rand_int_range(chance, 0, (gint32)strlen(letters))]);
}

static gboolean
holds_plainly(const char *text, char *const *words)
{
	g_auto(GStrv) pieces = g_strsplit(text, " ", -1);
	g_autofree char *squeezed = g_strjoinv("", pieces);
	for (; *words != NULL; words++)
		if (strstr(squeezed, *words) != NULL)
			return TRUE;
	return FALSE;
}

/* The strides find what one finds who looks at every place. */
static void
test_plain_way(void **state)
{
	(void)state;
	guint found = 0;
	g_autoptr(GRand) chance = g_rand_new_with_seed(1);
	for (guint round = 0; round < 5000; round++) {
		g_autoptr(GString) expression = g_string_new(NULL);
		g_autoptr(GString) text = g_string_new(NULL);
		for (gint i = g_rand_int_range(chance, 1, 6); i > 0; i--) {
			append_letters(expression, chance,
			        g_rand_int_range(chance, 3, 9), "abc");
			g_string_append(expression, i > 1 ? "|" : "");
		}
		append_letters(text, chance, g_rand_int_range(chance, 0, 90), "abcd  ");
		g_autoptr(Needles) needles = needles_new();
		needles_add(needles, expression->str);
		needles_finish(needles);
		g_auto(GStrv) words = g_strsplit(expression->str, "|", -1);
		gboolean wanted = holds_plainly(text->str, words);
		if (needles_may(needles, text->str, text->len) != wanted)
			fail_msg("'%s' in '%s'", expression->str, text->str);
		found += wanted;
	}
	assert_in_range(found, 500, 4500);
}

/* A text that is known to match and holds none: the pattern was read wrong. */
static void
test_check(void **state)
{
	(void)state;
	g_autoptr(Needles) needles = needles_new();
	g_autoptr(GString) places = g_string_new(NULL);
	needles_add(needles, "^punto$");
	needles_finish(needles);
	needles_check(needles, "un punto", 8);
	assert_false(needles_any_word(needles, "x", 1, note, places));
	assert_false(needles_may(needles, "x", 1));
	needles_check(needles, "dot", 3);
	assert_true(needles_any_word(needles, "x", 1, note, places));
	assert_true(needles_may(needles, "x", 1));
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, samples, test_needles);
	suite_add_table(suite, texts, test_may);
	suite_add(
	        suite, cmocka_unit_test(test_plain_way), cmocka_unit_test(test_check));
	return suite_run(suite, "needle", NULL, NULL);
}
