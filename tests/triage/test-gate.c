#include <string.h>

#include "tests/suite.h"
#include "triage/gate.h"

#define HUMAN                                                                          \
	"Return-Path: <anna@example.it>\n"                                             \
	"From: Anna <anna@example.it>\n"                                               \
	"To: Help <help@provider.example>\n"                                           \
	"Date: Mon, 2 Nov 2026 10:00:00 +0100\n"
#define BODY "\nnon parte la posta\n"

static const struct sample {
	const char *name, *mail;
	Gate wanted;
} samples[] = {
	{ "a person", HUMAN BODY, GATE_NONE },
	{ "no Return-Path at all",
	        "From: a@example.it\nTo: help@provider.example\n" BODY, GATE_NONE },
	{ "Auto-Submitted: no", HUMAN "Auto-Submitted: no\n" BODY, GATE_NONE },
	{ "Auto-Submitted: No (comment)", HUMAN "Auto-Submitted: No (really)\n" BODY,
	        GATE_NONE },
	{ "Auto-Submitted", HUMAN "auto-submitted: AUTO-REPLIED (vacation)\n" BODY,
	        GATE_AUTO_SUBMITTED },
	{ "X-Autoreply", HUMAN "X-Autoreply: yes\n" BODY, GATE_AUTO_SUBMITTED },
	{ "X-Autorespond", HUMAN "X-AutoRespond: Re: ciao\n" BODY,
	        GATE_AUTO_SUBMITTED },
	{ "X-Autoreply-From", HUMAN "X-Autoreply-From: a@example.it\n" BODY,
	        GATE_AUTO_SUBMITTED },
	{ "X-Vacation", HUMAN "X-Vacation: yes\n" BODY, GATE_AUTO_SUBMITTED },
	{ "a cron job", HUMAN "X-Cron-Env: <SHELL=/bin/sh>\n" BODY,
	        GATE_AUTO_SUBMITTED },
	{ "Auto-Submitted: no, and yes",
	        HUMAN "Auto-Submitted: no\nAuto-Submitted:\n\tauto-replied\n" BODY,
	        GATE_AUTO_SUBMITTED },
	{ "Auto-Submitted behind a comment",
	        HUMAN "Auto-Submitted: (no) auto-replied\n" BODY, GATE_AUTO_SUBMITTED },
	{ "Precedence: bulk", HUMAN "Precedence: bulk\n" BODY, GATE_PRECEDENCE },
	{ "Precedence: Junk", HUMAN "PRECEDENCE: Junk\n" BODY, GATE_PRECEDENCE },
	{ "Precedence in quotes", HUMAN "Precedence: \"bulk\"\n" BODY,
	        GATE_PRECEDENCE },
	{ "two kinds of Precedence",
	        HUMAN "Precedence: normal\nPrecedence: bulk\n" BODY, GATE_PRECEDENCE },
	{ "Precedence: auto_reply", HUMAN "Precedence: auto_reply\n" BODY,
	        GATE_PRECEDENCE },
	{ "Precedence: normal", HUMAN "Precedence: normal\n" BODY, GATE_NONE },
	{ "List-Id", HUMAN "List-ID: x <x.example.org>\n" BODY, GATE_LIST },
	{ "List-Unsubscribe", HUMAN "List-Unsubscribe: <mailto:u@example.org>\n" BODY,
	        GATE_LIST },
	{ "Mailing-List", HUMAN "Mailing-List: contact x\n" BODY, GATE_LIST },
	{ "suppress All", HUMAN "X-Auto-Response-Suppress: All\n" BODY,
	        GATE_AUTO_RESPONSE_SUPPRESS },
	{ "suppress several",
	        HUMAN "X-Auto-Response-Suppress: DR, OOF, AutoReply\n" BODY,
	        GATE_AUTO_RESPONSE_SUPPRESS },
	{ "suppress receipts only",
	        HUMAN "X-Auto-Response-Suppress: DR, RN, NRN\n" BODY, GATE_NONE },
	{ "null sender",
	        "Return-Path: <>\nFrom: a@example.it\nTo: help@provider.example\n" BODY,
	        GATE_NULL_SENDER },
	{ "no author", "Return-Path: <a@example.it>\nTo: help@provider.example\n" BODY,
	        GATE_NULL_SENDER },
	{ "null sender with blanks",
	        "Return-Path: < >\nFrom: a@example.it\nTo: "
	        "help@provider.example\n" BODY,
	        GATE_NULL_SENDER },
	{ "null sender with a comment",
	        "Return-Path: <> (bounce)\nFrom: a@example.it\n"
	        "To: help@provider.example\n" BODY,
	        GATE_NULL_SENDER },
	{ "mailer-daemon",
	        "From: MAILER-DAEMON@mx.example.org\nTo: help@provider.example\n" BODY,
	        GATE_SYSTEM_SENDER },
	{ "no-reply", "From: No-Reply@example.it\nTo: help@provider.example\n" BODY,
	        GATE_SYSTEM_SENDER },
	{ "reply to no-reply", HUMAN "Reply-To: noreply-42@example.it\n" BODY,
	        GATE_SYSTEM_SENDER },
	{ "no-reply in Italian",
	        "From: Non-Rispondere@example.it\nTo: help@provider.example\n" BODY,
	        GATE_SYSTEM_SENDER },
	{ "a machine in the second From", HUMAN "From: mailer-daemon@example.it\n" BODY,
	        GATE_SYSTEM_SENDER },
	{ "a machine in the second Reply-To",
	        HUMAN "Reply-To: anna@example.it\nReply-To: noreply@example.it\n" BODY,
	        GATE_SYSTEM_SENDER },
	{ "a machine sends for a person", HUMAN "Sender: daemon@example.it\n" BODY,
	        GATE_SYSTEM_SENDER },
	{ "list owner", "From: owner-x@example.it\nTo: help@provider.example\n" BODY,
	        GATE_SYSTEM_SENDER },
	{ "a person who is no robot",
	        "From: donato@example.it\nTo: help@provider.example\n" BODY,
	        GATE_NONE },
	{ "sent through a service",
	        "Return-Path: <bounces+17-anna=x@em.example.net>\nFrom: "
	        "anna@example.it\n"
	        "To: help@provider.example\n" BODY,
	        GATE_NONE },
	{ "a report",
	        HUMAN "Content-Type: multipart/report; report-type=delivery-status; "
	              "boundary=b\n\n"
	              "--b\n\ntext\n--b--\n",
	        GATE_REPORT },
	{ "a bounce attached to a person's mail",
	        HUMAN "Content-Type: multipart/mixed; boundary=m\n\n"
	              "--m\n\naiuto\n--m\nContent-Type: message/rfc822\n\n"
	              "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.org\n"
	              "Auto-Submitted: auto-replied\nPrecedence: bulk\n"
	              "Content-Type: multipart/report; "
	              "boundary=r\n\n--r\n\nx\n--r--\n--m--\n",
	        GATE_NONE },
	{ "read receipt",
	        HUMAN
	        "Content-Type: multipart/report; report-type=disposition-notification; "
	        "boundary=b\n\n--b\n\nletto\n--b--\n",
	        GATE_RECEIPT },
	{ "an invitation accepted",
	        HUMAN "Content-Type: multipart/alternative; boundary=b\n\n--b\n"
	              "Content-Type: text/plain\n\nAnna accepts\n--b\n"
	              "Content-Type: text/calendar; method=REPLY\n\n"
	              "BEGIN:VCALENDAR\n--b--\n",
	        GATE_RECEIPT },
	{ "an invitation", HUMAN "Content-Type: text/calendar; method=request\n" BODY,
	        GATE_NONE },
	{ "certified mail's receipt",
	        "From: posta-certificata@pec.example\nTo: help@provider.example\n"
	        "X-Ricevuta: avvenuta-consegna\n" BODY,
	        GATE_RECEIPT },
	{ "certified mail by a person",
	        "From: \"Per conto di: a\" <posta-certificata@pec.example>\nReply-To: "
	        "a@pec.example\n"
	        "To: help@provider.example\nX-Trasporto: posta-certificata\n"
	        "Content-Type: multipart/mixed; boundary=m\n\n--m\n\nbusta\n--m\n"
	        "Content-Type: message/rfc822; name=postacert.eml\n\nFrom: "
	        "a@pec.example\n"
	        "To: help@provider.example\n\nnon parte la posta\n--m--\n",
	        GATE_NONE },
	{ "certified mail whose answers go to a machine",
	        "From: posta-certificata@pec.example\nReply-To: "
	        "mailer-daemon@pec.example\n"
	        "To: help@provider.example\nX-Trasporto: posta-certificata\n"
	        "Content-Type: multipart/mixed; boundary=m\n\n--m\n\nbusta\n--m\n"
	        "Content-Type: message/rfc822\n\nFrom: a@pec.example\n"
	        "To: help@provider.example\n\nnon parte la posta\n--m--\n",
	        GATE_SYSTEM_SENDER },
	{ "certified mail by a machine",
	        "From: \"Per conto di: a\" <posta-certificata@pec.example>\nReply-To: "
	        "a@pec.example\n"
	        "To: help@provider.example\nX-Trasporto: posta-certificata\n"
	        "Content-Type: multipart/mixed; boundary=m\n\n--m\n\nbusta\n--m\n"
	        "Content-Type: message/rfc822; name=postacert.eml\n\nFrom: "
	        "a@pec.example\n"
	        "Auto-Submitted: auto-replied\nTo: "
	        "help@provider.example\n\nassente\n--m--\n",
	        GATE_AUTO_SUBMITTED },
	{ "our own address", "From: HELP@Provider.example\nTo: x@example.it\n" BODY,
	        GATE_OWN },
	{ "our alias", "From: desk@provider.example\nTo: help@provider.example\n" BODY,
	        GATE_OWN },
	{ "our address with a tag",
	        "From: help+a@provider.example\nTo: help@provider.example\n" BODY,
	        GATE_OWN },
	{ "answer would go to us", HUMAN "Reply-To: help@provider.example\n" BODY,
	        GATE_OWN },
	{ "our address among others",
	        HUMAN "Reply-To: a@b.it, Noi: help@provider.example;\n" BODY,
	        GATE_OWN },
	{ "our address in a second field",
	        HUMAN "Reply-To: a@b.it\nReply-To: help (x) @ provider.example\n" BODY,
	        GATE_OWN },
	{ "our international alias",
	        "From: help@xn--mller-kva.example\nTo: help@provider.example\n" BODY,
	        GATE_OWN },
	{ "our international alias, decoded",
	        "From: help@m\xc3\xbcller.example\nTo: help@provider.example\n" BODY,
	        GATE_OWN },
	{ "our international alias, as it is set encoded",
	        "From: desk@xn--mller-kva.example\nTo: help@provider.example\n" BODY,
	        GATE_OWN },
	{ "a likeness of our address", /* a Cyrillic "e" */
	        "From: h\xd0\xb5lp@provider.example\nTo: help@provider.example\n" BODY,
	        GATE_NONE },
	{ "our loop header", HUMAN "X-Triaged-Loop: helpdesk-1\n" BODY, GATE_LOOP },
	{ "a forwarder's loop header", HUMAN "X-Loop: desk@provider.example\n" BODY,
	        GATE_LOOP },
	{ "another's loop header", HUMAN "X-Loop: anna@example.it\n" BODY, GATE_NONE },
	{ "our signed Message-ID",
	        HUMAN "Message-ID: "
	              "<TR-K3XW9A.17.0123456789ABCDEFGHJK@provider.example>\n" BODY,
	        GATE_LOOP },
	{ "an answer to ours",
	        HUMAN
	        "In-Reply-To: <TR-K3XW9A.17.0123456789ABCDEFGHJK@provider.example>\n"
	        "Message-ID: <TR-55@example.it>\n" BODY,
	        GATE_NONE },
	{ "blind copy", "From: a@example.it\nTo: b@example.it\n" BODY,
	        GATE_NOT_ADDRESSED },
	{ "in a To without its end",
	        "From: a@example.it\nTo: Help <help@provider.example\n" BODY,
	        GATE_NONE },
	{ "in a To with one end too many",
	        "From: a@example.it\nTo: help@provider.example>>, x\n" BODY,
	        GATE_NONE },
	{ "in a To between two lists",
	        "From: a@example.it\nTo: b at example.it; Help: "
	        "help@provider.example\n" BODY,
	        GATE_NONE },
	{ "our address as another's name",
	        "From: a@example.it\nTo: \"help@provider.example\" "
	        "<b@example.it>\n" BODY,
	        GATE_NOT_ADDRESSED },
	{ "our address as a broken other's name",
	        "From: a@example.it\nTo: help@provider.example <b@example.it\n" BODY,
	        GATE_NOT_ADDRESSED },
	{ "redirected to us",
	        "From: a@example.it\nTo: b@example.it\nResent-To: "
	        "help@provider.example\n"
	        "Delivered-To: help@provider.example\n" BODY,
	        GATE_NOT_ADDRESSED },
	{ "in Cc",
	        "From: a@example.it\nTo: b@example.it\nCc: x@example.it, "
	        "Desk@PROVIDER.example\n" BODY,
	        GATE_NONE },
	{ "spam flag", HUMAN "X-Spam-Flag: YES\n" BODY, GATE_SPAM },
	{ "spam flag below the sender's own",
	        HUMAN "X-Spam-Flag: NO\nX-Spam-Flag: YES\n" BODY, GATE_SPAM },
	{ "spam status", HUMAN "X-Spam-Status: Yes, score=9.1 required=5\n" BODY,
	        GATE_SPAM },
	{ "not spam", HUMAN "X-Spam-Status: No, score=1.1 tests=SAYS_YES, yes\n" BODY,
	        GATE_NONE },
	{ "dmarc fails",
	        "Authentication-Results: mx.provider.example; spf=pass; dkim=pass; "
	        "dmarc=fail "
	        "header.from=example.it\n" HUMAN BODY,
	        GATE_UNAUTHENTICATED },
	{ "spf fails alone",
	        "Authentication-Results: mx.provider.example 1; spf=fail\n" HUMAN BODY,
	        GATE_UNAUTHENTICATED },
	{ "spf fails, dkim passes",
	        "Authentication-Results: mx.provider.example; spf=fail; "
	        "dkim=pass\n" HUMAN BODY,
	        GATE_NONE },
	{ "failure in a comment",
	        "Authentication-Results: mx.provider.example; spf=pass (dmarc=fail); "
	        "dmarc=none\n" HUMAN BODY,
	        GATE_NONE },
	{ "a failure in a comment or in quotes",
	        "Authentication-Results: mx.provider.example (a; dmarc=fail ; b); "
	        "dmarc=pass reason=\"a; dmarc=fail ; b\"\n" HUMAN BODY,
	        GATE_NONE },
	{ "another server's failure",
	        "Authentication-Results: mx.elsewhere.example; dmarc=fail\n" HUMAN BODY,
	        GATE_NONE },
	{ "forged failure below ours",
	        "Authentication-Results: mx.provider.example; dmarc=pass\n" HUMAN
	        "Authentication-Results: mx.provider.example; dmarc=fail\n" BODY,
	        GATE_NONE },
	{ "forged pass below ours",
	        "Authentication-Results: mx.provider.example; dmarc=fail\n" HUMAN
	        "Authentication-Results: mx.provider.example; dmarc=pass\n" BODY,
	        GATE_UNAUTHENTICATED },
	{ "each filter writes a field",
	        "Authentication-Results: mx.provider.example; spf=pass\n"
	        "Authentication-Results: mx.provider.example; dkim=none\n"
	        "Authentication-Results: mx.provider.example; dmarc=fail\n" HUMAN BODY,
	        GATE_UNAUTHENTICATED },
	{ "forged pass where nobody asks for DMARC",
	        "Authentication-Results: mx.provider.example; spf=fail\n" HUMAN
	        "Authentication-Results: mx.provider.example; dmarc=pass\n" BODY,
	        GATE_UNAUTHENTICATED },
	{ "the first gate is named",
	        "From: no-reply@example.it\nPrecedence: list\nAuto-Submitted: "
	        "auto-generated\n" BODY,
	        GATE_AUTO_SUBMITTED },
};

