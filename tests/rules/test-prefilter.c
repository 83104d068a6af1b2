#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "rules/catalogue.h"
#include "rules/literal.h"
#include "rules/prefilter.h"

/* wanted: the alternatives with '|' between, their sets with '&', the literals of one with '/';
 * NULL: none to rely on */
static const struct sample {
	const char *expression, *wanted;
} samples[] = {
	{ "spam detected", "spamdetected" },
	{ "\\bspam\\b", "spam" },
	{ "SPAM", "spam" },
	{ "spam\\s+detected", "detected & spam" },
	{ "user|mailbox", "user | mailbox" },
	{ "(user|mailbox) unknown", "unknown & user/mailbox" },
	{ "(?:spf.*err|dkim\\d)", "spf/dkim & err/dkim" },
	{ "(unknown )?user", "user" },
	{ "(?:unknown){0,3}user", "user" },
	{ "(?:unknown){1,3}us", "unknown" },
	{ "det+ected", "tected & det" },
	{ "det*ected", "ected" },
	{ "blocke?d using", "dusing & block" },
	{ "0x800ccc0[de]", "0x800ccc0" },
	{ "5\\.7\\.26", "5.7.26" },
	{ "non (mai )?\\Kinviato", "inviato & non" },
	{ "(?<=non )spam", "spam" },
	{ "(?=unknown)us.r", NULL },
	{ "(?!unknown)user", "user" },
	{ "(?<word>unknown)", "unknown" },
	{ "(?P<word>unknown)", "unknown" },
	{ "[]x]abcd", "abcd" },
	{ "[^]x]abcd", "abcd" },
	{ "[[:alpha:]]abcd", "abcd" },
	{ "[\\]x]abcd", "abcd" },
	{ "ab{2}cd", "bcd" },
	{ "abc{x", "abc{x" },
	{ "abc{,5}def", NULL },
	{ "^abc$", "abc" },
	{ "abc|", NULL },
	{ "abc|d", NULL },
	{ "abc|.*", NULL },
	{ "ab", NULL },
	{ "\\d{3}", NULL },
	{ "(?i)abc", NULL },
	{ "(?#abc)d", NULL },
	{ "(a)\\1abc", NULL },
	{ "\\Qa.b\\E", NULL },
	{ "\\x41bcd", NULL },
	{ "(*LIMIT_MATCH=1)abc", NULL },
	{ "(?(1)abc|def)", NULL },
	{ "(?&abc)def", NULL },
	{ "\\b8 ?0 *0 +c( ?x)?", "800c" },
	{ "(errore|problema)\\b.{0,60}\\b(spf|dkim)", "errore/problema & spf/dkim" },
	{ "spf.*err|dkim\\d", "spf & err | dkim" },
	{ "spf.*err|dk", NULL },
	{ "uno.due.tre.quattro.cinque", "quattro & cinque & uno & due" },
	{ " a ", NULL },
};

static char *
sets_text(const GPtrArray *sets)
{
	GString *text = g_string_new(NULL);
	for (guint i = 0; i < sets->len; i++) {
		const GPtrArray *literals = sets->pdata[i];
		for (guint j = 0; j < literals->len; j++)
			g_string_append_printf(text, "%s%s",
			        j > 0   ? "/"
			        : i > 0 ? " & "
			                : "",
			        (const char *)literals->pdata[j]);
	}
	return g_string_free(text, FALSE);
}

/* NULL where one of the alternatives has nothing to rely on. */
static char *
alternatives_text(const GPtrArray *alternatives)
{
	g_autoptr(GString) text = g_string_new(NULL);
	for (guint i = 0; i < alternatives->len; i++) {
		const LiteralAlternative *alternative = alternatives->pdata[i];
		g_autofree char *sets = sets_text(alternative->sets);
		g_string_append_printf(text, "%s%s", i > 0 ? " | " : "", sets);
		if (alternative->sets->len == 0)
			return NULL;
	}
	return g_strdup(text->str);
}

static void
test_literals(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
		g_autoptr(GPtrArray) alternatives = literal_find(samples[i].expression);
		g_autofree char *found =
		        alternatives != NULL ? alternatives_text(alternatives) : NULL;
		if (g_strcmp0(found, samples[i].wanted) != 0)
			fail_msg("'%s': '%s'", samples[i].expression, found);
	}
}

/* Joined again, the sources of the alternatives are the expression. */
static void
test_split(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
		g_autoptr(GPtrArray) alternatives = literal_find(samples[i].expression);
		g_autoptr(GString) joined = g_string_new(NULL);
		for (guint j = 0; alternatives != NULL && j < alternatives->len; j++)
			g_string_append_printf(joined, "%s%s", j > 0 ? "|" : "",
			        ((LiteralAlternative *)alternatives->pdata[j])->source);
		if (alternatives != NULL)
			assert_string_equal(joined->str, samples[i].expression);
	}
}

static void
test_deep_expression(void **state)
{
	(void)state;
	g_autofree char *open = g_strnfill(100000, '(');
	assert_null(literal_find(open));
}

