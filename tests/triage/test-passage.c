#include <string.h>

#include "tests/shipped.h"
#include "triage/passage.h"

#define MIXED "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=m\n\n"
#define DSN                                                                            \
	"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.org\n"                        \
	"Subject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n"            \
	"Content-Type: multipart/report; report-type=delivery-status; boundary=r\n\n"  \
	"--r\n\nThis is the mail system.\n"                                            \
	"--r\nContent-Type: message/delivery-status\n\n"                               \
	"Reporting-MTA: dns; mx.example.org\n\n"                                       \
	"Final-Recipient: rfc822; b@example.org\nAction: failed\nStatus: 5.1.1\n"      \
	"Diagnostic-Code: smtp; 550 5.1.1 no such user\n"                              \
	"--r\nContent-Type: message/rfc822\n\n"                                        \
	"From: a@example.it\nTo: b@example.org\nSubject: ordine\n\nspam detected, he " \
	"he\n--r--\n"

/* A passage that must be there: its origin and, at the head of its text, its words. */
static const struct sample {
	const char *name, *mail;
	Origin origin;
	const char *part, *text;
	gboolean history;
	gboolean headers_given;
} samples[] = {
	{ "the customer's words", "\nnon parte la posta\n", ORIGIN_WORDS, "1",
	        "non parte la posta", FALSE, FALSE },
	{ "the subject", "Subject: aiuto\n\nciao\n", ORIGIN_SUBJECT, "0", "aiuto",
	        FALSE, FALSE },
	{ "a thread's subject",
	        "Subject: Re: aiuto\nIn-Reply-To: <a@b.example>\n\nciao\n",
	        ORIGIN_SUBJECT, "0", "Re: aiuto", TRUE, FALSE },
	{ "a reply's quote",
	        "In-Reply-To: <a@b.example>\n\nva bene\n\n"
	        "Il 06/11/2026 17:30 Servizio Clienti ha scritto:\n> Gentile cliente\n",
	        ORIGIN_QUOTED, "1", "Gentile cliente", TRUE, FALSE },
	{ "an error set off by quote marks",
	        "\nallego l'errore\n\n> 550 no such user\n", ORIGIN_PASTED, "1",
	        "550 no such user", FALSE, FALSE },
	{ "a text file",
	        MIXED "--m\n\nvedi file\n--m\nContent-Type: text/plain; name=e.txt\n"
	              "Content-Disposition: attachment\n\nla finestra dice no\n--m--\n",
	        ORIGIN_ATTACHED, "2", "la finestra dice no", FALSE, FALSE },
	{ "an attached report's diagnostic",
	        MIXED "--m\n\nvedi\n--m\nContent-Type: message/rfc822\n\n" DSN
	              "--m--\n",
	        ORIGIN_REPORT, "2.2", "550 5.1.1 no such user", FALSE, TRUE },
	{ "an attached report's notification",
	        MIXED "--m\n\nvedi\n--m\nContent-Type: message/rfc822\n\n" DSN
	              "--m--\n",
	        ORIGIN_ATTACHED, "2.1", "This is the mail system.", FALSE, TRUE },
	{ "an attached mail",
	        MIXED
	        "--m\n\nvedi\n--m\nContent-Type: message/rfc822\n\n"
	        "From: c@example.net\nSubject: x\n\nla tua mail mi torna\n--m--\n",
	        ORIGIN_ATTACHED, "2.1", "la tua mail mi torna", FALSE, TRUE },
	{ "headers pasted",
	        "\necco:\n\nReturn-Path: <a@example.it>\nReceived: from x by y; Mon, 2 "
	        "Nov 2026 "
	        "10:00:00 +0100\nFrom: a@example.it\nTo: b@example.org\nSubject: "
	        "prova\n",
	        ORIGIN_PASTED, "1", "Return-Path:", FALSE, TRUE },
	{ "only HTML",
	        "MIME-Version: 1.0\nContent-Type: text/html\n\n<p>non "
	        "<b>parte</b></p>\n",
	        ORIGIN_WORDS, "1", "non parte", FALSE, FALSE },
	{ "HTML behind a stub",
	        "MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=m\n\n"
	        "--m\n\nHTML\n--m\nContent-Type: text/html\n\n<p>non parte la posta da "
	        "ieri</p>\n"
	        "--m--\n",
	        ORIGIN_WORDS, "2", "non parte la posta da ieri", FALSE, FALSE },
	{ "what certified mail envelops",
	        "From: posta-certificata@pec.example\nX-Trasporto: "
	        "posta-certificata\n" MIXED
	        "--m\n\nMessaggio di posta certificata\n--m\nContent-Type: "
	        "message/rfc822; "
	        "name=postacert.eml\n\nFrom: a@pec.example\nSubject: aiuto\n\nnon "
	        "parte\n--m--\n",
	        ORIGIN_WORDS, "2.1", "non parte", FALSE, FALSE },
};

