#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "mail/header.h"
#include "tests/slowness.h"

static const struct value {
	const char *name, *field, *value;
} values[] = {
	{ "plain", "Subject: Ciao", "Ciao" },
	{ "folded", "Subject: uno\r\n\tdue\n  tre", "uno due tre" },
	{ "fold without indent", "Subject: uno\ndue\nFrom: a@example.it", "uno due" },
	{ "blank before colon", "Subject : x", "x" },
	{ "q", "Subject: =?utf-8?Q?Perch=C3=A9_no=3F?=", "Perché no?" },
	{ "b", "Subject: =?UTF-8?B?UGVyY2jDqQ==?= no", "Perché no" },
	{ "two words", "Subject: =?utf-8?Q?uno_?=\r\n =?utf-8?Q?due?=", "uno due" },
	{ "character cut between words",
	        "Subject: =?utf-8?B?UGVyY2jD?= =?utf-8?B?qQ==?=", "Perché" },
	{ "language tag", "Subject: =?iso-8859-1*it?Q?=E8?=", "è" },
	{ "latin-1 says windows-1252", "Subject: =?iso-8859-1?Q?=93a=94?=", "“a”" },
	{ "blank in word", "Subject: =?utf-8?Q?uno due?=", "uno due" },
	{ "no blank between", "Subject: a=?utf-8?Q?=C3=A8?=b", "aèb" },
	{ "unknown charset", "Subject: =?x-nonsense?Q?ci=C3=A0?=", "cià" },
	{ "wrong charset", "Subject: =?us-ascii?Q?perch=E9?=", "perché" },
	{ "base64 without padding", "Subject: =?utf-8?B?UGVyY2jDqQ?=", "Perché" },
	{ "unfinished word", "Subject: =?utf-8?Q?uno", "=?utf-8?Q?uno" },
	{ "raw utf-8", "Subject: perch\xc3\xa9", "perché" },
	{ "raw windows-1252", "Subject: perch\xe9 \x93no\x94", "perché “no”" },
	{ "encoded line end", "Subject: =?utf-8?Q?a=0D=0ABcc:_x?=", "a  Bcc: x" },
	{ "encoded nul", "Subject: =?utf-8?Q?a=00b?=", "ab" },
	{ "comma in a name", "From: =?utf-8?Q?Rossi=2C_Mario?= <m@example.it>",
	        "\"Rossi, Mario\" <m@example.it>" },
	{ "quoted encoded name", "From: \"=?utf-8?Q?Mar=C3=ACo?=\" <m@example.it>",
	        "\"Marìo\" <m@example.it>" },
	{ "bracket in a name", "From: =?utf-8?Q?x_=3Ca=40b=2Eit=3E?= <m@example.it>",
	        "\"x <a@b.it>\" <m@example.it>" },
};

static void
test_value(void **state)
{
	const struct value *sample = *state;
	g_autoptr(Header) header = header_parse(sample->field, strlen(sample->field));
	const HeaderField *field = g_ptr_array_index(header->fields, 0);
	assert_string_equal(field->value, sample->value);
}

static const struct block {
	const char *name, *block;
	HeaderPlace place;
	const char *names; /* of the fields found */
	const char *rest;  /* where the body begins */
} blocks[] = {
	{ "mail", "A: 1\r\nB: 2\r\n\r\nbody", HEADER_OF_MAIL, "A B", "body" },
	{ "blank lines above", "\n\r\n  \nA: 1\n\nbody", HEADER_OF_MAIL, "A", "body" },
	{ "mbox line", "From a@b Fri Nov  6\n>From c\nA: 1\n\nbody", HEADER_OF_MAIL,
	        "A", "body" },
	{ "byte order mark",
	        "\xEF\xBB\xBF"
	        "A: 1\n\nbody",
	        HEADER_OF_MAIL, "A", "body" },
	{ "no blank line", "A: 1\nCiao a tutti\nanche tu\n", HEADER_OF_MAIL, "A",
	        "Ciao a tutti\nanche tu\n" },
	{ "line of blanks in a fold", "A: 1\n \n 2\nB: 3\n\nbody", HEADER_OF_MAIL,
	        "A B", "body" },
	{ "line of blanks ends", "A: 1\n  \nbody: no\nfine", HEADER_OF_MAIL, "A body",
	        "fine" },
	{ "lost folds", "A: 1\nuno\ndue\ntre\nReceived: x\n\nbody", HEADER_OF_MAIL,
	        "A Received", "body" },
	{ "part", "Content-Type: text/plain\n\nbody", HEADER_OF_PART, "Content-Type",
	        "body" },
	{ "part without header", "\nbody", HEADER_OF_PART, "", "body" },
	{ "part that begins with words", "Errore: 550\nfine\n", HEADER_OF_PART, "",
	        "Errore: 550\nfine\n" },
	{ "pasted", "ecco:\nReceived: a\nche dire\nFrom: b\n\nX: c", HEADER_PASTED,
	        "ecco Received From", "X: c" },
	{ "nothing", "ciao\n", HEADER_OF_MAIL, "", "ciao\n" },
};

