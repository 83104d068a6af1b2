/*
 * Golden mails: what `triagectl classify --explain X.eml` prints of a mail in tests/mails must
 * be what stands in X.expect beside it. With REWRITE_EXPECTED=1 the files are written anew, and
 * the difference is for a person to read. One process reads them all.
 */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "tests/expected.h"
#include "triage/analyse.h"
#include "triage/decide.h"
#include "triage/explain.h"

#define MAIL_SUFFIX ".eml"
#define EXPECT_SUFFIX ".expect"

static const char *const folders[] = { "mails", "mails/tickets" };

static Catalogue *catalogue;
static Settings *settings;

static char *
explain_mail(const char *file)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *name = g_path_get_basename(file);
	char *data;
	gsize length;
	assert_true(g_file_get_contents(file, &data, &length, NULL));
	g_autoptr(GBytes) bytes = g_bytes_new_take(data, length);
	const AnalyseContext context = { .catalogue = catalogue, .settings = settings };
	const History none = { 0 };

	g_autoptr(Case) kase = analyse(bytes, &context, &error);
	if (kase == NULL)
		return g_strdup_printf("%s: %s\n", name, error->message);
	g_autoptr(Plan) plan = decide(kase, catalogue, settings, &none);
	return explain(kase, plan, name);
}

static void
test_mail(void **state)
{
	const char *file = *state;
	gsize stem = strlen(file) - strlen(MAIL_SUFFIX);
	g_autofree char *expect =
	        g_strdup_printf("%.*s%s", (int)stem, file, EXPECT_SUFFIX);
	g_autofree char *found = explain_mail(file);

	expected_check(expect, found);
}

/* Every mail has its labels, so that tests/measure-tickets judges the same ones. */
static void
test_labels(void **state)
{
	const char *folder = *state;
	g_autofree char *file = g_build_filename(folder, "labels.tsv", NULL);
	g_autofree char *labels = NULL;
	assert_true(g_file_get_contents(file, &labels, NULL, NULL));
	g_autoptr(GDir) directory = g_dir_open(folder, 0, NULL);
	const char *name;
	while ((name = g_dir_read_name(directory)) != NULL) {
		g_autofree char *row = g_strdup_printf("\n%s\t", name);
		if (g_str_has_suffix(name, MAIL_SUFFIX) && strstr(labels, row) == NULL)
			fail_msg("%s has no row in %s", name, file);
	}
}

static void
add_test(GArray *tests, const char *name, CMUnitTestFunction test, const char *state)
{
	struct CMUnitTest entry = {
		.name = name, .test_func = test, .initial_state = (void *)state
	};
	g_array_append_val(tests, entry);
}

/* strings keeps the names. */
static void
add_folder(GArray *tests, GStringChunk *strings, const char *folder)
{
	g_autofree char *path =
	        g_build_filename(g_getenv("TRIAGED_SOURCE"), "tests", folder, NULL);
	g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
	const char *name;
	while (directory != NULL && (name = g_dir_read_name(directory)) != NULL) {
		g_autofree char *file = g_build_filename(path, name, NULL);
		if (g_str_has_suffix(name, MAIL_SUFFIX))
			add_test(tests, g_string_chunk_insert(strings, name), test_mail,
			        g_string_chunk_insert(strings, file));
	}
	add_test(tests, folder, test_labels, g_string_chunk_insert(strings, path));
}

static int
compare_tests(gconstpointer a, gconstpointer b)
{
	const struct CMUnitTest *left = a, *right = b;
	return strcmp(left->name, right->name);
}

int
main(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) tests = g_array_new(FALSE, FALSE, sizeof(struct CMUnitTest));
	GStringChunk *strings = g_string_chunk_new(4096);

	settings = settings_default();
	settings->mode = MODE_SEND;
	catalogue =
	        catalogue_load((const char *const *)settings->catalogue->pdata, &error);
	if (catalogue == NULL) {
		fprintf(stderr, "test-golden: %s\n", error->message);
		return 1;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(folders); i++)
		add_folder(tests, strings, folders[i]);
	g_array_sort(tests, compare_tests);
	int failed = _cmocka_run_group_tests("golden",
	        (const struct CMUnitTest *)tests->data, tests->len, NULL, NULL);
	g_string_chunk_free(strings);
	catalogue_free(catalogue);
	settings_free(settings);
	return failed;
}
