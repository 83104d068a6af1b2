#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <time.h>

#include "base/errors.h"
#include "rules/pattern.h"
#include "tests/slowness.h"

/* Of the processor. Generous: an interpreter instead of JIT, sanitizers. */
#define SLOW_MILLISECONDS 1500

static Pattern *
compile(const char *expression)
{
	g_autoptr(GError) error = NULL;
	Pattern *pattern = pattern_compile(expression, "x.conf", 7, &error);
	assert_null(error);
	return pattern;
}

static gboolean
find(const char *expression, const char *subject, gsize *start, gsize *end)
{
	g_autoptr(Pattern) pattern = compile(expression);
	return pattern_find(pattern, subject, strlen(subject), start, end);
}

static void
test_find(void **state)
{
	(void)state;
	gsize start = 0, end = 0;
	assert_true(find("spam\\s+detected", "552 SPAM detected!", &start, &end));
	assert_int_equal(start, 4);
	assert_int_equal(end, 17);
	start = 5;
	assert_false(find("spam\\s+detected", "552 spam detected!", &start, &end));
	start = 100;
	assert_false(find("a", "a", &start, &end));
	start = 1;
	assert_true(find("\\bb", "a b", &start, &end));
	assert_int_equal(start, 2);
}

static void
test_lookbehind_sees_before_start(void **state)
{
	(void)state;
	gsize start = 3, end = 0;
	assert_true(find("(?<=non )inviato", "non inviato", &start, &end));
	assert_int_equal(start, 4);
}

static void
test_whole_letters(void **state)
{
	(void)state;
	gsize start = 0, end = 0;
	/* '.' takes the first byte of the Greek letter; the bounds take the whole letter */
	assert_true(find("a.", "a\xce\xb1z", &start, &end));
	assert_int_equal(end, 3);
}

static void
test_capture(void **state)
{
	(void)state;
	g_autoptr(Pattern) pattern = compile("port[ao] (?<port>\\d+)(?<none>x)?");
	g_autofree char *port = pattern_capture(pattern, "porta 465 ok", 12, "port");
	assert_string_equal(port, "465");
	assert_null(pattern_capture(pattern, "porta 465 ok", 12, "none"));
	assert_null(pattern_capture(pattern, "porta 465 ok", 12, "nowhere"));
	assert_null(pattern_capture(pattern, "niente", 6, "port"));
}

static const struct {
	const char *expression, *wanted;
} wrong[] = {
	{ "a(b", "x.conf:7: pattern 'a(b': missing closing parenthesis at offset 3" },
	{ "[a", "x.conf:7: pattern '[a': missing terminating ] for character class at "
	        "offset 2" },
	{ "a*", "x.conf:7: pattern 'a*': matches the empty text" },
	{ "", "x.conf:7: pattern '': matches the empty text" },
	{ "x|", "x.conf:7: pattern 'x|': matches the empty text" },
	{ "(*UTF)a", "x.conf:7: pattern '(*UTF)a': using UTF is disabled by the "
	             "application at "
	             "offset 6" },
	{ "a\\Cb", "x.conf:7: pattern 'a\\Cb': using \\C is disabled by the "
	           "application at "
	           "offset 3" },
};

static void
test_wrong(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(GError) error = NULL;
		assert_null(pattern_compile(wrong[i].expression, "x.conf", 7, &error));
		assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_CONFIG));
		assert_string_equal(error->message, wrong[i].wanted);
	}
}

static void
test_too_many_groups(void **state)
{
	(void)state;
	g_autoptr(GString) expression = g_string_new("x");
	g_autoptr(GError) error = NULL;
	for (int i = 0; i < 64; i++)
		g_string_append(expression, "(a)");
	assert_null(pattern_compile(expression->str, "x.conf", 7, &error));
	assert_non_null(strstr(error->message, "64 groups, at most 63 can be counted"));
	g_clear_error(&error);
	g_string_assign(expression, "x");
	for (int i = 0; i < 60; i++)
		g_string_append(expression, "(");
	assert_null(pattern_compile(expression->str, "x.conf", 7, &error));
	assert_non_null(strstr(error->message, "parentheses are too deeply nested"));
}

/* Each explodes on its text without the limits. */
static const struct {
	const char *expression, *repeated, *tail;
	gsize repeats;
} bombs[] = {
	{ "(a+)+$", "a", "!a!", 4000 },
	/* few enough that the stack does not end it first */
	{ "(a+)+$", "a", "!a!", 29 },
	{ "(a|aa)+$", "a", "!a!", 44 },
	{ "(a|aa)+$", "a", "!a!", 4000 },
	{ "(.*,){11}p$", "a,", "p!", 4000 },
	{ "x*x*x*x*y$", "x", "y!", 4000 },
	{ "a.*b.*c.*d$", "abc", "d!", 2000 },
	{ "foo.{0,200}bar.{0,200}baz$", "foobar", "baz!", 1000 },
	{ "(?=(a+))a*b\\1$", "a", "ab!", 1000000 },
	{ "(\\w+\\s?)+:$", "ab ", ":!", 100000 },
	{ "\\s+$", " ", "x", 1000000 },
	{ "a.*z$", "a", "z!", 1000000 },
};

static void
test_bombs(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(bombs); i++) {
		g_autoptr(Pattern) pattern = compile(bombs[i].expression);
		g_autoptr(GString) subject = g_string_new(NULL);
		gsize start = 0, end = 0;
		for (gsize j = 0; j < bombs[i].repeats; j++)
			g_string_append(subject, bombs[i].repeated);
		g_string_append(subject, bombs[i].tail);
		clock_t begun = clock();
		assert_false(pattern_find(
		        pattern, subject->str, subject->len, &start, &end));
		int milliseconds = (int)((clock() - begun) * 1000 / CLOCKS_PER_SEC);
		if (milliseconds > SLOW_MILLISECONDS * slowness())
			fail_msg("'%s' took %d ms", bombs[i].expression, milliseconds);
	}
	assert_true(pattern_limit_hits() > 0);
}

/* Wherever a match stands in a long text, also across the windows it is read in. */
static void
test_long_subject(void **state)
{
	(void)state;
	g_autoptr(Pattern) pattern = compile("begin.{0,400}end");
	for (gsize at = 0; at < 9000; at += 97) {
		gsize start = 0, end = 0;
		g_autoptr(GString) subject = g_string_new(NULL);
		while (subject->len < 10000)
			g_string_append_c(subject, '.');
		memcpy(subject->str + at, "begin", 5);
		memcpy(subject->str + at + 300, "end", 3);
		assert_true(pattern_find(
		        pattern, subject->str, subject->len, &start, &end));
		assert_int_equal(start, at);
		assert_int_equal(end, at + 303);
	}
}

/* The end of a window is not the end of the text. */
static void
test_long_subject_end(void **state)
{
	(void)state;
	g_autoptr(Pattern) pattern = compile("x$");
	g_autoptr(GString) subject = g_string_new(NULL);
	gsize start = 0, end = 0;
	while (subject->len < 10000)
		g_string_append_c(subject, 'x');
	g_string_append(subject, " y");
	assert_false(pattern_find(pattern, subject->str, subject->len, &start, &end));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_lookbehind_sees_before_start),
		cmocka_unit_test(test_whole_letters),
		cmocka_unit_test(test_capture),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_too_many_groups),
		cmocka_unit_test(test_bombs),
		cmocka_unit_test(test_long_subject),
		cmocka_unit_test(test_long_subject_end),
	};
	return cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
}
