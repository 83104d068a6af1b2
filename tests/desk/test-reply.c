/* A reply's subject, and what of the customer's mail it says back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "desk/reply.h"

static const struct name_sample {
	const char *name, *greeting;
} names[] = {
	{ "Anna Bianchi", "Gentile Anna Bianchi," },
	{ "D. D'Amico-Rossi & C. S.r.l.", "Gentile D. D'Amico-Rossi & C. S.r.l.," },
	{ "Niccolò Però", "Gentile Niccolò Però," },
	{ NULL, "Gentile Cliente," },
	{ "anna@example.it", "Gentile Cliente," },
	{ "Vinci subito su www.example.it", "Gentile Cliente," },
	{ "http://example.it", "Gentile Cliente," },
	{ "Chiami subito 899 12 34 56", "Gentile Cliente," },
	{ "Studio 2000 Srl", "Gentile Studio 2000 Srl," },
	{ "<b>Anna</b>", "Gentile Cliente," },
	{ "Hai vinto su però.example", "Gentile Cliente," },
	{ "Rossi, Anna (Ufficio 3)", "Gentile Rossi, Anna (Ufficio 3)," },
	{ "aaaaaaaaaa aaaaaaaaaa aaaaaaaaaa aaaaaaaaaa aaaaaaaaaa aaaaaaaaaa a",
	        "Gentile Cliente," },
};

static const struct line_sample {
	Origin origin;
	const char *text;
	const char *quoted; /* or NULL: nothing is */
} lines[] = {
	{ ORIGIN_REPORT, "user unknown", "altro: user unknown\n" },
	{ ORIGIN_WORDS, "mi dice che è spam", NULL },
	{ ORIGIN_SUBJECT, "spam detected", NULL },
	{ ORIGIN_PASTED, "552 5.2.0 spam detected",
	        "altro: 552 5.2.0 spam detected\n" },
	{ ORIGIN_PASTED, "user is over quota", "altro: user is over quota\n" },
	{ ORIGIN_PASTED, "Buongiorno, da ieri mi torna un avviso di mancata consegna",
	        NULL },
	{ ORIGIN_DIALOG, "(0x8004210A):", "altro: 0x8004210A\n" },
	{ ORIGIN_DIALOG, "Ciao, quando ricevo esce sempre 0x8004210A", NULL },
	{ ORIGIN_DIALOG, "'Timeout del server'", "altro: Timeout del server\n" },
	{ ORIGIN_PASTED, "552 spam detected e poi non so",
	        "altro: 552 spam detected\n" },
	{ ORIGIN_DIALOG, "refused (#5.7.1)", "altro: refused (#5.7.1)\n" },
};

static Catalogue *catalogue;

static int
open_catalogue(void **state)
{
	(void)state;
	g_autofree char *shop = g_build_filename(
	        g_getenv("TRIAGED_SOURCE"), "tests", "triaged", "shop", NULL);
	const char *directories[] = { shop, NULL };
	catalogue = catalogue_load(directories, NULL);
	return catalogue != NULL ? 0 : -1;
}

static int
close_catalogue(void **state)
{
	(void)state;
	catalogue_free(catalogue);
	return 0;
}

static char *
say(Case *kase)
{
	char class[] = "spam", language[] = "it";
	const Plan plan = { .template = class, .language = language };
	const ReplyStamp stamp = { .ticket = "TR-ABC123" };
	g_autoptr(Settings) settings = settings_default();
	g_autoptr(GError) error = NULL;
	kase->verdict.class = g_strdup("spam");
	char *text = reply_text(kase, &plan, catalogue, settings, &stamp, &error);
	if (text == NULL)
		fail_msg("%s", error->message);
	return text;
}

static void
test_names(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autoptr(Case) kase = case_new();
		kase->from_name = g_strdup(names[i].name);
		g_autofree char *text = say(kase);
		if (!g_str_has_prefix(text, names[i].greeting))
			fail_msg("'%s': %s", names[i].name, text);
	}
}

static void
test_error_lines(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
		g_autoptr(Case) kase = case_new();
		Evidence *evidence = g_new0(Evidence, 1);
		evidence->class = g_strdup("spam");
		evidence->origin = lines[i].origin;
		evidence->text = g_strdup(lines[i].text);
		evidence->weight = 1;
		g_ptr_array_add(kase->evidence, evidence);
		Item *item = g_new0(Item, 1);
		item->kind = ITEM_ERROR_TEXT;
		item->value = g_strdup("552 spam detected");
		g_ptr_array_add(kase->items, item);
		g_autofree char *text = say(kase);
		const char *wanted =
		        lines[i].quoted != NULL ? lines[i].quoted : "altro:\n";
		if (strstr(text, wanted) == NULL)
			fail_msg("'%s': %s", lines[i].text, text);
	}
}

static void
test_subjects(void **state)
{
	(void)state;
	static const struct {
		const char *subject, *wanted;
	} rows[] = {
		{ "posta", "Re: posta [TR-ABC123]" },
		{ "RE: posta", "RE: posta [TR-ABC123]" },
		{ "Re: posta [TR-ABC123]", "Re: posta [TR-ABC123]" },
		{ NULL, "Re: [TR-ABC123]" },
		{ "a\r\nBcc: x@example.it", "Re: a Bcc: x@example.it [TR-ABC123]" },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *subject = reply_subject(rows[i].subject, "TR-ABC123");
		assert_string_equal(subject, rows[i].wanted);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_error_lines),
		cmocka_unit_test(test_subjects),
	};
	return cmocka_run_group_tests_name(
	        "reply", tests, open_catalogue, close_catalogue);
}
