#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "tests/shipped.h"
#include "triage/analyse.h"
#include "triage/case_json.h"
#include "triage/case_pack.h"

#define HEAD                                                                           \
	"From: Anna Bruni <Anna.Bruni@example.com>\nTo: help@provider.example\n"       \
	"Date: Tue, 10 Nov 2026 10:00:00 +0100\nMessage-ID: <a1@example.com>\n"

static Case *
analyse_text(const char *text)
{
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
	Case *kase = analyse(bytes, &shipped, NULL);
	assert_non_null(kase);
	return kase;
}

static void
test_mail_facts(void **state)
{
	(void)state;
	g_autoptr(Case) kase = analyse_text(
	        "Received: from x by y; Tue, 10 Nov 2026 10:05:00 +0100\n" HEAD
	        "Reply-To: other@example.com\nReferences: <r1@x> <r2@x>\nIn-Reply-To: "
	        "<r2@x>\n"
	        "Subject: Re: =?utf-8?Q?citt=C3=A0?= [TR-K3XW9A]\n\nnon parte la "
	        "posta\n");
	assert_string_equal(kase->message_id, "<a1@example.com>");
	assert_string_equal(kase->subject, "Re: citt\xc3\xa0 [TR-K3XW9A]");
	assert_string_equal(kase->from_address, "Anna.Bruni@example.com");
	assert_string_equal(kase->from_name, "Anna Bruni");
	assert_string_equal(kase->reply_to, "other@example.com");
	assert_string_equal(kase->ticket_token, "TR-K3XW9A");
	assert_int_equal(g_strv_length(kase->references), 2);
	assert_int_equal(kase->arrival - kase->date, 300);
	assert_int_equal(kase->utc_offset_minutes, 60);
	assert_string_equal(kase->language, "it");
}

static void
test_given_arrival(void **state)
{
	(void)state;
	shipped.received = 1794300000;
	g_autoptr(Case) kase = analyse_text(HEAD "\nciao\n");
	shipped.received = 0;
	assert_int_equal(kase->arrival, 1794300000);
}

/* The answer to certified mail goes to the human, not to the provider's robot. */
static void
test_certified(void **state)
{
	(void)state;
	g_autoptr(Case) kase = analyse_text(
	        "From: \"Per conto di: a@pec.example\" "
	        "<posta-certificata@gestore.example>\n"
	        "Reply-To: a@pec.example\nTo: help@provider.example\n"
	        "X-Trasporto: posta-certificata\nMIME-Version: 1.0\n"
	        "Content-Type: multipart/mixed; boundary=m\n\n--m\n\nMessaggio di "
	        "posta "
	        "certificata\n--m\nContent-Type: message/rfc822; name=postacert.eml\n\n"
	        "From: a@pec.example\nTo: help@provider.example\nSubject: invio\n\n"
	        "quando invio: 552 5.2.0 hT3k1s00X4Tz9bB01hTxLm2 spam "
	        "detected\n--m--\n");
	assert_int_equal(kase->nature, NATURE_PERSON);
	assert_int_equal(kase->header_gate, GATE_NONE);
	assert_string_equal(kase->verdict.class, "spam-detected");
	assert_string_equal(kase->reply_to, "a@pec.example");
}

static void
test_certified_without_reply_to(void **state)
{
	(void)state;
	g_autoptr(Case) kase = analyse_text(
	        "From: posta-certificata@gestore.example\nTo: help@provider.example\n"
	        "X-Trasporto: posta-certificata\nMIME-Version: 1.0\n"
	        "Content-Type: multipart/mixed; boundary=m\n\n--m\n"
	        "Content-Type: message/rfc822\n\nFrom: "
	        "a@pec.example\n\naiuto\n--m--\n");
	assert_string_equal(kase->reply_to, "a@pec.example");
}

static void
test_promise(void **state)
{
	(void)state;
	g_autoptr(Case) broken =
	        analyse_text(HEAD "\nvi allego lo screenshot dell'errore\n");
	assert_true(broken->promised_attachment);
	g_autoptr(Case) kept = analyse_text(HEAD
	        "MIME-Version: 1.0\nContent-Type: multipart/mixed; "
	        "boundary=m\n\n--m\n\n"
	        "vi allego l'errore\n--m\nContent-Type: text/plain; name=errore.txt\n"
	        "Content-Disposition: attachment\n\n550 no\n--m--\n");
	assert_false(kept->promised_attachment);
}

static void
test_no_mail(void **state)
{
	(void)state;
	g_autoptr(GBytes) bytes = g_bytes_new_static("", 0);
	g_autoptr(GError) error = NULL;
	assert_null(analyse(bytes, &shipped, &error));
	assert_non_null(error);
}

/* Pure: the same bytes give the same case, to the last field. */
static void
test_repeatable(void **state)
{
	(void)state;
	const char *text =
	        HEAD "Subject: errore\n\nmi esce 550 5.1.1 sender is blacklisted\n"
	             "scrivendo a luca@example.org il 9/11\n";
	g_autoptr(Case) once = analyse_text(text);
	g_autoptr(Case) again = analyse_text(text);
	g_autoptr(GBytes) packed = case_pack(once);
	g_autoptr(GBytes) repacked = case_pack(again);
	assert_true(g_bytes_equal(packed, repacked));
}

/* A signature that begins behind its own "non" would take its name for denied. */
static void
says_what_it_means(const Signature *signature, const char *example)
{
	g_autofree char *text = g_strdup_printf(HEAD "Content-Type: text/plain; "
	                                             "charset=utf-8\n\n%s\n",
	        example);
	g_autoptr(Case) kase = analyse_text(text);
	for (guint i = 0; i < kase->evidence->len; i++) {
		const Evidence *evidence = g_ptr_array_index(kase->evidence, i);
		if (g_strcmp0(evidence->dropped, "negated") == 0)
			fail_msg("%s: '%s' is taken for negated", signature->id,
			        example);
	}
}

static void
test_words_of_the_catalogue(void **state)
{
	const GPtrArray *classes = shipped.catalogue->classes;
	(void)state;
	for (guint i = 0; i < classes->len; i++) {
		const Class *class = g_ptr_array_index(classes, i);
		for (guint j = 0; j < class->signatures->len; j++) {
			const Signature *signature =
			        g_ptr_array_index(class->signatures, j);
			for (guint k = 0; signature->layer == LAYER_WORDS &&
			                  k < signature->match->len;
			        k++)
				says_what_it_means(signature,
				        g_ptr_array_index(signature->match, k));
		}
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_of_the_catalogue),
		cmocka_unit_test(test_mail_facts),
		cmocka_unit_test(test_given_arrival),
		cmocka_unit_test(test_certified),
		cmocka_unit_test(test_certified_without_reply_to),
		cmocka_unit_test(test_promise),
		cmocka_unit_test(test_no_mail),
		cmocka_unit_test(test_repeatable),
	};
	return cmocka_run_group_tests_name(
	        "analyse", tests, shipped_load, shipped_free);
}
