#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rules/nearest.h"
#include "rules/signature.h"

#define ANYWHERE ((1u << ORIGIN_COUNT) - 1)

static const struct sample {
	const char *code, *status; /* the signature's */
	const char *text, *unless; /* patterns, or NULL */
	const char *utterance;
	gboolean wanted;
} samples[] = {
	{ "552", NULL, NULL, NULL, "552 5.2.0 spam detected", TRUE },
	{ "5xx", NULL, NULL, NULL, "552 5.2.0 spam detected", TRUE },
	{ "55x", NULL, NULL, NULL, "541 refused", FALSE },
	{ "4xx", NULL, NULL, NULL, "552 5.2.0 spam detected", FALSE },
	{ "552", NULL, NULL, NULL, "spam detected", FALSE },
	{ NULL, "5.2.0", NULL, NULL, "552 5.2.0 spam detected", TRUE },
	{ NULL, "5.2.x", NULL, NULL, "552 5.2.122 x", TRUE },
	{ NULL, "5.x.x", NULL, NULL, "552 5.2.122 x", TRUE },
	{ NULL, "5.2.1", NULL, NULL, "552 5.2.12 x", FALSE },
	{ NULL, "5.2.12", NULL, NULL, "552 5.2.1 x", FALSE },
	{ NULL, "5.2.0", NULL, NULL, "552 spam detected", FALSE },
	{ "552", "5.2.0", "spam", NULL, "552 5.2.0 SPAM", TRUE },
	{ "552", "5.2.0", "spam", NULL, "552 5.2.0 other", FALSE },
	{ NULL, NULL, "perche no", NULL, "Perché  no", TRUE },
	{ NULL, NULL, "<ip>", NULL, "host 192.0.2.1 refused", TRUE },
	{ NULL, NULL, "spam", "ricev", "ricevo spam", FALSE },
	{ NULL, NULL, "spam", "ricev", "mi dice spam", TRUE },
};

static Pattern *
compile(const char *expression)
{
	return expression != NULL ? pattern_compile(expression, "x", 1, NULL) : NULL;
}

static void
test_matches(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
		g_autoptr(Pattern) text = compile(samples[i].text);
		g_autoptr(Pattern) unless = compile(samples[i].unless);
		Signature signature = { .where = ANYWHERE,
			.code = (char *)samples[i].code,
			.status = (char *)samples[i].status,
			.text = text,
			.unless = unless };
		char code[REPLY_CODE_SIZE], status[REPLY_STATUS_SIZE];
		g_autoptr(FoldedText) folded =
		        text_fold(samples[i].utterance, -1, TRUE);
		utterance_codes(samples[i].utterance, code, status);
		Utterance utterance = { folded, ORIGIN_PASTED, code, status,
			REFUSED_BY_ANY };
		gsize start, end;
		if (signature_matches(&signature, &utterance, &start, &end) !=
		        samples[i].wanted)
			fail_msg("row %zu: '%s'", i, samples[i].utterance);
		guint failures =
		        signature_failures(&signature, &utterance, &start, &end);
		assert_int_equal(failures == 0, samples[i].wanted);
	}
}

/* An explanation names every condition that does not hold, not only the first. */
static void
test_failures(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		guint wanted;
	} rows[] = {
		{ "552 5.2.0 spam", 0 },
		{ "550 5.2.0 spam", 1u << CONDITION_CODE },
		{ "550 5.7.1 spam", 1u << CONDITION_CODE | 1u << CONDITION_STATUS },
		{ "552 5.2.0 ham", 1u << CONDITION_TEXT },
		{ "552 5.2.0 no spam", 1u << CONDITION_UNLESS },
	};
	g_autoptr(Pattern) text = compile("\\bspam\\b");
	g_autoptr(Pattern) unless = compile("\\bno\\b");
	Signature signature = { .where = 1u << ORIGIN_REPORT,
		.code = (char *)"552",
		.status = (char *)"5.2.0",
		.text = text,
		.unless = unless,
		.refused_by = REFUSED_BY_REMOTE };
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		char code[REPLY_CODE_SIZE], status[REPLY_STATUS_SIZE];
		gsize start, end;
		g_autoptr(FoldedText) folded = text_fold(rows[i].text, -1, TRUE);
		utterance_codes(rows[i].text, code, status);
		Utterance utterance = { folded, ORIGIN_REPORT, code, status,
			REFUSED_BY_REMOTE };
		assert_int_equal(
		        signature_failures(&signature, &utterance, &start, &end),
		        rows[i].wanted);
		utterance.origin = ORIGIN_WORDS;
		utterance.refused_by = REFUSED_BY_PROVIDER;
		assert_int_equal(
		        signature_failures(&signature, &utterance, &start, &end),
		        rows[i].wanted | 1u << CONDITION_WHERE |
		                1u << CONDITION_REFUSED_BY);
	}
}

static void
test_where(void **state)
{
	(void)state;
	g_autoptr(FoldedText) folded = text_fold("550 x", -1, TRUE);
	Signature signature = { .where = 1u << ORIGIN_REPORT | 1u << ORIGIN_PASTED,
		.code = (char *)"550" };
	for (int origin = 0; origin < ORIGIN_COUNT; origin++) {
		gsize start, end;
		Utterance utterance = { folded, (Origin)origin, "550", "",
			REFUSED_BY_ANY };
		assert_int_equal(
		        signature_matches(&signature, &utterance, &start, &end),
		        origin == ORIGIN_REPORT || origin == ORIGIN_PASTED);
	}
}

static void
test_refused_by(void **state)
{
	(void)state;
	static const gboolean wanted[3][3] = {
		[REFUSED_BY_ANY] = { TRUE, TRUE, TRUE },
		[REFUSED_BY_PROVIDER] = { TRUE, TRUE, FALSE },
		[REFUSED_BY_REMOTE] = { FALSE, FALSE, TRUE },
	};
	g_autoptr(FoldedText) folded = text_fold("550 x", -1, TRUE);
	for (int mine = 0; mine < 3; mine++) {
		for (int known = 0; known < 3; known++) {
			gsize start, end;
			Signature signature = { .where = ANYWHERE,
				.code = (char *)"550",
				.refused_by = (RefusedBy)mine };
			Utterance utterance = { folded, ORIGIN_REPORT, "550", NULL,
				(RefusedBy)known };
			assert_int_equal(
			        signature_matches(&signature, &utterance, &start, &end),
			        wanted[mine][known]);
		}
	}
}

static void
test_nearest(void **state)
{
	(void)state;
	static const char *const known[] = { "sender", "screenshot", "error_text",
		"date", NULL };
	static const char *const none[] = { NULL };
	assert_string_equal(nearest_name("sneder", known), "sender");
	assert_string_equal(nearest_name("screen", known), "screenshot");
	assert_string_equal(nearest_name("errortext", known), "error_text");
	assert_string_equal(nearest_name("", known), "date");
	assert_null(nearest_name("x", none));
	assert_int_equal(nearest_distance("kitten", "sitting"), 3);
	assert_int_equal(nearest_distance("ab", "ba"), 1);
	g_autofree char *long_name = g_strnfill(500, 'x');
	assert_int_equal(nearest_distance(long_name, ""), 63);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matches),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_where),
		cmocka_unit_test(test_refused_by),
		cmocka_unit_test(test_nearest),
	};
	return cmocka_run_group_tests_name("signature", tests, NULL, NULL);
}
