#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib/gstdio.h>
#include <string.h>

#include "base/errors.h"
#include "rules/template.h"

static char *directory;
static char *partials;

static int
make_directory(void **state)
{
	(void)state;
	directory = g_dir_make_tmp("triaged-template-XXXXXX", NULL);
	partials = g_build_filename(directory, "partials", NULL);
	return g_mkdir(partials, 0700);
}

static int
remove_directory(void **state)
{
	(void)state;
	int result = g_rmdir(partials) + g_rmdir(directory);
	g_free(partials);
	g_free(directory);
	return result;
}

static void
write_partial(const char *base, const char *text)
{
	g_autofree char *file = g_build_filename(partials, base, NULL);
	assert_true(g_file_set_contents(file, text, -1, NULL));
}

static void
remove_partial(const char *base)
{
	g_autofree char *file = g_build_filename(partials, base, NULL);
	g_unlink(file);
}

/* Load text as x.it.txt; the directory is taken out of an error's message. */
static Template *
load(const char *text, gssize length, char **message)
{
	const char *directories[] = { directory, NULL };
	g_autofree char *file = g_build_filename(directory, "x.it.txt", NULL);
	g_autoptr(GError) error = NULL;
	assert_true(g_file_set_contents(file, text, length, NULL));
	Template *template = template_load(file, directories, &error);
	g_unlink(file);
	if (error != NULL) {
		assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_CONFIG));
		g_autofree char *prefix = g_strconcat(directory, "/", NULL);
		g_auto(GStrv) pieces = g_strsplit(error->message, prefix, -1);
		*message = g_strjoinv("", pieces);
	}
	return template;
}

static Values *
sample_values(void)
{
	Values *values = values_new();
	values_set(values, "name", "Anna");
	values_set(values, "title", "Spam");
	values_set(values, "ticket", NULL);
	values_set(values, "date", " \t ");
	values_set_flag(values, "found", TRUE);
	values_set_flag(values, "missing", FALSE);
	Values *item = values_append(values, "found_items");
	values_set_flag(item, "is_sender", TRUE);
	values_set(item, "value", "a@example.it");
	item = values_append(values, "found_items");
	values_set_flag(item, "is_date", TRUE);
	values_set(item, "value", "2026-11-06");
	return values;
}

static const struct sample {
	const char *name, *text, *wanted;
} samples[] = {
	{ "plain", "Gentile cliente,\nciao\n", "Gentile cliente,\nciao\n" },
	{ "value", "Ciao {{name}}, {{ title }}.", "Ciao Anna, Spam.\n" },
	{ "absent value", "[{{ticket}}{{date}}{{sender}}]", "[]\n" },
	{ "flag as value", "[{{found}}]", "[]\n" },
	{ "present", "{{#name}}si{{/name}}{{#ticket}}no{{/ticket}}", "si\n" },
	{ "absent",
	        "{{^name}}no{{/name}}{{^ticket}}si{{/ticket}}{{^found}}no{{/found}}",
	        "si\n" },
	{ "blank is absent", "{{^date}}si{{/date}}", "si\n" },
	{ "list", "{{#found_items}}- {{value}}\n{{/found_items}}fine",
	        "- a@example.it\n- 2026-11-06\nfine\n" },
	{ "flags in a list",
	        "{{#found_items}}{{#is_sender}}m{{/is_sender}}{{#is_date}}d{{/"
	        "is_date}}: "
	        "{{value}};{{/found_items}}",
	        "m: a@example.it;d: 2026-11-06;\n" },
	{ "outer value in a list", "{{#found_items}}{{name}} {{/found_items}}",
	        "Anna Anna\n" },
	{ "absent list", "{{^missing_items}}niente{{/missing_items}}", "niente\n" },
	{ "lines of tags leave nothing",
	        "a\n{{#found}}\nb\n{{#found_items}}\n- "
	        "{{value}}\n{{/found_items}}\n{{/found}}\nc\n",
	        "a\nb\n- a@example.it\n- 2026-11-06\nc\n" },
	{ "several tags in a line leave nothing",
	        "a\n  {{#found}} {{#found_items}}\n- "
	        "{{value}}\n{{/found_items}}{{/found}}\nc",
	        "a\n- a@example.it\n- 2026-11-06\nc\n" },
	{ "comment", "a{{! niente }}b\n{{!x}}\nc", "ab\nc\n" },
	{ "empty lines", "\n\na\n\n\n\n  \nb\n\n", "a\n\nb\n" },
	{ "section around empty lines", "a\n\n{{#ticket}}\nx\n{{/ticket}}\n\nb",
	        "a\n\nb\n" },
	{ "CRLF", "a\r\n{{#found}}\r\nb\r\n{{/found}}\r\n", "a\nb\n" },
	{ "signature's delimiter", "a\n-- \nb  \n", "a\n-- \nb\n" },
	{ "partial", "a\n{{>hello}}\nb", "a\nCiao Anna\nb\n" },
	{ "partial in a line", "[{{>word}}]", "[parola]\n" },
	{ "partial in a partial", "{{>outer}}", "( parola )\n" },
	{ "single braces", "{name} { } }} }", "{name} { } }} }\n" },
};

