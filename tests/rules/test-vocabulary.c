#include <glib/gstdio.h>
#include <string.h>

#include "base/errors.h"
#include "base/text.h"
#include "rules/vocabulary.h"
#include "tests/suite.h"

static char *top, *language;

static int
make_directory(void **state)
{
	(void)state;
	top = g_dir_make_tmp("triaged-vocabulary-XXXXXX", NULL);
	language = g_build_filename(top, "language", NULL);
	return g_mkdir(language, 0700);
}

static int
remove_directory(void **state)
{
	(void)state;
	static const char *const names[] = { "it.conf", "en.conf", "more.conf" };
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *file = g_build_filename(language, names[i], NULL);
		g_unlink(file);
	}
	int result = g_rmdir(language) + g_rmdir(top);
	g_free(language);
	g_free(top);
	return result;
}

static void
write_file(const char *base, const char *text)
{
	g_autofree char *file = g_build_filename(language, base, NULL);
	assert_true(g_file_set_contents(file, text, -1, NULL));
}

static Vocabulary *
load(char **message)
{
	const char *directories[] = { top, NULL };
	g_autoptr(GError) error = NULL;
	Vocabulary *vocabulary = vocabulary_load(directories, &error);
	if (error != NULL) {
		assert_null(vocabulary);
		assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_CONFIG));
		g_autofree char *prefix = g_strconcat(language, "/", NULL);
		g_auto(GStrv) pieces = g_strsplit(error->message, prefix, -1);
		*message = g_strjoinv("", pieces);
	}
	return vocabulary;
}

#define IT "language = \"it\";\n"
#define CUE(patterns, match, no_match)                                                 \
	IT "cues = {\nthanks = { patterns = " patterns ";\nmatch = " match             \
	   "; no_match = " no_match "; }; };"

static const struct sample {
	const char *name, *text, *wanted;
} samples[] = {
	{ "no language", "cues = { };", "it.conf:1: setting 'language' is missing" },
	{ "unknown group", IT "cue = { };",
	        "it.conf:2: unknown setting 'cue', did you mean 'cues'?" },
	{ "unknown cue", IT "cues = {\nthank = { }; };",
	        "it.conf:3: unknown cue 'thank', did you mean 'thanks'?" },
	{ "unknown in a cue",
	        CUE("[ \"grazie\" ]; pattern = 1", "[ \"grazie\" ]", "[ \"x\" ]"),
	        "it.conf:3: unknown setting 'pattern', did you mean 'patterns'?" },
	{ "example does not match",
	        CUE("[ \"grazie\" ]", "[ \"Grazie!\", \"prego\" ]", "[ \"x\" ]"),
	        "it.conf:3: cue 'thanks': example 'prego' does not match" },
	{ "counter-example matches",
	        CUE("[ \"grazie\" ]", "[ \"grazie\" ]", "[ \"Gràzie\" ]"),
	        "it.conf:3: cue 'thanks': example 'Gràzie' matches and must not" },
	{ "no examples", CUE("[ \"grazie\" ]", "[ ]", "[ ]"),
	        "it.conf:3: cue 'thanks': no example of a match\n"
	        "it.conf:3: cue 'thanks': no example of a no_match" },
	{ "bad pattern", CUE("[ \"a\",\n\"(b\" ]", "[ \"a\" ]", "[ \"x\" ]"),
	        "it.conf:4: pattern '(b': missing closing parenthesis at offset 2" },
	{ "cue is no group", IT "cues = { thanks = 1; };",
	        "it.conf:2: cue 'thanks' must be a group in { }" },
	{ "unknown marker", IT "markers = { forward_line = [ ]; };",
	        "it.conf:2: unknown setting 'forward_line', did you mean "
	        "'forward_lines'?" },
	{ "unknown label", IT "markers = { labels = { form = [ ]; }; };",
	        "it.conf:2: unknown setting 'form', did you mean 'from'?" },
	{ "empty word", IT "markers = { reply_prefixes = [ \" \" ]; };",
	        "it.conf:2: 'reply_prefixes' holds an empty word" },
	{ "unknown in the calendar", IT "calendar = { month = ( ); };",
	        "it.conf:2: unknown setting 'month', did you mean 'months'?" },
	{ "a word without value",
	        IT "calendar = { months = (\n{ word = \"gennaio\"; } ); };",
	        "it.conf:3: 'months' must hold groups { word = \"...\"; value = 1; }" },
	{ "a month that is none",
	        IT "calendar = { months = (\n{ word = \"gennaio\"; value = 13; } ); };",
	        "it.conf:3: value of 'gennaio' must be between 1 and 12" },
	{ "words for groups", IT "calendar = { months = [ \"gennaio\" ]; };",
	        "it.conf:2: setting 'months' must be a list of groups, ( { }, { } )" },
	{ "syntax", IT "cues = {", "it.conf:2: syntax error: this '{' is not closed" },
};

static void
test_problem(void **state)
{
	const struct sample *sample = *state;
	g_autofree char *message = NULL;
	write_file("it.conf", sample->text);
	g_autoptr(Vocabulary) vocabulary = load(&message);
	assert_non_null(message);
	assert_string_equal(message, sample->wanted);
}

