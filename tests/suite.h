/*
 * The tests of a program: the rows of its tables, each a test of its own, and those that stand
 * alone, in the order added.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib.h>

typedef GArray Suite; /* of struct CMUnitTest; g_autoptr(GArray) frees it */

static inline Suite *
suite_new(void)
{
	return g_array_new(FALSE, TRUE, sizeof(struct CMUnitTest));
}

static inline void
suite_add_rows(
        Suite *suite, const void *rows, gsize count, gsize size, struct CMUnitTest test)
{
	for (gsize i = 0; i < count; i++) {
		const char *row = (const char *)rows + i * size;
		test.name = *(const char *const *)(const void *)row;
		test.initial_state = (void *)(gpointer)row;
		g_array_append_val(suite, test);
	}
}

/* A test for each row of an array; its name is the row's first member, its *state the row. */
#define suite_add_table(suite, rows, function)                                         \
	suite_add_table_of(suite, rows, cmocka_unit_test(function))

/* Likewise, by a test with a set-up, as suite_add() takes it. */
#define suite_add_table_of(suite, rows, ...)                                           \
	suite_add_rows(suite, rows, G_N_ELEMENTS(rows), sizeof *(rows),                \
	        (struct CMUnitTest)__VA_ARGS__)

/* One or more tests, as cmocka_unit_test() and its like write them. */
#define suite_add(suite, ...)                                                          \
	g_array_append_vals(suite, ((const struct CMUnitTest[]){ __VA_ARGS__ }),       \
	        G_N_ELEMENTS(((const struct CMUnitTest[]){ __VA_ARGS__ })))

/* The exit status of the program. */
static inline int
suite_run(const Suite *suite, const char *name, CMFixtureFunction setup,
        CMFixtureFunction teardown)
{
	const void *tests = suite->data;
	return _cmocka_run_group_tests(name, tests, suite->len, setup, teardown);
}
