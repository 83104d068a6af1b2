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
	if (needles_any(needles, sample->text, strlen(sample->text), note, places))
		g_string_append(places, "perhaps");
	assert_string_equal(places->str, sample->wanted);
}

/* A word that is known to match and holds none: the pattern was read wrong. */
static void
test_check(void **state)
{
	(void)state;
	g_autoptr(Needles) needles = needles_new();
	g_autoptr(GString) places = g_string_new(NULL);
	needles_add(needles, "^punto$");
	needles_check(needles, "punto");
	assert_false(needles_any(needles, "x", 1, note, places));
	needles_check(needles, "dot");
	assert_true(needles_any(needles, "x", 1, note, places));
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, samples, test_needles);
	suite_add(suite, cmocka_unit_test(test_check));
	return suite_run(suite, "needle", NULL, NULL);
}
