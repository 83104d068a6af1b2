/* Fields of copies as the settings write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "rules/header_form.h"

static const struct sample {
	const char *form;
	const char *name, *value; /* of a form that can be used; value NULL: blank */
	const char *problem;      /* words of it, of one that cannot */
} samples[] = {
	{ "X-OTRS-Queue: Posta::{class}", "X-OTRS-Queue", "Posta::spam-detected",
	        NULL },
	{ "X-OTRS-Loop:yes", "X-OTRS-Loop", "yes", NULL },
	{ "X-A: {class}/{detail}/{class}", "X-A", "spam-detected//spam-detected",
	        NULL },
	{ "X-A: {detail} ", "X-A", NULL, NULL },
	{ "X-A: }{class}", "X-A", "}spam-detected", NULL },
	{ "X-A", NULL, NULL, "no field such as" },
	{ "X-: a", NULL, NULL, "no field such as" },
	{ "Subject: a", NULL, NULL, "no field such as" },
	{ "X-A b: c", NULL, NULL, "no field such as" },
	{ "X-A: a\r\nX-B: c", NULL, NULL, "control character" },
	{ "x-triaged-class: a", NULL, NULL, "without being asked" },
	{ "X-A: {clas}", NULL, NULL, "did you mean '{class}'" },
	{ "X-A: {class", NULL, NULL, "without '}'" },
};

static void
test_form(void **state)
{
	const struct sample *sample = *state;
	g_autofree char *problem = header_form_problem(sample->form);
	if (sample->problem != NULL) {
		assert_non_null(problem);
		assert_non_null(strstr(problem, sample->problem));
		return;
	}
	assert_null(problem);
	g_autoptr(Values) values = values_new();
	g_autofree char *name = NULL, *value = NULL;
	values_set(values, "class", "spam-detected");
	header_form_fill(sample->form, values, &name, &value);
	assert_string_equal(name, sample->name);
	assert_true(g_strcmp0(value, sample->value) == 0);
}

/* What a value says is not read as a place. */
static void
test_values_are_not_forms(void **state)
{
	(void)state;
	g_autoptr(Values) values = values_new();
	g_autofree char *name = NULL, *value = NULL;
	values_set(values, "found", "{class} {");
	values_set(values, "class", "x");
	header_form_fill("X-A: {found}", values, &name, &value);
	assert_string_equal(value, "{class} {");
}

static void
test_long_form(void **state)
{
	(void)state;
	g_autofree char *rest = g_strnfill(500, 'a');
	g_autofree char *form = g_strconcat("X-A: ", rest, NULL);
	g_autofree char *problem = header_form_problem(form);
	assert_non_null(strstr(problem, "longer than"));
}

int
main(void)
{
	struct CMUnitTest tests[G_N_ELEMENTS(samples)] = { 0 };
	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
		tests[i].name = samples[i].form;
		tests[i].test_func = test_form;
		tests[i].initial_state = (void *)&samples[i];
	}
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_values_are_not_forms),
		cmocka_unit_test(test_long_form),
	};
	return cmocka_run_group_tests_name("forms", tests, NULL, NULL) +
	       cmocka_run_group_tests_name("values", others, NULL, NULL);
}
