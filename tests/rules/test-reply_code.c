#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rules/reply_code.h"

static const struct sample {
	const char *text, *code, *status;
} samples[] = {
	{ "552 5.2.0 igxL1p00E1WDM2s01gxMXG spam detected", "552", "5.2.0" },
	{ "550-5.7.26 Unauthenticated email", "550", "5.7.26" },
	{ "550-5.7.26 This mail\n550 5.7.26 is unauthenticated", "550", "5.7.26" },
	{ "553 sorry, you need to supply the correct username (#5.7.1)", "553",
	        "5.7.1" },
	{ "Il server di posta ha risposto: 552 5.2.0 spam detected", "552", "5.2.0" },
	{ "host mx.example.org[192.0.2.1] said: 550 5.1.1 <a@b>: user unknown", "550",
	        "5.1.1" },
	{ "smtp;550 Requested action not taken", "550", "" },
	{ "smtp; 554 5.7.1 <1.2.3.4>: blocked", "554", "5.7.1" },
	{ "#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##", "550", "5.1.1" },
	{ "< #5.7.1 smtp;550 5.7.1 refused>", "550", "5.7.1" },
	{ "Remote Server returned '550 5.1.10 RESOLVER'", "550", "5.1.10" },
	{ "Errore SMTP (535): Autenticazione", "535", "" },
	{ "mi torna errore 550 e basta", "550", "" },
	{ "codice 421", "421", "" },
	{ "mi arriva un 550 user unknown dal server", "550", "" },
	{ "550 192.0.2.1 is blocked", "550", "" },
	{ "421 4.7.0 [TSS04] deferred", "421", "4.7.0" },
	{ "5.7.1 refused", "", "5.7.1" },
	{ "Status: 5.2.2", "", "5.2.2" },
	{ "(5.6.26)", "", "5.6.26" },
	{ "host <ip> said: 550 5.6.26 refused", "550", "5.6.26" },
	/* numbers that are no codes */
	{ "ho inviato 500 messaggi", "", "" },
	{ "ho pagato 550 euro", "", "" },
	{ "porta 465 e porta 587", "", "" },
	{ "smtp: 465", "", "" },
	{ "telefono 0575 550 120", "", "" },
	{ "550 120 333", "", "" },
	{ "192.0.2.1 e 4.5.6.7", "", "" },
	{ "dal 5.6.26 non va", "", "" },
	{ "il 5.6.2026", "", "" },
	{ "Exim 4.96.2", "", "" },
	{ "versione 4.1.12345", "", "" },
	{ "fattura n. 5520", "", "" },
	{ "0x800CCC79 e 0x80042109", "", "" },
	{ "id-550", "", "" },
	{ "a.550 x", "", "" },
	{ "550,20 euro", "", "" },
	{ "550% in piu", "", "" },
	{ "utente550 x", "", "" },
	{ "250 2.0.0 Ok", "", "" },
	{ "", "", "" },
	{ "5", "", "" },
	{ "5.", "", "" },
	{ "5.7.", "", "" },
	{ "55", "", "" },
	{ "550-", "550", "" },
};

static void
test_codes(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
		char code[REPLY_CODE_SIZE], status[REPLY_STATUS_SIZE];
		utterance_codes(samples[i].text, code, status);
		if (!g_str_equal(code, samples[i].code) ||
		        !g_str_equal(status, samples[i].status))
			fail_msg("'%s': code '%s' status '%s'", samples[i].text, code,
			        status);
	}
}

/* What spares most lines the search may lose none, wherever the digits stand. */
static void
test_may_have(void **state)
{
	static const char letters[] = "0123455556789.. -x:#";
	guint coded = 0, spared = 0;
	(void)state;
	g_autoptr(GRand) chance = g_rand_new_with_seed(1);
	for (guint round = 0; round < 20000; round++) {
		char text[32], code[REPLY_CODE_SIZE], status[REPLY_STATUS_SIZE];
		gsize length = (gsize)g_rand_int_range(chance, 0, sizeof text);
		for (gsize i = 0; i < length; i++)
			text[i] = letters[g_rand_int_range(
			        chance, 0, sizeof letters - 1)];
		text[length] = '\0';
		utterance_codes(text, code, status);
		gboolean found = code[0] != '\0' || status[0] != '\0';
		gboolean may = utterance_may_have_codes(text, length);
		coded += found;
		spared += !may;
		if (found && !may)
			fail_msg("'%s': code '%s' status '%s'", text, code, status);
	}
	assert_in_range(coded, 300, 20000);
	assert_in_range(spared, 1000, 20000);
	assert_false(utterance_may_have_codes("12:45:07 and 54 at 4, 5 or 450", 29));
	assert_true(utterance_may_have_codes("12:45:07 and 54 at 4, 5 or 450", 30));
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_codes),
		cmocka_unit_test(test_may_have) };
	return cmocka_run_group_tests_name("reply_code", tests, NULL, NULL);
}