static void
test_fill(void **state)
{
	const struct sample *sample = *state;
	g_autofree char *message = NULL;
	write_partial("hello.it.txt", "Ciao {{name}}\n");
	write_partial("hello.en.txt", "Hello {{name}}\n");
	write_partial("word.it.txt", "parola");
	write_partial("outer.it.txt", "( {{>word}} )\n");
	g_autoptr(Template) template = load(sample->text, -1, &message);
	remove_partial("hello.it.txt");
	remove_partial("hello.en.txt");
	remove_partial("word.it.txt");
	remove_partial("outer.it.txt");
	assert_null(message);
	g_autoptr(Values) values = sample_values();
	g_autofree char *filled = template_fill(template, values);
	assert_string_equal(filled, sample->wanted);
}

static const struct sample problems[] = {
	{ "unknown name", "a\n{{nmae}}",
	        "x.it.txt:2: unknown name 'nmae', did you mean 'name'?" },
	{ "unknown section", "{{#fond}}{{/fond}}",
	        "x.it.txt:1: unknown name 'fond', did you mean 'found'?" },
	{ "not closed", "a\n{{#found}}\nb\n",
	        "x.it.txt:2: section 'found' is not closed" },
	{ "not open", "a\n\n{{/found}}",
	        "x.it.txt:3: 'found' is closed where it is not open" },
	{ "crossed", "{{#found}}\n{{#name}}\n{{/found}}\n{{/name}}{{/found}}\n",
	        "x.it.txt:3: 'found' is closed where it is not open" },
	{ "no end", "a\nb {{name\nc", "x.it.txt:2: '{{' without '}}'" },
	{ "no partial", "\n{{>nothing}}",
	        "x.it.txt:2: no partial 'nothing' in any catalogue directory" },
	{ "partial elsewhere", "{{>../x}}",
	        "x.it.txt:1: '../x' is no name of a partial" },
	{ "partial in itself", "{{>loop}}",
	        "partials/loop.it.txt:2: partial 'loop' stands too deep in others" },
	{ "problem in a partial", "{{>wrong}}",
	        "partials/wrong.it.txt:1: unknown name 'x', did you mean 'name'?" },
	{ "empty reply", " \n\n", "x.it.txt:1: the template is empty" },
	{ "empty tag", "{{}}", "x.it.txt:1: unknown name '', did you mean 'name'?" },
	{ "several", "{{a1}}\n{{#found}}\n{{b1}}\n",
	        "x.it.txt:1: unknown name 'a1', did you mean 'name'?\n"
	        "x.it.txt:3: unknown name 'b1', did you mean 'name'?\n"
	        "x.it.txt:2: section 'found' is not closed" },
};

static void
test_problem(void **state)
{
	const struct sample *sample = *state;
	g_autofree char *message = NULL;
	write_partial("loop.it.txt", "\n{{>loop}}\n");
	write_partial("wrong.it.txt", "{{x}}\n");
	g_autoptr(Template) template = load(sample->text, -1, &message);
	remove_partial("loop.it.txt");
	remove_partial("wrong.it.txt");
	assert_null(template);
	assert_string_equal(message, sample->wanted);
}

static void
test_later_directory_wins(void **state)
{
	(void)state;
	g_autofree char *site = g_build_filename(directory, "site", NULL);
	g_autofree char *inside = g_build_filename(site, "partials", NULL);
	g_autofree char *file = g_build_filename(inside, "word.it.txt", NULL);
	g_autofree char *source = g_build_filename(directory, "y.it.txt", NULL);
	const char *directories[] = { directory, site, NULL };
	g_mkdir_with_parents(inside, 0700);
	write_partial("word.it.txt", "prima");
	g_file_set_contents(file, "dopo", -1, NULL);
	g_file_set_contents(source, "{{>word}}", -1, NULL);
	g_autoptr(Template) template = template_load(source, directories, NULL);
	g_autoptr(Values) values = values_new();
	g_autofree char *filled = template_fill(template, values);
	assert_string_equal(filled, "dopo\n");
	remove_partial("word.it.txt");
	g_unlink(source);
	g_unlink(file);
	g_rmdir(inside);
	g_rmdir(site);
}

/* What one template read holds for the next, but for how deep it may stand and what is wrong in
 * it. */