static void
test_block(void **state)
{
	const struct block *sample = *state;
	gsize body;
	gboolean cut = FALSE;
	g_autoptr(Header) header = header_read(
	        sample->block, strlen(sample->block), sample->place, &body, &cut);
	g_autoptr(GString) names = g_string_new(NULL);
	for (guint i = 0; i < header->fields->len; i++) {
		const HeaderField *field = g_ptr_array_index(header->fields, i);
		g_string_append_printf(names, "%s%s", i > 0 ? " " : "", field->name);
	}
	assert_string_equal(names->str, sample->names);
	assert_string_equal(sample->block + body, sample->rest);
	assert_false(cut);
}

static const struct list {
	const char *name, *value;
	const char *found; /* "name|address;..." */
} lists[] = {
	{ "bare", "a@example.it", "|a@example.it" },
	{ "named", "Mario Rossi <a@Example.IT>", "Mario Rossi|a@example.it" },
	{ "named in quotes", "\"Rossi, M. - it\" <A@Example.IT>",
	        "Rossi, M. - it|A@example.it" },
	{ "escaped in quotes", "\"Rossi \\\"M\\\"\" <a@example.it>",
	        "Rossi \"M\"|a@example.it" },
	{ "nothing in quotes", "\"\" <a@example.it>", "|a@example.it" },
	{ "nothing", "", "" },
	{ "local part keeps its case", "A.B@Example.IT", "|A.B@example.it" },
	{ "two", "a@example.it, \"Rossi, M.\" <b@example.it>",
	        "|a@example.it;Rossi, M.|b@example.it" },
	{ "group", "Noi: a@example.it, b@example.it;", "|a@example.it;|b@example.it" },
	{ "empty group", "undisclosed-recipients:;", "" },
	{ "null path", "<>", "" },
	{ "null path with a name", "MAILER-DAEMON <>", "" },
	{ "name alone", "Ufficio vendite", "" },
	{ "name without domain", "Mail Delivery System <MAILER-DAEMON>",
	        "Mail Delivery System|MAILER-DAEMON" },
	{ "comment", "a@example.it (Mario)", "Mario|a@example.it" },
	{ "no domain", "MAILER-DAEMON", "|MAILER-DAEMON" },
	{ "address as name", "\"a@example.it\" <b@example.org>",
	        "a@example.it|b@example.org" },
	{ "unquoted dots", "Dott. Rossi M. <a@example.it>",
	        "Dott. Rossi M.|a@example.it" },
	{ "raw utf-8", "Nicolò <n@example.it>", "Nicolò|n@example.it" },
	{ "comment behind brackets", "<a@example.it> (Mario)", "|a@example.it" },
	{ "comma without a blank", "a@example.it,\"B\"<b@example.it>",
	        "|a@example.it;B|b@example.it" },
	{ "comma at the end", "a@example.it,", "|a@example.it" },
	{ "quoted quote", "\"A \\\"B\\\"\" <a@example.it>", "A \"B\"|a@example.it" },
	{ "blanks in quotes", "\" A  B \" <a@example.it>", "A  B|a@example.it" },
	{ "nothing", "", "" },
};

static void
test_list(void **state)
{
	const struct list *sample = *state;
	GPtrArray *found = header_addresses(sample->value);
	g_autoptr(GString) text = g_string_new(NULL);
	for (guint i = 0; i < found->len; i++) {
		const NameAddr *entry = g_ptr_array_index(found, i);
		g_string_append_printf(text, "%s%s|%s", i > 0 ? ";" : "",
		        entry->name != NULL ? entry->name : "", entry->address);
	}
	assert_string_equal(text->str, sample->found);
	g_ptr_array_unref(found);
}

/* A long list is read address by address, and as the short one. */
static void
test_long_lists(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++) {
		g_autoptr(GString) value = g_string_new(NULL);
		if (strchr(lists[i].found, '@') == NULL)
			continue;
		while (value->len < 60000)
			g_string_append_printf(value, "%s,\n ", lists[i].value);
		GPtrArray *one = header_addresses(lists[i].value);
		GPtrArray *many = header_addresses(value->str);
		gsize copies = value->len / (strlen(lists[i].value) + 3);
		assert_int_equal(many->len, one->len * copies);
		for (guint k = 0; k < many->len; k++) {
			const NameAddr *wanted = one->pdata[k % one->len];
			const NameAddr *entry = many->pdata[k];
			assert_string_equal(entry->address, wanted->address);
			assert_int_equal(g_strcmp0(entry->name, wanted->name), 0);
		}
		g_ptr_array_unref(one);
		g_ptr_array_unref(many);
	}
}

