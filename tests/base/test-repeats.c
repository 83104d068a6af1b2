/* What says the same is left out and counted; what differs is not, however much of it there is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/repeats.h"

#define SECOND ((gint64)G_USEC_PER_SEC)

static guint
write_times(Repeats *repeats, const char *line, guint times, gint64 now)
{
	guint written = 0;
	for (guint i = 0; i < times; i++)
		written += repeats_may_write(repeats, line, now) ? 1 : 0;
	return written;
}

static void
assert_taken(Repeats *repeats, gint64 now, guint count, const char *wanted)
{
	g_autofree char *line = NULL;
	assert_int_equal(repeats_take(repeats, now, &line), count);
	if (count > 0)
		assert_string_equal(line, wanted);
}

static void
test_left_out_and_counted(void **state)
{
	(void)state;
	Repeats repeats = { 0 };
	assert_int_equal(write_times(&repeats, "a", 100, SECOND), REPEATS_MOST);
	assert_int_equal(write_times(&repeats, "b", 1, SECOND), 1);
	assert_taken(&repeats, 60 * SECOND, 0, NULL);
	assert_taken(&repeats, 61 * SECOND, 95, "a");
	assert_taken(&repeats, 61 * SECOND, 0, NULL);
	assert_int_equal(write_times(&repeats, "a", 6, 61 * SECOND), REPEATS_MOST);
	repeats_clear(&repeats);
	assert_int_equal(write_times(&repeats, "a", 6, 62 * SECOND), REPEATS_MOST);
	repeats_clear(&repeats);
}

/* A line a minute is no flood, for however long. */
static void
test_slow_ones_are_written(void **state)
{
	(void)state;
	Repeats repeats = { 0 };
	for (guint i = 0; i < 100; i++)
		assert_true(repeats_may_write(&repeats, "a", i * 13 * SECOND));
	assert_taken(&repeats, G_MAXINT64 / 2, 0, NULL);
	repeats_clear(&repeats);
}

/* More different floods than are remembered: those that are keep being left out. */
static void
test_many_floods(void **state)
{
	(void)state;
	Repeats repeats = { 0 };
	for (guint i = 0; i < REPEATS_LINES; i++) {
		g_autofree char *line = g_strdup_printf("flood %u", i);
		assert_int_equal(write_times(&repeats, line, 10, 0), REPEATS_MOST);
	}
	assert_int_equal(write_times(&repeats, "another", 10, 0), 10);
	assert_false(repeats_may_write(&repeats, "flood 0", SECOND));
	guint all = 0;
	for (guint i = 0; i < REPEATS_LINES; i++) {
		g_autofree char *line = NULL;
		all += repeats_take(&repeats, 60 * SECOND, &line);
		assert_true(g_str_has_prefix(line, "flood "));
	}
	assert_int_equal(all, REPEATS_LINES * (10 - REPEATS_MOST) + 1);
	repeats_clear(&repeats);
}

static void
test_different_lines(void **state)
{
	(void)state;
	Repeats repeats = { 0 };
	for (guint i = 0; i < 10000; i++) {
		g_autofree char *line = g_strdup_printf("mail triaged id=%u", i);
		assert_true(repeats_may_write(&repeats, line, 0));
	}
	repeats_clear(&repeats);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_left_out_and_counted),
		cmocka_unit_test(test_slow_ones_are_written),
		cmocka_unit_test(test_many_floods),
		cmocka_unit_test(test_different_lines),
	};
	return cmocka_run_group_tests_name("repeats", tests, NULL, NULL);
}
