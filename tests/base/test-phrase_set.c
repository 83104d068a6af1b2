#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/phrase_set.h"

/* The tag of each is its number. */
static const char *const phrases[] = { "was not delivered", "undelivered", "da", "was",
	"r", "undelivered mail" };

static const struct sample {
	const char *name, *text;
	gsize span;
	guint lowest;      /* tag that phrase_set_within() finds */
	const char *there; /* tags of those at the text's beginning, sorted */
} samples[] = {
	{ "at the beginning", "was not delivered to", 100, 0, "03" },
	{ "in the middle", "it is undelivered mail", 100, 1, "" },
	{ "two that begin alike", "undelivered mail", 100, 1, "15" },
	{ "the lowest wins", "undelivered: it was not delivered", 100, 0, "1" },
	{ "behind the span", "undelivered: it was not delivered", 5, 1, "1" },
	{ "begins in the span, ends behind it", "x undelivered", 3, 1, "" },
	{ "two bytes", "a da", 100, 2, "" },
	{ "two bytes at the end", "da", 100, 2, "2" },
	{ "one byte at the end", "x r", 100, 4, "" },
	{ "one byte alone", "r", 100, 4, "4" },
	{ "cut off", "undelivere", 100, 4, "" },
	{ "none", "hello", 100, PHRASE_NONE, "" },
	{ "empty", "", 100, PHRASE_NONE, "" },
	{ "beyond ASCII", "\xff\xfe\xff", 100, PHRASE_NONE, "" },
};

static int
compare_bytes(gconstpointer a, gconstpointer b, gpointer data)
{
	(void)data;
	return *(const char *)a - *(const char *)b;
}

static void
test_sample(void **state)
{
	const struct sample *sample = *state;
	g_autoptr(PhraseSet) set = phrase_set_new();
	for (guint i = 0; i < G_N_ELEMENTS(phrases); i++)
		phrase_set_add(set, phrases[i], i);
	assert_int_equal(
	        phrase_set_within(set, sample->text, sample->span), sample->lowest);
	g_autoptr(GString) there = g_string_new(NULL);
	const Phrase *phrase = NULL;
	while ((phrase = phrase_set_at(set, sample->text, phrase)) != NULL)
		g_string_append_printf(there, "%u", phrase->tag);
	g_qsort_with_data(there->str, (int)there->len, 1, compare_bytes, NULL);
	assert_string_equal(there->str, sample->there);
}

static void
test_nth(void **state)
{
	(void)state;
	g_autoptr(PhraseSet) set = phrase_set_new();
	assert_null(phrase_set_nth(set, 0));
	phrase_set_add(set, "was", 7);
	assert_int_equal(phrase_set_nth(set, 0)->tag, 7);
	assert_int_equal(phrase_set_nth(set, 0)->length, 3);
	assert_null(phrase_set_nth(set, 1));
}

/* Of long phrases only some places of a text are looked at: one has to be found at each place, in
 * each span that it begins in and in none before. */
static void
test_places(void **state)
{
	(void)state;
	g_autoptr(PhraseSet) set = phrase_set_new();
	phrase_set_add(set, "zimbra", 3);
	phrase_set_add(set, "undelivered", 1);
	for (gsize place = 0; place < 20; place++) {
		g_autofree char *pad = g_strnfill(place, 'x');
		g_autofree char *text = g_strconcat(pad, "zimbra", NULL);
		for (gsize span = 0; span < 40; span++)
			assert_int_equal(phrase_set_within(set, text, span),
			        span > place ? 3 : PHRASE_NONE);
		text[place + 5] = '\0';
		assert_int_equal(phrase_set_within(set, text, 40), PHRASE_NONE);
	}
}

int
main(void)
{
	struct CMUnitTest tests[G_N_ELEMENTS(samples) + 2];
	gsize count = 0;
	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++)
		tests[count++] = (struct CMUnitTest){ .name = samples[i].name,
			.test_func = test_sample,
			.initial_state = (void *)(gpointer)&samples[i] };
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_nth);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_places);
	return cmocka_run_group_tests_name("base/phrase_set", tests, NULL, NULL);
}
