#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "rules/catalogue.h"
#include "rules/literal.h"
#include "rules/prefilter.h"

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
		        expressions[i] == NULL
		                ? NULL
		                : pattern_defer(expressions[i], strlen(expressions[i]));
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
	View view = { 0 };
	g_autoptr(Prefilter) empty = prefilter_new();
	PrefilterCandidate candidate;
	prefilter_finish(empty);
	prefilter_scan(empty, "abc", 3, &view);
	assert_int_equal(prefilter_count(empty), 0);
	assert_int_equal(prefilter_select(empty, &view, 0, 0, &candidate), 0);
	view_clear(&view);
}

/* Expressions and texts out of few letters, so that they meet: the parts of an expression, of
 * which some hold others. */
static const char *const parts[] = { "abc", "cab", "bca", "a", "b", "c", "ab", " ", " ",
	"a?", "b+", "c*", "\\s+", "\\d", "[ab]", "[^a]", "[ -]+", ".", ".{0,3}", ".*",
	"\\b", "\\w+", "^", "$", "(?:%s)", "(%s)", "(?:%s)?", "(?:%s)+", "(?:%s){2}",
	"(?:%s){0,2}", "(?=%s)", "(?!%s)", "(?:%s|%s)", "(?:%s|%s)", "(?:abc|%s|bc)",
	"(?>%s)", "abc%s", "%scab" };

static char *
random_expression(GRand *random, guint depth)
{
	g_autoptr(GString) made = g_string_new(NULL);
	for (gint32 count = g_rand_int_range(random, 1, 5); count > 0; count--) {
		gint32 most = G_N_ELEMENTS(parts);
		const char *part = parts[g_rand_int_range(random, 0, most)];
		for (; *part != '\0'; part++) {
			g_autofree char *inside = NULL;
			if (*part != '%') {
				g_string_append_c(made, *part);
				continue;
			}
			inside = depth < 3 ? random_expression(random, depth + 1)
			                   : g_strdup("bcab");
			g_string_append(made, inside);
			part++;
		}
	}
	return g_strdup(made->str);
}

static char *
random_text(GRand *random)
{
	g_autoptr(GString) made = g_string_new(NULL);
	for (gint32 count = g_rand_int_range(random, 0, 40); count > 0; count--)
		g_string_append_c(
		        made, "aaabbbccc  -1Ax\n"[g_rand_int_range(random, 0, 16)]);
	return g_strdup(made->str);
}

/* All the matches of a pattern by itself are found through the index, at the same places. */
static void
check_same(PatternIndex *index, guint group, Pattern *pattern, const char *text)
{
	gsize start = 0, end = 0, wanted = 0, wanted_end = 0, length = strlen(text);
	while (pattern_find(pattern, text, length, &wanted, &wanted_end)) {
		if (!pattern_index_find(index, group, text, length, &start, &end) ||
		        start != wanted || end != wanted_end)
			fail_msg("'%s' in '%s': at %zu, not %zu",
			        pattern_source(pattern), text, start, wanted);
		wanted = start = MAX(end, start + 1);
	}
	assert_false(pattern_index_find(index, group, text, length, &start, &end));
}

/* Whatever the expression, the filter keeps no pattern from a text that it matches, nor from the
 * place where it does. */
static void
test_never_too_few(void **state)
{
	(void)state;
	g_autoptr(GRand) random = g_rand_new_with_seed(20261106);
	for (guint round = 0; round < 60; round++) {
		g_autoptr(PatternIndex) index = pattern_index_new();
		g_autoptr(GPtrArray) patterns =
		        g_ptr_array_new_with_free_func((GDestroyNotify)pattern_free);
		while (patterns->len < 40) {
			g_autofree char *expression = random_expression(random, 0);
			Pattern *pattern = pattern_compile(expression, "x", 1, NULL);
			if (pattern == NULL)
				continue;
			pattern_index_add(index, patterns->len, pattern);
			g_ptr_array_add(patterns, pattern);
		}
		pattern_index_finish(index);
		for (guint i = 0; i < 30; i++) {
			g_autofree char *text = random_text(random);
			for (guint j = 0; j < patterns->len; j++)
				check_same(index, j, patterns->pdata[j], text);
		}
	}
}