static Mail *
parse(const char *text)
{
	g_autofree char *whole =
	        g_strconcat("Date: Mon, 2 Nov 2026 10:00:00 +0100\n", text, NULL);
	g_autoptr(GBytes) bytes = g_bytes_new(whole, strlen(whole));
	const MailLimits limits = MAIL_LIMITS_DEFAULT;
	Mail *mail = mail_parse(bytes, &limits, NULL);
	assert_non_null(mail);
	return mail;
}

static const Passage *
find(const Passages *passages, Origin origin, const char *text)
{
	for (guint i = 0; i < passages->passages->len; i++) {
		const Passage *passage = g_ptr_array_index(passages->passages, i);
		if (passage->origin == origin && g_str_has_prefix(passage->text, text))
			return passage;
	}
	return NULL;
}

static void
test_passage(void **state)
{
	const struct sample *sample = *state;
	g_autoptr(Mail) mail = parse(sample->mail);
	g_autoptr(Passages) passages = passages_collect(mail, NULL, shipped_vocabulary);
	const Passage *passage = find(passages, sample->origin, sample->text);
	assert_non_null(passage);
	assert_string_equal(passage->part, sample->part);
	assert_int_equal(passage->history, sample->history);
	assert_int_equal(passages->headers_given, sample->headers_given);
}

/* The mail that a report returns is not what happened. */
static void
test_returned_mail(void **state)
{
	(void)state;
	g_autoptr(Mail) mail = parse(MIXED
	        "--m\n\nvedi\n--m\nContent-Type: message/rfc822\n\n" DSN "--m--\n");
	g_autoptr(Passages) passages = passages_collect(mail, NULL, shipped_vocabulary);
	for (guint i = 0; i < passages->passages->len; i++) {
		const Passage *passage = g_ptr_array_index(passages->passages, i);
		assert_null(strstr(passage->text, "spam detected"));
	}
	assert_int_equal(passages->reports->len, 1);
}

/* What comes from the envelope of certified mail is nobody's words. */
static void
test_envelope(void **state)
{
	(void)state;
	g_autoptr(Mail) mail = parse(samples[G_N_ELEMENTS(samples) - 1].mail);
	g_autoptr(Passages) passages = passages_collect(mail, NULL, shipped_vocabulary);
	assert_null(find(passages, ORIGIN_WORDS, "Messaggio di posta certificata"));
	assert_non_null(find(passages, ORIGIN_SUBJECT, "aiuto"));
}

static void
test_ours(void **state)
{
	(void)state;
	Settings settings = { 0 };
	settings.identity.address = (char *)"help@provider.example";
	g_autoptr(Mail) mail = parse("In-Reply-To: <a@b.example>\n\ngrazie\n\n"
	                             "Il giorno 3 nov 2026, alle ore 18:00, Assistenza "
	                             "<help@provider.example> "
	                             "ha scritto:\n\n> spam detected indica che\n");
	g_autoptr(Passages) passages =
	        passages_collect(mail, &settings, shipped_vocabulary);
	const Passage *quote = find(passages, ORIGIN_QUOTED, "spam detected");
	assert_non_null(quote);
	assert_true(quote->ours);
	assert_true(passages_say(passages, shipped_vocabulary, CUE_THANKS) ||
	            !passages_say(passages, shipped_vocabulary, CUE_PROBLEM));
}

static void
test_lines(void **state)
{
	(void)state;
	g_autoptr(Mail) mail = parse("\nuno\ndue\ntre\n");
	g_autoptr(Passages) passages = passages_collect(mail, NULL, shipped_vocabulary);
	const Passage *passage = find(passages, ORIGIN_WORDS, "uno");
	assert_non_null(passage);
	assert_int_equal(passage_line(passage, 0), 1);
	assert_int_equal(passage_line(passage, 5), 2);
	assert_int_equal(passage_line(passage, 8), 3);
	assert_int_equal(passage_line(passage, 4000), 4);
}

/* Ten thousand quotes in quotes, and a body of megabytes, end in bounded lists. */
static void
test_bounds(void **state)
{
	(void)state;
	g_autoptr(GString) text = g_string_new("\n");
	for (int i = 0; i < 10000; i++)
		g_string_append_printf(
		        text, "Il 06/11/2026 17:30 X%d ha scritto:\n> si\n\nno\n\n", i);
	for (int i = 0; i < 60000; i++)
		g_string_append(text, "una riga di testo qualunque, per fare mole\n");
	g_autoptr(Mail) mail = parse(text->str);
	g_autoptr(Passages) passages = passages_collect(mail, NULL, shipped_vocabulary);
	gsize size = 0;
	for (guint i = 0; i < passages->passages->len; i++)
		size += strlen(
		        ((Passage *)g_ptr_array_index(passages->passages, i))->text);
	assert_true(passages->passages->len <= 400);
	assert_true(size <= 512 * 1024);
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, samples, test_passage);
	suite_add(suite, cmocka_unit_test(test_returned_mail),
	        cmocka_unit_test(test_envelope), cmocka_unit_test(test_ours),
	        cmocka_unit_test(test_lines), cmocka_unit_test(test_bounds));
	return suite_run(
	        suite, "passage", shipped_vocabulary_load, shipped_vocabulary_free);
}
