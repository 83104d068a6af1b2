#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "rules/literal.h"

/* wanted: the alternatives with '|' between, their sets with '&', the literals of one with '/';
 * NULL: none to rely on */
static const struct sample {
	const char *expression, *wanted;
} samples[] = {
	{ "spam detected", "spamdetected" },
	{ "\\bspam\\b", "spam" },
	{ "SPAM", "spam" },
	{ "spam\\s+detected", "spamdetected" },
	{ "user|mailbox", "user | mailbox" },
	{ "(user|mailbox) unknown", "userunknown/mailboxunknown" },
	{ "(?:spf.*err|dkim\\d)", "spf/dkim & err/dkim" },
	{ "(unknown )?user", "unknownuser/user" },
	{ "(?:unknown){0,3}user", "user" },
	{ "(?:unknown){1,3}us", "unknownus & unknown" },
	{ "det+ected", "tected & det" },
	{ "det*ected", "ected" },
	{ "blocke?d using", "blockedusing/blockdusing" },
	{ "0x800ccc0[de]", "0x800ccc0d/0x800ccc0e" },
	{ "5\\.7\\.26", "5.7.26" },
	{ "non (mai )?\\Kinviato", "nonmaiinviato/noninviato" },
	{ "(?<=non )spam", "spam" },
	{ "(?=unknown)us.r", NULL },
	{ "(?!unknown)user", "user" },
	{ "(?<word>unknown)", "unknown" },
	{ "(?P<word>unknown)", "unknown" },
	{ "[]x]abcd", "]abcd/xabcd" },
	{ "[^]x]abcd", "abcd" },
	{ "[[:alpha:]]abcd", "abcd" },
	{ "[\\]x]abcd", "]abcd/xabcd" },
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
	{ "\\b8 ?0 *0 +c( ?x)?", "800cx/800c" },
	{ "(errore|problema)\\b.{0,60}\\b(spf|dkim)", "errore/problema & spf/dkim" },
	{ "spf.*err|dkim\\d", "spf & err | dkim" },
	{ "spf.*err|dk", NULL },
	{ "uno.due.tre.quattro.cinque", "quattro & cinque & uno & due" },
	{ " a ", NULL },
	{ "[45]\\.\\d{1,3}\\.", "4.0/4.1/4.2/4.3/4.4/4.5/4.6/4.7/4.8/4.9/"
	                        "5.0/5.1/5.2/5.3/5.4/5.5/5.6/5.7/5.8/5.9" },
	{ "\\bat\\b", "at" },
	{ "\\b(?:il|la)\\b", "il/la" },
	{ "\\bat", "at" },
	{ "at\\B", NULL },
	{ "\\be\\b", NULL },
	{ "\\b#a\\b", "#a" },
	{ "\\bat\\b?", "at" },
	{ "\\b?at", NULL },
	{ "(?:da|dal) <here>", "da<here>/dal<here>" },
	{ "(?:da|dal)+ <here>", "da<here>/dal<here>" },
	{ "(?:da|dal){0,2} <here>", "<here>" },
	{ "(?:da|dal)? <here>", "da<here>/dal<here>/<here>" },
	{ "the server (made|error) x17 (refused|unknown)",
	        "theserver & madex17/errorx17 & refused/unknown" },
	{ "[a-c]bcd", "abcd/bbcd/cbcd" },
	{ "[a-z]bcd", "bcd" },
	{ "[\\w-]bcd", "bcd" },
	{ "uno\\ndue", "uno & due" },
	{ "a requested mail action was not taken",
	        "wasnottaken & arequested & mailaction" },
};

static char *
sets_text(const LiteralReading *reading, const LiteralAlternative *alternative)
{
	GString *text = g_string_new(NULL);
	for (guint i = 0; i < alternative->count; i++) {
		const LiteralSet *set = &alternative->sets[i];
		for (guint j = 0; j < set->count; j++) {
			const Literal *literal = &g_array_index(
			        reading->literals, Literal, set->first + j);
			g_string_append_printf(text, "%s%.*s",
			        j > 0   ? "/"
			        : i > 0 ? " & "
			                : "",
			        literal->length, literal->text);
		}
	}
	return g_string_free(text, FALSE);
}

static const LiteralAlternative *
alternative_at(const LiteralReading *reading, guint number)
{
	return &g_array_index(reading->alternatives, LiteralAlternative, number);
}

/* NULL where one of the alternatives has nothing to rely on. */
static char *
alternatives_text(const LiteralReading *reading)
{
	g_autoptr(GString) text = g_string_new(NULL);
	for (guint i = 0; i < reading->alternatives->len; i++) {
		const LiteralAlternative *alternative = alternative_at(reading, i);
		g_autofree char *sets = sets_text(reading, alternative);
		g_string_append_printf(text, "%s%s", i > 0 ? " | " : "", sets);
		if (alternative->count == 0)
			return NULL;
	}
	return g_strdup(text->str);
}

static void
test_literals(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
		g_autoptr(LiteralReading) reading = literal_read(samples[i].expression);
		g_autofree char *found =
		        reading != NULL ? alternatives_text(reading) : NULL;
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
		g_autoptr(LiteralReading) reading = literal_read(samples[i].expression);
		g_autoptr(GString) joined = g_string_new(NULL);
		for (guint j = 0; reading != NULL && j < reading->alternatives->len;
		        j++)
			g_string_append_printf(joined, "%s%.*s", j > 0 ? "|" : "",
			        (int)alternative_at(reading, j)->length,
			        alternative_at(reading, j)->source);
		if (reading != NULL)
			assert_string_equal(joined->str, samples[i].expression);
	}
}

/* Where in a match the best set's literals may begin: least, most; FAR: anywhere behind. */
static void
test_distances(void **state)
{
	(void)state;
	static const struct {
		const char *expression;
		guint32 least, most;
	} rows[] = {
		{ "spam", 0, 0 },
		{ "\\bspam", 0, 0 },
		{ " spam", 0, 1 },
		{ "x.spam", 2, 2 },
		{ "x?.spam", 1, 2 },
		{ ".{2,60}spam", 2, 60 },
		{ "(?:ab|c)\\W(spam)", 2, 6 },
		{ ".*spam", 0, LITERAL_FAR },
		{ "\\s+spam", 0, LITERAL_FAR },
		{ "(?<=.{7})spam", 0, 0 },
		{ "(a.spam|spam){2}", 0, 2 },
		{ "(?:.a){3}spam", 6, 6 },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(LiteralReading) reading = literal_read(rows[i].expression);
		const LiteralSet *set = &alternative_at(reading, 0)->sets[0];
		print_message(
		        "%s: %u to %u\n", rows[i].expression, set->least, set->most);
		assert_int_equal(set->least, rows[i].least);
		assert_int_equal(set->most, rows[i].most);
	}
}

static void
test_deep_expression(void **state)
{
	(void)state;
	g_autofree char *open = g_strnfill(100000, '(');
	assert_null(literal_read(open));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_literals),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_distances),
		cmocka_unit_test(test_deep_expression),
	};
	return cmocka_run_group_tests_name("literal", tests, NULL, NULL);
}