static void
write_languages(void)
{
	write_file("it.conf",
	        IT "markers = { labels = { from = [ \"Da\", \"Mittente\" ]; };\n"
	           "forward_lines = [ \"Messaggio  inoltrato\" ]; };\n"
	           "cues = { thanks = { patterns = [ \"grazie\", \"perche no\" ]; "
	           "match = [ \"perché no\" ];\n"
	           "no_match = [ \"x\" ]; }; language = { patterns = [ "
	           "\"\\\\b(il|la|che)\\\\b\" ];\n"
	           "match = [ \"il\" ]; no_match = [ \"the\" ]; }; };\n"
	           "calendar = { months = ( { word = \"Gennaio\"; value = 1; } );\n"
	           "relative_days = ( { word = \"l'altro ieri\"; value = -2; } ); "
	           "hour_words = [ \"alle\" ]; };");
	write_file("en.conf", "language = \"en\";\n"
	                      "markers = { labels = { from = [ \"From\" ]; }; };\n"
	                      "cues = { thanks = { patterns = [ \"thanks\" ]; match = "
	                      "[ \"Thanks\" ]; no_match = [ \"x\" ]; };\n"
	                      "language = { patterns = [ \"\\\\b(the|is)\\\\b\" ]; "
	                      "match = [ \"the\" ]; no_match = [ \"il\" ]; }; };");
	write_file("more.conf",
	        IT "cues = { thanks = { patterns = [ \"ringrazio\" ]; match = [ \"la "
	           "ringrazio\" ]; no_match = [ \"y\" ]; }; };\n"
	           "markers = { labels = { from = \"Inviato da\"; }; };");
}

static void
test_find(void **state)
{
	(void)state;
	g_autofree char *message = NULL;
	write_languages();
	g_autoptr(Vocabulary) vocabulary = load(&message);
	assert_null(message);
	const char *text = "thanks, grazie, la ringrazio";
	gsize start = 0, end = 0;
	assert_true(vocabulary_find(
	        vocabulary, CUE_THANKS, text, strlen(text), &start, &end));
	assert_int_equal(start, 0);
	assert_int_equal(end, 6);
	start = end;
	assert_true(vocabulary_find(
	        vocabulary, CUE_THANKS, text, strlen(text), &start, &end));
	assert_int_equal(start, 8);
	start = end;
	assert_true(vocabulary_find(
	        vocabulary, CUE_THANKS, text, strlen(text), &start, &end));
	assert_int_equal(start, 19);
	start = end;
	assert_false(vocabulary_find(
	        vocabulary, CUE_THANKS, text, strlen(text), &start, &end));
	/* a cue that no file gives never matches */
	start = 0;
	assert_false(vocabulary_find(
	        vocabulary, CUE_BULK, text, strlen(text), &start, &end));
}

static void
test_words(void **state)
{
	(void)state;
	g_autofree char *message = NULL;
	write_languages();
	g_autoptr(Vocabulary) vocabulary = load(&message);
	const Markers *markers = vocabulary_markers(vocabulary);
	static const char *const from[] = { "from", "da", "mittente", "inviato da" };
	assert_int_equal(markers->labels[LABEL_FROM]->len, G_N_ELEMENTS(from));
	for (gsize i = 0; i < G_N_ELEMENTS(from); i++)
		assert_string_equal(markers->labels[LABEL_FROM]->pdata[i], from[i]);
	assert_string_equal(markers->forward_lines->pdata[0], "messaggio inoltrato");
	static const struct {
		CalendarList list;
		const char *text;
		gsize length;
		int value;
	} words[] = { { CALENDAR_MONTHS, "gennaio 2026", 7, 1 },
		{ CALENDAR_MONTHS, "gennaiolo", 0, 0 }, { CALENDAR_MONTHS, "", 0, 0 },
		{ CALENDAR_RELATIVE_DAYS, "l'altro ieri", 12, -2 },
		{ CALENDAR_HOUR_WORDS, "alle8", 4, 0 },
		{ CALENDAR_HOUR_WORDS, "alle'", 0, 0 },
		{ CALENDAR_HOUR_WORDS, "all", 0, 0 } };
	const Calendar *calendar = vocabulary_calendar(vocabulary);
	for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
		int value = 0;
		assert_int_equal(calendar_find(calendar, words[i].list, words[i].text,
		                         strlen(words[i].text), &value),
		        words[i].length);
		assert_int_equal(value, words[i].value);
	}
}

static void
test_language(void **state)
{
	(void)state;
	g_autofree char *message = NULL;
	write_languages();
	g_autoptr(Vocabulary) vocabulary = load(&message);
	static const char *const texts[][2] = { { "the error is here", "en" },
		{ "la posta e il server the", "it" }, { "12345", "it" }, { "", "it" },
		{ "il is", "it" } };
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		assert_string_equal(vocabulary_language(vocabulary, texts[i][0],
		                            strlen(texts[i][0])),
		        texts[i][1]);
}

static void
test_names(void **state)
{
	(void)state;
	for (int i = 0; i < CUE_COUNT; i++)
		assert_int_equal(cue_from_name(cue_name((Cue)i)), i);
	assert_int_equal(cue_from_name("nothing"), -1);
	assert_int_equal(cue_from_name("claim-not-sent"), CUE_CLAIM_NOT_SENT);
	assert_int_equal(cue_from_name("date-error"), CUE_DATE_ERROR);
}

static void
test_no_language_at_all(void **state)
{
	(void)state;
	g_autofree char *message = NULL;
	gsize start = 0, end = 0;
	g_autoptr(Vocabulary) vocabulary = load(&message);
	assert_null(message);
	assert_false(
	        vocabulary_find(vocabulary, CUE_THANKS, "grazie", 6, &start, &end));
	assert_string_equal(vocabulary_language(vocabulary, "the", 3), "it");
}

#define ALONE(test)                                                                    \
	cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add(suite, ALONE(test_find), ALONE(test_words), ALONE(test_language),
	        ALONE(test_names), ALONE(test_no_language_at_all));
	suite_add_table_of(suite, samples, ALONE(test_problem));
	return suite_run(suite, "vocabulary", NULL, NULL);
}
