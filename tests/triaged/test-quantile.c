/* Quantiles are right to a percent, whatever the values are. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "triaged/quantile.h"

static void
test_nothing(void **state)
{
	(void)state;
	g_autoptr(Quantile) quantile = quantile_new();
	assert_int_equal(quantile_at(quantile, 0.5), -1);
	assert_int_equal(quantile_count(quantile), 0);
}

static void
assert_near(gint64 value, gint64 wanted)
{
	if (ABS(value - wanted) * 100 > wanted)
		fail_msg("%d is not within a percent of %d", (int)value, (int)wanted);
}

static void
test_even(void **state)
{
	(void)state;
	g_autoptr(Quantile) quantile = quantile_new();
	for (gint64 i = 1; i <= 100000; i++)
		quantile_add(quantile, i * 37);
	assert_near(quantile_at(quantile, 0.5), 50000 * 37);
	assert_near(quantile_at(quantile, 0.95), 95000 * 37);
	assert_near(quantile_at(quantile, 1), 100000 * 37);
}

/* Small values are exact; the first and the last one there are count too. */
static void
test_edges(void **state)
{
	(void)state;
	static const gint64 values[] = { 0, 1, 127, 128, 255, 256, G_MAXINT64, -5 };
	for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
		g_autoptr(Quantile) quantile = quantile_new();
		quantile_add(quantile, values[i]);
		gint64 value = quantile_at(quantile, 0.5), wanted = MAX(values[i], 0);
		if (wanted < 256)
			assert_int_equal(value, wanted);
		else
			assert_true(ABS((double)value - (double)wanted) <
			            (double)wanted / 100);
	}
}

static void
test_one_in_a_hundred(void **state)
{
	(void)state;
	g_autoptr(Quantile) quantile = quantile_new();
	for (int i = 0; i < 99; i++)
		quantile_add(quantile, 10);
	quantile_add(quantile, 1000000);
	assert_int_equal(quantile_at(quantile, 0.95), 10);
	assert_near(quantile_at(quantile, 0.999), 1000000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_even),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_one_in_a_hundred),
	};
	return cmocka_run_group_tests_name("quantile", tests, NULL, NULL);
}