static void
test_scan(void **state)
{
	(void)state;
	g_autoptr(PatternIndex) index = pattern_index_new();
	g_autoptr(GPtrArray) patterns =
	        g_ptr_array_new_with_free_func((GDestroyNotify)pattern_free);
	static const char *const expressions[] = { "she", "hers|his", "he would", NULL,
		"\\d+", "ushe", "his.*her|0 ?x ?8" };
	static const struct {
		const char *text, *wanted;
	} texts[] = { { "", "0001100" }, { "ushers", "1101110" },
		{ "USHERS", "1101110" }, { "he woul", "0001100" },
		{ "xhe would", "0011100" }, { "his", "0101100" },
		{ "sh\xff"
		  "e",
		        "0001100" },
		{ "shis", "0101100" }, { "shshe", "1001100" }, { "s he", "1001100" },
		{ "hello his", "0101100" }, { "his hers", "1101101" },
		{ "error 0 x8", "0001101" } };
	for (guint i = 0; i < G_N_ELEMENTS(expressions); i++) {
		Pattern *pattern =
		        expressions[i] == NULL ? NULL : pattern_defer(expressions[i]);
		if (pattern != NULL)
			g_ptr_array_add(patterns, pattern);
		pattern_index_add(index, i, pattern);
	}
	pattern_index_finish(index);
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		char found[G_N_ELEMENTS(expressions) + 1] = "0000000";
		for (guint j = 0; pattern_index_next(
		             index, texts[i].text, strlen(texts[i].text), &j);
		        j++)
			found[j] = '1';
		assert_string_equal(found, texts[i].wanted);
	}
}

/* A group is found where its patterns as one alternation would be, however often it is asked. */
static void
test_find(void **state)
{
	(void)state;
	static const char *const sources[] = { "red|green(?= fish)", "een fish|e" };
	const char *text = "one fish two fish red fish green fish blue fish";
	g_autoptr(Pattern) joined =
	        pattern_compile("red|green(?= fish)|een fish|e", "x", 1, NULL);
	g_autoptr(Pattern) one = pattern_compile(sources[0], "x", 1, NULL);
	g_autoptr(Pattern) other = pattern_compile(sources[1], "x", 1, NULL);
	g_autoptr(PatternIndex) index = pattern_index_new();
	pattern_index_add(index, 0, NULL);
	pattern_index_add(index, 2, one);
	pattern_index_add(index, 2, other);
	pattern_index_finish(index);
	gsize start = 0, end = 0, wanted = 0, wanted_end = 0;
	while (pattern_find(joined, text, strlen(text), &wanted, &wanted_end)) {
		assert_true(
		        pattern_index_find(index, 2, text, strlen(text), &start, &end));
		assert_int_equal(start, wanted);
		assert_int_equal(end, wanted_end);
		start = end;
		wanted = wanted_end;
	}
	assert_false(pattern_index_find(index, 2, text, strlen(text), &start, &end));
	start = 0;
	assert_false(pattern_index_find(index, 0, text, strlen(text), &start, &end));
	assert_false(pattern_index_find(index, 1, text, strlen(text), &start, &end));
	assert_false(pattern_index_find(index, 3, text, strlen(text), &start, &end));
}

static void
test_nothing_to_filter(void **state)
{
	(void)state;
	guint64 candidates[1];
	guint number = 0;
	g_autoptr(Prefilter) empty = prefilter_new();
	prefilter_finish(empty);
	prefilter_scan(empty, "abc", 3, candidates);
	assert_int_equal(prefilter_count(empty), 0);
	assert_false(prefilter_next(empty, candidates, &number));
}

static Catalogue *
load_shipped(void)
{
	g_autofree char *directory =
	        g_build_filename(g_getenv("TRIAGED_DATADIR"), "catalogue", NULL);
	const char *directories[] = { directory, NULL };
	return catalogue_load(directories, NULL);
}

/* The filtered hits are the hits that trying every signature gives. */
static void
check_example(const Catalogue *catalogue, const char *example)
{
	char code[REPLY_CODE_SIZE], status[REPLY_STATUS_SIZE];
	g_autoptr(FoldedText) text = text_fold(example, -1, TRUE);
	utterance_codes(example, code, status);
	Utterance utterance = { text, ORIGIN_PASTED, code, status, REFUSED_BY_ANY };
	g_autoptr(GArray) hits = catalogue_match(catalogue, &utterance);
	guint count = 0;
	for (guint i = 0; i < catalogue->classes->len; i++) {
		const Class *class = catalogue->classes->pdata[i];
		for (guint j = 0; j < class->signatures->len; j++) {
			gsize start, end;
			count += signature_matches(
			        class->signatures->pdata[j], &utterance, &start, &end);
		}
	}
	if (count != hits->len)
		fail_msg("'%s': %u hits instead of %u", example, hits->len, count);
}

static void
check_examples(const Catalogue *catalogue, const GPtrArray *examples)
{
	for (guint i = 0; i < examples->len; i++)
		check_example(catalogue, examples->pdata[i]);
}

static void
test_shipped_examples(void **state)
{
	(void)state;
	g_autoptr(Catalogue) catalogue = load_shipped();
	assert_non_null(catalogue);
	for (guint i = 0; i < catalogue->classes->len; i++) {
		const Class *class = catalogue->classes->pdata[i];
		for (guint j = 0; j < class->signatures->len; j++) {
			const Signature *signature = class->signatures->pdata[j];
			check_examples(catalogue, signature->match);
			check_examples(catalogue, signature->no_match);
		}
	}
}

/* Most signatures are not tried on a text that is about nothing. */
static void
test_shipped_selects(void **state)
{
	(void)state;
	g_autoptr(Catalogue) catalogue = load_shipped();
	const char *text =
	        "buongiorno, vi scrivo per la fattura di marzo che non trovo";
	guint count = catalogue->numbered->len, tried = 0;
	for (guint i = 0; pattern_index_next(catalogue->index, text, strlen(text), &i);
	        i++)
		tried++;
	print_message("%u of %u signatures tried\n", tried, count);
	assert_true(tried < count / 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_literals),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_deep_expression),
		cmocka_unit_test(test_scan),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_nothing_to_filter),
		cmocka_unit_test(test_shipped_examples),
		cmocka_unit_test(test_shipped_selects),
	};
	return cmocka_run_group_tests_name("prefilter", tests, NULL, NULL);
}
