#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "net/imap_answer.h"
#include "net/imap_command.h"

static void
assert_text(const char *got, const char *wanted)
{
	if (wanted == NULL)
		assert_null(got);
	else {
		assert_non_null(got);
		assert_string_equal(got, wanted);
	}
}

static const struct text_sample {
	const char *text, *wanted;
} quote_samples[] = {
	{ "", "\"\"" },
	{ "INBOX", "\"INBOX\"" },
	{ "a \"b\" \\ c", "\"a \\\"b\\\" \\\\ c\"" },
	{ "a\r\nT9 LOGOUT", NULL },
	{ "perch\303\251", NULL },
};

static void
test_quote(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(quote_samples); i++) {
		g_autofree char *got = imap_quote(quote_samples[i].text);
		assert_text(got, quote_samples[i].wanted);
	}
}

/* RFC 3501 5.1.3, and what Italian servers have. */
static const struct text_sample utf7_samples[] = {
	{ "INBOX", "INBOX" },
	{ "Posta in arrivo/già", "Posta in arrivo/gi&AOA-" },
	{ "R&D", "R&-D" },
	{ "~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-" },
	{ "\360\237\230\200", "&2D3eAA-" },
	{ "a\tb", "a&AAk-b" },
	{ "", "" },
};

static void
test_utf7(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(utf7_samples); i++) {
		g_autofree char *encoded = imap_utf7_encode(utf7_samples[i].text);
		g_autofree char *decoded = imap_utf7_decode(utf7_samples[i].wanted);
		assert_text(encoded, utf7_samples[i].wanted);
		assert_text(decoded, utf7_samples[i].text);
	}
	assert_null(imap_utf7_encode("\xff"));
}

static void
test_utf7_broken(void **state)
{
	static const char *const broken[] = { "&", "&AOA", "&A-", "&AO!-", "&2D0-",
		"gi\303\240", "a\tb", "&AAAAA-", "&AOA=-", "&AAA-" };
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(broken); i++)
		assert_null(imap_utf7_decode(broken[i]));
}

static const struct set_sample {
	guint32 uids[8];
	guint count;
	gsize max_length;
	const char *wanted; /* sets joined by a space */
} set_samples[] = {
	{ { 0 }, 0, 100, "" },
	{ { 0 }, 1, 100, "" },
	{ { 7 }, 1, 100, "7" },
	{ { 1, 2, 3, 4, 7, 9, 10 }, 7, 100, "1:4,7,9:10" },
	{ { 9, 3, 1, 2, 3, 0 }, 6, 100, "1:3,9" },
	{ { 4294967295, 4294967294, 1 }, 3, 100, "1,4294967294:4294967295" },
	{ { 10, 20, 30, 40 }, 4, 5, "10,20 30,40" },
	{ { 100000, 200000 }, 2, 1, "100000 200000" },
};

static void
test_sets(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(set_samples); i++) {
		const struct set_sample *sample = &set_samples[i];
		g_autoptr(GPtrArray) sets =
		        imap_sets(sample->uids, sample->count, sample->max_length);
		g_ptr_array_add(sets, NULL);
		g_autofree char *joined = g_strjoinv(" ", (GStrv)sets->pdata);
		assert_string_equal(joined, sample->wanted);
	}
}

static void
test_keywords(void **state)
{
	static const char *const good[] = { "triage-spam-detected", "$Forwarded",
		"NonJunk", "a.b_c" };
	static const char *const bad[] = { "", "a b", "\\Seen", "a)", "a(b", "a{3}",
		"a*", "a%", "a\"", "a]", "a\r\n", "perch\303\251" };
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(good); i++)
		assert_true(imap_is_keyword(good[i]));
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
		assert_false(imap_is_keyword(bad[i]));
}

static void
test_date(void **state)
{
	(void)state;
	g_autofree char *date = imap_date(1783385065);
	assert_string_equal(date, "\" 7-Jul-2026 00:44:25 +0000\"");
	g_autofree char *bare = g_strndup(date + 1, strlen(date) - 2);
	assert_int_equal(imap_date_parse(bare), 1783385065);
}

static void
test_mailbox_name(void **state)
{
	(void)state;
	g_autofree char *name = imap_mailbox_name("Già \"fatti\"");
	assert_string_equal(name, "\"Gi&AOA- \\\"fatti\\\"\"");
	assert_null(imap_mailbox_name("\xff"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quote),
		cmocka_unit_test(test_utf7),
		cmocka_unit_test(test_utf7_broken),
		cmocka_unit_test(test_sets),
		cmocka_unit_test(test_keywords),
		cmocka_unit_test(test_date),
		cmocka_unit_test(test_mailbox_name),
	};
	return cmocka_run_group_tests_name("imap_command", tests, NULL, NULL);
}