static Prefilter *
random_prefilter(GRand *random, guint patterns)
{
	Prefilter *prefilter = prefilter_new();
	while (prefilter_count(prefilter) < patterns) {
		g_autofree char *expression = random_expression(random, 0);
		g_autoptr(LiteralReading) reading = literal_read(expression);
		guint count = reading != NULL ? reading->alternatives->len : 0;
		for (guint i = 0; i < count; i++)
			prefilter_add(prefilter, reading,
			        &g_array_index(
			                reading->alternatives, LiteralAlternative, i));
	}
	prefilter_finish(prefilter);
	for (guint i = 0; i < patterns; i += 10)
		prefilter_always(prefilter, i);
	return prefilter;
}

/* One from any pattern to any later one, of a view with so many candidates in all. */
static void
check_slice(GRand *random, Prefilter *prefilter, const View *view,
        const PrefilterCandidate *all, guint found)
{
	gint32 count = (gint32)prefilter_count(prefilter);
	gint32 from = g_rand_int_range(random, 0, count);
	gint32 to = g_rand_int_range(random, from, count + 1);
	g_autofree PrefilterCandidate *some = g_new(PrefilterCandidate, (guint)count);
	guint slice = prefilter_select(prefilter, view, (guint)from, (guint)to, some);
	guint begin = 0, end = 0;
	for (guint i = 0; i < found; i++) {
		begin += all[i].pattern < (guint)from;
		end += all[i].pattern < (guint)to;
	}
	assert_int_equal(slice, end - begin);
	if (slice > 0)
		assert_memory_equal(some, all + begin, slice * sizeof *some);
}

/* A slice of the patterns holds the candidates that all of them hold there, whichever of the
 * texts is asked for. */
static void
test_slices(void **state)
{
	(void)state;
	g_autoptr(GRand) random = g_rand_new_with_seed(20261124);
	for (guint round = 0; round < 30; round++) {
		g_autoptr(Prefilter) prefilter = random_prefilter(random, 100);
		guint count = prefilter_count(prefilter), found[2];
		View views[2] = { 0 };
		PrefilterCandidate *all[2];
		for (guint i = 0; i < 2; i++) {
			g_autofree char *text = random_text(random);
			all[i] = g_new(PrefilterCandidate, count);
			prefilter_scan(prefilter, text, strlen(text), &views[i]);
			found[i] = prefilter_select(
			        prefilter, &views[i], 0, count, all[i]);
		}
		for (guint i = 0; i < 40; i++)
			check_slice(random, prefilter, &views[i % 2], all[i % 2],
			        found[i % 2]);
		for (guint i = 0; i < 2; i++) {
			view_clear(&views[i]);
			g_free(all[i]);
		}
	}
}

/* How many of so many signatures that share most of their words are held against one text. */
static guint64
count_tried(guint signatures)
{
	const char *text = "the server made x0007 unknown at last: server error x0031 "
	                   "refused, code 31, and code 12";
	g_autoptr(PatternIndex) index = pattern_index_new();
	g_autoptr(GPtrArray) patterns =
	        g_ptr_array_new_with_free_func((GDestroyNotify)pattern_free);
	for (guint i = 0; i < signatures; i++) {
		g_autofree char *expression =
		        g_strdup_printf("\\bserver (made|error) x%04u "
		                        "(refused|unknown).{0,40}\\bcode %u\\b",
		                i, i);
		Pattern *pattern = pattern_defer(expression, strlen(expression));
		g_ptr_array_add(patterns, pattern);
		pattern_index_add(index, i, pattern);
	}
	pattern_index_finish(index);
	guint group = 0, found = 0;
	for (; pattern_index_next(index, text, strlen(text), &group); group++) {
		gsize start = 0, end = 0;
		found += pattern_index_find(
		        index, group, text, strlen(text), &start, &end);
	}
	assert_int_equal(found, 1);
	return pattern_index_tried(index);
}

/* What a mail costs does not grow with the catalogue, where only a few words tell one signature
 * from all the others. */
static void
test_growth(void **state)
{
	(void)state;
	static const guint sizes[] = { 50, 500, 5000 };
	for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
		guint64 tried = count_tried(sizes[i]);
		print_message("%u: %u tried\n", sizes[i], (guint)tried);
		assert_true(tried <= 4);
	}
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
		cmocka_unit_test(test_scan),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_nothing_to_filter),
		cmocka_unit_test(test_never_too_few),
		cmocka_unit_test(test_slices),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_shipped_examples),
		cmocka_unit_test(test_shipped_selects),
	};
	return cmocka_run_group_tests_name("prefilter", tests, NULL, NULL);
}