static const struct date {
	const char *value, *iso; /* NULL: none */
} dates[] = {
	{ "Fri, 06 Nov 2026 15:00:00 +0100", "2026-11-06T15:00:00+01" },
	{ "6 Nov 2026 15:00 +0100", "2026-11-06T15:00:00+01" },
	{ "Fri, 6 Nov 2026 14:00:00 GMT", "2026-11-06T14:00:00Z" },
	{ "Fri, 6 Nov 2026 15:00:00 +0100 (CET)", "2026-11-06T15:00:00+01" },
	{ "Fri,  6 Nov 2026 15:00:00", "2026-11-06T15:00:00Z" },
	{ "6 Nov 26 15:00:00 +0100", "2026-11-06T15:00:00+01" },
	{ "6 Nov 2026 15:00:00 -0330", "2026-11-06T15:00:00-03:30" },
	{ "6 Nov 2026 15:00:00 +0017", "2026-11-06T15:00:00+00:17" },
	{ "Fri, 06 Nov 2026 15:00:00 +0100 CET", "2026-11-06T15:00:00+01" },
	{ "31 Feb 2026 15:00:00 +0100", NULL },
	{ "domani", NULL },
	{ "", NULL },
	{ "Fri, 99 Foo 2026 77:00:00 +9999", NULL },
};

static void
test_dates(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(dates); i++) {
		g_autoptr(GDateTime) date = header_date(dates[i].value);
		if (dates[i].iso == NULL) {
			assert_null(date);
			continue;
		}
		assert_non_null(date);
		g_autofree char *iso = g_date_time_format_iso8601(date);
		assert_string_equal(iso, dates[i].iso);
	}
}

static const struct ids {
	const char *value, *found;
} ids[] = {
	{ "<a@b> <c@d>\t<e@f>", "<a@b>,<c@d>,<e@f>" },
	{ "Your message of today <a@b> (x)", "<a@b>" },
	{ "a@b", "" },
	{ "<<a@b>", "<a@b>" },
	{ "<a@b", "" },
	{ "<>", "" },
};

static void
test_ids(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(ids); i++) {
		g_auto(GStrv) found = header_message_ids(ids[i].value);
		g_autofree char *text = g_strjoinv(",", found);
		assert_string_equal(text, ids[i].found);
	}
}

static void
test_access(void **state)
{
	(void)state;
	static const char text[] = "Received: one\nFrom: a\nreceived: two\n";
	g_autoptr(Header) header = header_parse(text, strlen(text));
	assert_string_equal(header_get(header, "RECEIVED"), "one");
	assert_null(header_get(header, "To"));
	assert_true(header_has(header, "from"));
	GPtrArray *all = header_get_all(header, "Received");
	assert_int_equal(all->len, 2);
	assert_string_equal(g_ptr_array_index(all, 1), "two");
	g_ptr_array_unref(all);
}

/* Headers that cost more than they are worth are cut, and say so. */
static void
test_bombs(void **state)
{
	(void)state;
	static const char *const lines[] = { "a:\n", "To: a@example.it\n",
		" a@example.it,\n", " =?utf-8?Q?=C3=A8?=\n", " a:a:a:a:\n",
		" (((((((((\n", " <<<<<\n", " \"\\\n" };
	for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
		g_autoptr(GString) block = g_string_new("From:\n");
		while (block->len < 4 * 1024 * 1024)
			g_string_append(block, lines[i]);
		gsize body;
		gboolean cut = FALSE;
		clock_t start = clock();
		g_autoptr(Header) header = header_read(
		        block->str, block->len, HEADER_OF_MAIL, &body, &cut);
		g_ptr_array_unref(header_addresses(header_get(header, "From")));
		clock_t took = clock() - start;
		print_message("%.9s... %d ms\n", lines[i],
		        (int)(took * 1000 / CLOCKS_PER_SEC));
		assert_true(cut);
		assert_true(header->fields->len <= 2000);
		assert_int_equal(body, block->len);
		assert_true(took < processor_seconds(5));
	}
}

#define ADD(samples, function)                                                         \
	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++)                              \
		tests[count++] = (struct CMUnitTest)                                   \
		{                                                                      \
			.name = samples[i].name, .test_func = function,                \
			.initial_state = (void *)&samples[i]                           \
		}

static void
test_many_message_ids(void **state)
{
	(void)state;
	g_autoptr(GString) value = g_string_new(NULL);
	for (guint i = 0; i < 5000; i++)
		g_string_append_printf(value, "<%u@x> ", i);
	g_auto(GStrv) found = header_message_ids(value->str);
	assert_int_equal(g_strv_length(found), 1000);
}

int
main(void)
{
	static struct CMUnitTest tests[G_N_ELEMENTS(values) + G_N_ELEMENTS(blocks) +
	                               G_N_ELEMENTS(lists) + 6];
	gsize count = 0;
	ADD(values, test_value);
	ADD(blocks, test_block);
	ADD(lists, test_list);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_long_lists);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_dates);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_ids);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_access);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_bombs);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_many_message_ids);
	return cmocka_run_group_tests_name("header", tests, NULL, NULL);
}