static Mail *
parse(const char *text)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
	const MailLimits limits = MAIL_LIMITS_DEFAULT;
	Mail *mail = mail_parse(bytes, &limits, NULL);
	assert_non_null(mail);
	return mail;
}

static void
test_gate(void **state)
{
	const struct sample *sample = *state;
	g_autoptr(GPtrArray) aliases = g_ptr_array_new();
	g_ptr_array_add(aliases, (gpointer) "desk@provider.example");
	g_ptr_array_add(aliases, (gpointer) "help@m\xc3\xbcller.example");
	g_ptr_array_add(aliases, (gpointer) "desk@xn--mller-kva.example");
	Settings settings = { 0 };
	settings.identity.address = (char *)"help@provider.example";
	settings.identity.aliases = aliases;
	settings.reply.authserv_id = (char *)"mx.provider.example";

	g_autoptr(Mail) mail = parse(sample->mail);
	g_autofree char *why = NULL;
	Gate gate = gate_of_header(mail, &settings, &why);
	assert_int_equal(gate, sample->wanted);
	assert_true((why != NULL) == (gate != GATE_NONE));
}

static void
test_absent_settings(void **state)
{
	(void)state;
	static const Settings none;
	g_autoptr(Mail) mail = parse("Authentication-Results: mx; dmarc=fail\n"
	                             "From: a@example.it\nTo: b@example.it\n" BODY);
	g_autofree char *why = NULL;
	assert_int_equal(gate_of_header(mail, &none, &why), GATE_NONE);
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, samples, test_gate);
	suite_add(suite, cmocka_unit_test(test_absent_settings));
	return suite_run(suite, "gate", NULL, NULL);
}
