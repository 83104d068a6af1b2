/* A line of the log is one line whatever a customer's mail puts into it, and its keys are ours. */
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "tests/suite.h"

#define LINE_BYTES_MAX 2000

/* What is written to stderr for one value. */
static char *
logged(const char *value)
{
	FILE *file = tmpfile();
	assert_non_null(file);
	int old = dup(STDERR_FILENO);
	assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
	log_line(LOG_LEVEL_INFO, "mail triaged", "subject", value, "class", "ours",
	        NULL);
	dup2(old, STDERR_FILENO);
	close(old);
	char *line = g_malloc0(LINE_BYTES_MAX + 1);
	rewind(file);
	fread(line, 1, LINE_BYTES_MAX, file);
	fclose(file);
	return line;
}

static const struct sample {
	const char *name, *value, *wanted;
} samples[] = {
	{ "a word", "anna@example.org", "anna@example.org" },
	{ "nothing", "", "\"\"" },
	{ "absent", NULL, "-" },
	{ "words", "non parte la posta", "\"non parte la posta\"" },
	{ "line end", "a\r\ntriaged: mail triaged id=1 class=forged",
	        "\"a triaged: mail triaged id=1 class=forged\"" },
	{ "lone CR", "a\rclass=b", "\"a class=b\"" },
	{ "other line ends",
	        "a\xc2\x85"
	        "b\xe2\x80\xa8"
	        "c\v\fd",
	        "\"a b c d\"" },
	{ "quotes", "a\" class=\"b", "\"a\\\" class=\\\"b\"" },
	{ "backslashes", "a\\\" class=b\\", "\"a\\\\\\\" class=b\\\\\"" },
	{ "a pair", "class=b", "\"class=b\"" },
	{ "terminal",
	        "a\x1b[31m\x07\b\x7f\xc2\x9b"
	        "2Jb",
	        "\"a [31m 2Jb\"" },
	{ "bidi",
	        "a\xe2\x80\xae\xe2\x81\xa6"
	        "b\xe2\x80\x8b\xef\xbb\xbf"
	        "c",
	        "\"a b c\"" },
	{ "broken UTF-8", "a\xff\xfe\nb", "\"a\xc3\xbf\xc3\xbe b\"" },
	{ "format", "%s%n%1000000d", "%s%n%1000000d" },
	{ "priority", "<0>a", "<0>a" },
};

static void
test_value(void **state)
{
	const struct sample *sample = *state;
	g_autofree char *line = logged(sample->value);
	g_autofree char *wanted = g_strdup_printf(
	        "test-log: mail triaged subject=%s class=ours\n", sample->wanted);
	assert_string_equal(line, wanted);
}

static void
test_long_value(void **state)
{
	(void)state;
	g_autofree char *value = g_strnfill(100000, 'x');
	g_autofree char *line = logged(value);
	assert_true(strlen(line) < 500);
	assert_true(g_str_has_suffix(line, "… class=ours\n"));
}

static guint
count_lines(const char *text, const char *words)
{
	guint count = 0;
	for (; (text = strstr(text, words)) != NULL; text++)
		count++;
	return count;
}

/* A store that is out of reach for a night does not fill the disk; every mail has its line. */
static void
test_repeats(void **state)
{
	(void)state;
	g_autofree char *text = g_malloc0(100000);
	FILE *file = tmpfile();
	int old = dup(STDERR_FILENO);
	assert_true(file != NULL && dup2(fileno(file), STDERR_FILENO) >= 0);
	for (guint i = 0; i < 500; i++) {
		g_autofree char *id = g_strdup_printf("%u", i);
		log_line(LOG_LEVEL_WARNING, "the store is out of reach", "error",
		        "locked", NULL);
		log_line(LOG_LEVEL_INFO, "mail triaged", "id", id, NULL);
	}
	dup2(old, STDERR_FILENO);
	close(old);
	rewind(file);
	fread(text, 1, 99999, file);
	fclose(file);
	assert_int_equal(count_lines(text, "the store is out of reach"), 5);
	assert_int_equal(count_lines(text, "mail triaged id="), 500);
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	g_unsetenv("JOURNAL_STREAM"); /* else a priority stands in front */
	log_open("test-log", NULL, LOG_LEVEL_INFO);
	suite_add_table(suite, samples, test_value);
	suite_add(suite, cmocka_unit_test(test_long_value),
	        cmocka_unit_test(test_repeats));
	return suite_run(suite, "log", NULL, NULL);
}