static void
test_shared_partials(void **state)
{
	(void)state;
	const char *directories[] = { directory, NULL };
	g_autoptr(Partials) shared = partials_new(directories);
	g_autofree char *source = g_build_filename(directory, "y.it.txt", NULL);
	static const struct {
		const char *text, *problem; /* part of it; NULL: none */
	} rows[] = {
		{ "{{>deep}} {{name}}", NULL },
		{ "{{#name}}{{#name}}{{>deep}}{{/name}}{{/name}}", NULL },
		{ "{{#name}}{{#name}}{{#name}}{{>deep}}{{/name}}{{/name}}{{/name}}",
		        "too deep" },
		{ "{{>deep}}{{>wrong}}", "unknown name 'nam'" },
		{ "{{>wrong}}", "unknown name 'nam'" },
		{ "{{>deep}}", NULL },
	};
	write_partial("wrong.it.txt", "{{nam}}");
	write_partial("deep.it.txt", "{{#name}}{{#name}}{{#name}}{{#name}}{{#name}}uno"
	                             "{{/name}}{{/name}}{{/name}}{{/name}}{{/name}}");
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_file_set_contents(source, rows[i].text, -1, NULL);
		g_autoptr(Template) template =
		        template_load_with(source, shared, &error);
		g_autoptr(Template) alone = template_load(source, directories, NULL);
		assert_true((template == NULL) == (rows[i].problem != NULL));
		assert_true((template == NULL) == (alone == NULL));
		if (error != NULL)
			assert_non_null(strstr(error->message, rows[i].problem));
	}
	remove_partial("wrong.it.txt");
	remove_partial("deep.it.txt");
	g_unlink(source);
}

static void
test_files(void **state)
{
	(void)state;
	g_autofree char *message = NULL;
	g_autoptr(GError) error = NULL;
	assert_null(load("a\xff", 2, &message));
	assert_string_equal(message, "x.it.txt:1: not valid UTF-8");
	g_clear_pointer(&message, g_free);
	assert_null(load("a\0b", 3, &message));
	assert_string_equal(message, "x.it.txt:1: not valid UTF-8");
	g_clear_pointer(&message, g_free);
	g_autofree char *large = g_strnfill(64 * 1024 + 1, 'a');
	assert_null(load(large, -1, &message));
	assert_string_equal(message, "x.it.txt: larger than 65536 bytes");
	assert_null(template_load("/nowhere/x.it.txt", NULL, &error));
	assert_non_null(strstr(error->message, "/nowhere/x.it.txt: "));
}

static void
test_deep_sections(void **state)
{
	(void)state;
	g_autofree char *message = NULL;
	g_autoptr(GString) text = g_string_new(NULL);
	for (int i = 0; i < 20000 / 10; i++)
		g_string_append(text, "{{#found}}");
	assert_null(load(text->str, -1, &message));
	assert_non_null(strstr(message, "section 'found' stands too deep in others"));
}

/* A customer's text stays in its place whatever it holds. */
static void
test_hostile_values(void **state)
{
	(void)state;
	g_autofree char *message = NULL;
	g_autofree char *long_value = g_strnfill(5000, 'x');
	g_autoptr(Template) template = load("[{{name}}]\n[{{sender}}]\n", -1, &message);
	g_autoptr(Values) values = values_new();
	values_set(values, "name",
	        "{{sender}}\r\nBcc: x\u202e\u200b{{#found}}{{>closing}}");
	values_set(values, "sender", long_value);
	g_autofree char *filled = template_fill(template, values);
	g_auto(GStrv) lines = g_strsplit(filled, "\n", -1);
	assert_int_equal(g_strv_length(lines), 3);
	assert_string_equal(lines[0], "[{{sender}} Bcc: x {{#found}}{{>closing}}]");
	assert_true(g_utf8_strlen(lines[1], -1) <= 310);
}

/* What agents read as HTML. */
static void
test_markup_in_values(void **state)
{
	(void)state;
	g_autofree char *message = NULL;
	g_autoptr(Template) template = load("<b>{{name}}</b>\n", -1, &message);
	g_autoptr(Values) values = values_new();
	values_set(values, "name", "</b><img src=\"x\" onerror=y>&amp;\r\n{{name}}");
	g_autofree char *filled = template_fill_markup(template, values);
	assert_string_equal(filled, "<b>&lt;/b&gt;&lt;img src=&quot;x&quot; "
	                            "onerror=y&gt;&amp;amp; {{name}}</b>\n");
}

#define ROW(test, row)                                                                 \
	{                                                                              \
		(row).name, test, NULL, NULL, (void *)&(row)                           \
	}

int
main(void)
{
	struct CMUnitTest tests[G_N_ELEMENTS(samples) + G_N_ELEMENTS(problems) + 5] = {
		cmocka_unit_test(test_later_directory_wins),
		cmocka_unit_test(test_shared_partials),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_deep_sections),
		cmocka_unit_test(test_hostile_values),
		cmocka_unit_test(test_markup_in_values),
	};
	gsize count = 5;
	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++)
		tests[count++] = (struct CMUnitTest)ROW(test_fill, samples[i]);
	for (gsize i = 0; i < G_N_ELEMENTS(problems); i++)
		tests[count++] = (struct CMUnitTest)ROW(test_problem, problems[i]);
	return cmocka_run_group_tests_name(
	        "template", tests, make_directory, remove_directory);
}
