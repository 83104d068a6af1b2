#include <string.h>

#include "tests/suite.h"
#include "triage/nature.h"

#define HUMAN                                                                          \
	"Return-Path: <anna@example.it>\n"                                             \
	"From: Anna <anna@example.it>\n"                                               \
	"To: Help <help@provider.example>\n"
#define BODY "\ntesto\n"
#define REPORT(type)                                                                   \
	"Content-Type: multipart/report; report-type=" type                            \
	"; boundary=b\n\n--b\n\nx\n--b--\n"

static const struct sample {
	const char *name, *mail;
	Nature wanted;
} samples[] = {
	{ "a person", HUMAN BODY, NATURE_PERSON },
	{ "subject of a bounce, written by a person",
	        HUMAN "Subject: Undelivered Mail Returned to Sender\n" BODY,
	        NATURE_PERSON },
	{ "subject of an auto-reply, written by a person",
	        HUMAN "Subject: Risposta automatica: come si spegne?\n" BODY,
	        NATURE_PERSON },
	{ "wants no automatic answer", HUMAN "X-Auto-Response-Suppress: All\n" BODY,
	        NATURE_PERSON },
	{ "no Return-Path", "From: a@example.it\n" BODY, NATURE_PERSON },
	{ "bounce",
	        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.org\n" REPORT(
	                "delivery-status"),
	        NATURE_BOUNCE },
	{ "report with a person's From", HUMAN REPORT("delivery-status"),
	        NATURE_BOUNCE },
	{ "report that is auto-submitted",
	        HUMAN "Auto-Submitted: auto-replied\n" REPORT("delivery-status"),
	        NATURE_BOUNCE },
	{ "exim", HUMAN "X-Failed-Recipients: b@example.org\n" BODY, NATURE_BOUNCE },
	{ "qmail", "From: MAILER-DAEMON@mx.example.org\nSubject: failure notice\n" BODY,
	        NATURE_BOUNCE },
	{ "a display name before MAILER-DAEMON",
	        "From: Mail Delivery System <Mailer-Daemon@mx.example.org>\n" BODY,
	        NATURE_BOUNCE },
	{ "MAILER-DAEMON without an address", "From: MAILER-DAEMON <>\n" BODY,
	        NATURE_BOUNCE },
	{ "nobody", "From: <>\nSubject: Delivery Status\n" BODY, NATURE_BOUNCE },
	{ "a human postmaster", "From: postmaster@example.org\nSubject: Re: DNS\n" BODY,
	        NATURE_PERSON },
	{ "null sender", "Return-Path: <>\nFrom: x@example.org\n" BODY, NATURE_BOUNCE },
	{ "vacation",
	        "Return-Path: <>\nFrom: x@example.org\nAuto-Submitted: "
	        "auto-replied\n" BODY,
	        NATURE_AUTO_REPLY },
	{ "vacation of old",
	        "Return-Path: <>\nFrom: x@example.org\nX-Autoreply: yes\nPrecedence: "
	        "junk\n" BODY,
	        NATURE_AUTO_REPLY },
	{ "Precedence: Auto_Reply", HUMAN "Precedence: Auto_Reply\n" BODY,
	        NATURE_AUTO_REPLY },
	{ "discussion list",
	        HUMAN
	        "List-Id: <x.example.org>\nList-Post: <mailto:x@example.org>\n" BODY,
	        NATURE_LIST },
	{ "Precedence: list", HUMAN "Precedence: list\n" BODY, NATURE_LIST },
	{ "newsletter",
	        HUMAN "List-Id: <n.example.org>\nList-Unsubscribe: "
	              "<https://example.org/u>\n" BODY,
	        NATURE_BULK },
	{ "Precedence: bulk", HUMAN "Precedence: bulk\n" BODY, NATURE_BULK },
	{ "read receipt", HUMAN REPORT("disposition-notification"), NATURE_RECEIPT },
	{ "certified mail's receipt",
	        "From: posta-certificata@pec.example\nX-Ricevuta: accettazione\n" BODY,
	        NATURE_RECEIPT },
	{ "our own", "From: help@provider.example\n" BODY, NATURE_OWN },
	{ "our own, by its header", HUMAN "X-Triaged-Loop: helpdesk-1\n" BODY,
	        NATURE_OWN },
	{ "certified mail by a person",
	        "From: posta-certificata@pec.example\nX-Trasporto: posta-certificata\n"
	        "Content-Type: multipart/mixed; boundary=m\n\n--m\n\nbusta\n--m\n"
	        "Content-Type: message/rfc822\n\nFrom: a@pec.example\n\ntesto\n--m--\n",
	        NATURE_PERSON },
	{ "a receipt in certified mail",
	        "From: posta-certificata@pec.example\nX-Trasporto: errore\n"
	        "Content-Type: multipart/mixed; boundary=m\n\n--m\n\nbusta\n--m\n"
	        "Content-Type: message/rfc822\n\nReturn-Path: <>\nFrom: "
	        "mailer-daemon@example.org\n\nx\n--m--\n",
	        NATURE_BOUNCE },
	{ "a bounce attached",
	        HUMAN "Content-Type: multipart/mixed; boundary=m\n\n--m\n\naiuto\n--m\n"
	              "Content-Type: message/rfc822\n\nReturn-Path: <>\n"
	              "From: MAILER-DAEMON@mx.example.org\n" REPORT(
	                      "delivery-status") "--m--\n",
	        NATURE_PERSON },
	{ "a bounce pasted",
	        HUMAN "\nReturn-Path: <>\nFrom: MAILER-DAEMON@mx.example.org\n"
	              "Auto-Submitted: auto-replied\n550 no such user\n",
	        NATURE_PERSON },
};

static void
test_nature(void **state)
{
	const struct sample *sample = *state;
	Settings settings = { 0 };
	settings.identity.address = (char *)"help@provider.example";
	g_autoptr(GBytes) bytes =
	        g_bytes_new_static(sample->mail, strlen(sample->mail));
	const MailLimits limits = MAIL_LIMITS_DEFAULT;
	g_autoptr(Mail) mail = mail_parse(bytes, &limits, NULL);
	assert_non_null(mail);

	g_autofree char *why = NULL;
	Nature nature = nature_of(mail, &settings, NULL, &why);
	assert_int_equal(nature, sample->wanted);
	assert_true((why != NULL) == (nature != NATURE_PERSON));
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, samples, test_nature);
	return suite_run(suite, "nature", NULL, NULL);
}
