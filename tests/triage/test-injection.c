/*
 * Values that try to get out of their place, in every place that a reply, an explanation or
 * the JSON shows: none makes a field, a recipient, a line or a piece of template of its own.
 */
#include <string.h>

#include "tests/reply_fields.h"
#include "tests/shipped.h"
#include "triage/analyse.h"
#include "triage/case_json.h"
#include "triage/explain.h"

#define HARMLESS "valore"
#define LONG_VALUE 5000

/* --- the places --- */

static void
put_encoded(GString *mail, const char *value, gsize size)
{
	g_autofree char *base64 = g_base64_encode((const guchar *)value, size);
	g_string_append_printf(mail, "=?utf-8?B?%s?=", base64);
}

static void
put_percent(GString *mail, const char *value, gsize size)
{
	for (gsize i = 0; i < size; i++)
		g_string_append_printf(mail, "%%%02X", (guchar)value[i]);
}

typedef void (*PutValue)(GString *mail, const char *value, gsize size);

static void
put_raw(GString *mail, const char *value, gsize size)
{
	g_string_append_len(mail, value, (gssize)size);
}

/* Raw in a header: line ends would make fields of the customer's own mail. */
static void
put_unfolded(GString *mail, const char *value, gsize size)
{
	for (gsize i = 0; i < size; i++)
		g_string_append_c(
		        mail, strchr("\r\n", value[i]) != NULL ? ' ' : value[i]);
}

#define TEXT_OF_TICKET                                                                 \
	"quando invio a luca@example.com ieri alle 15:\n552 5.2.0 "                    \
	"igxL1p00E1WDM2s01gxMXG spam "                                                 \
	"detected\n"
#define ATTACHED(name)                                                                 \
	"From: anna@example.org\nTo: assistenza@example.it\nSubject: errore\n"         \
	"Date: Tue, 10 Nov 2026 10:00:00 +0100\nMIME-Version: 1.0\n"                   \
	"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n" TEXT_OF_TICKET          \
	"--b\nContent-Type: application/octet-stream\n"                                \
	"Content-Disposition: attachment; filename" name "\n\n"
#define TICKET(fields)                                                                 \
	"To: assistenza@example.it\nDate: Tue, 10 Nov 2026 10:00:00 +0100\n" fields    \
	"\n\n" TEXT_OF_TICKET
#define MARK "\x01"

static const struct place {
	const char *name, *mail; /* MARK is where the value goes */
	PutValue put;
	gboolean exact; /* a value here changes nothing of what is understood */
} places[] = {
	{ "subject", TICKET("From: anna@example.org\nSubject: Re: " MARK), put_encoded,
	        TRUE },
	{ "raw subject", TICKET("From: anna@example.org\nSubject: " MARK), put_unfolded,
	        TRUE },
	{ "name", TICKET("From: " MARK " <anna@example.org>"), put_encoded, TRUE },
	{ "quoted name", TICKET("From: \"" MARK "\" <anna@example.org>"), put_unfolded,
	        TRUE },
	{ "comment", TICKET("From: <anna@example.org> (" MARK ")"), put_encoded, TRUE },
	{ "name to answer to",
	        TICKET("From: x@example.org\nReply-To: " MARK " <anna@example.org>"),
	        put_encoded, TRUE },
	{ "message id", TICKET("From: anna@example.org\nMessage-ID: <a" MARK "@b>"),
	        put_unfolded, TRUE },
	{ "references",
	        TICKET("From: anna@example.org\nReferences: <a@b> <c" MARK
	               "@d>\nIn-Reply-To: <" MARK "@x>"),
	        put_unfolded, TRUE },
	{ "archive", ATTACHED("*=utf-8''" MARK ".zip") "PK\x03\x04", put_percent,
	        TRUE },
	{ "raw archive", ATTACHED("=\"" MARK ".zip\"") "PK\x03\x04", put_unfolded,
	        TRUE },
	{ "picture", ATTACHED("*=utf-8''" MARK ".png") "\x89PNG\r\n\x1a\n", put_percent,
	        FALSE },
	{ "error",
	        TICKET("From: anna@example.org") MARK ": 550 spam detected " MARK "\n",
	        put_raw, FALSE },
	{ "diagnostic",
	        TICKET("From: anna@example.org") "\nFinal-Recipient: rfc822; "
	                                         "b@example.com\n"
	                                         "Action: failed\nDiagnostic-Code: "
	                                         "smtp; 552 5.2.0 spam detected " MARK
	                                         "\n",
	        put_raw, FALSE },
	{ "addresses",
	        TICKET("From: anna@example.org") "mittente: " MARK "@example.com, "
	                                         "destinatario: a@" MARK
	                                         ".example.com\n",
	        put_raw, FALSE },
};

/* --- the values --- */

#define VALUE(text) text, sizeof(text) - 1

static const struct value {
	const char *name, *text;
	gsize size; /* 0: text over and over */
} values[] = {
	{ "CR LF", VALUE("x\r\nBcc: evil") },
	{ "LF", VALUE("x\nBcc: evil\n\nevil") },
	{ "CR", VALUE("x\rBcc: evil\r\revil") },
	{ "other line ends", VALUE("x\xe2\x80\xa8"
	                           "Bcc: e\xc2\x85"
	                           "f\v\fg") },
	{ "NUL", VALUE("x\0Bcc: evil") },
	{ "bidi", VALUE("x\xe2\x80\xaegnp.exe\xe2\x81\xa6y") },
	{ "zero width", VALUE("x\xe2\x80\x8by\xef\xbb\xbfz\xe2\x80\x8d") },
	{ "tags", VALUE("x\xf3\xa0\x81\xa1y") },
	{ "escape", VALUE("x\x1b]0;evil\x07\x1b[31my\xc2\x9b"
	                  "31m\b\b\x7f") },
	{ "section", VALUE("{{#found}}{{#found_items}}x{{value}}") },
	{ "end of section", VALUE("{{/value}}{{/found_items}}{{/found}}{{^missing}}") },
	{ "partial", VALUE("{{>greeting}}{{>closing}}") },
	{ "braces", VALUE("{{{{}}}} {{ {{{name}}} }}") },
	{ "comment", VALUE("{{! ") },
	{ "encoded word", VALUE("=?utf-8?Q?x=0D=0ABcc:_evil?=") },
	{ "end of data", VALUE("x\r\n.\r\nMAIL FROM:<evil>") },
	{ "boundary", VALUE("x\r\n--b\r\nContent-Type: text/html\r\n\r\n<b>evil</b>") },
	{ "brackets", VALUE("x> <evil>, \"evil\" <e") },
	{ "comments", VALUE("x (evil (evil) y) \\\" z") },
	{ "format", VALUE("%s%n%1000000d") },
	{ "broken UTF-8", VALUE("x\xff\xc3\xe2\x80\xed\xa0\x80") },
	{ "long",
	        "\xc3\xa8"
	        "evil ",
	        0 },
	{ "long word", "\xc3\xa8", 0 },
};

static void
fill(GString *mail, const struct place *place, const char *value, gsize size)
{
	for (const char *c = place->mail; *c != '\0'; c++) {
		if (*c == *MARK)
			place->put(mail, value, size);
		else
			g_string_append_c(mail, *c);
	}
}

static Case *
analyse_mail(const struct place *place, const struct value *value)
{
	g_autoptr(GString) mail = g_string_new(NULL);
	g_autoptr(GString) text = g_string_new_len(value->text, (gssize)value->size);
	while (value->size == 0 && text->len < LONG_VALUE)
		g_string_append(text, value->text);
	fill(mail, place, text->str, text->len);
	g_autoptr(GBytes) bytes = g_bytes_new(mail->str, mail->len);
	Case *kase = analyse(bytes, &shipped, NULL);
	assert_non_null(kase);
	kase->header_gate = GATE_NONE;
	return kase;
}

/* Lines of a flowed text as its reader sees them (RFC 3676 4.1). */
static guint
count_lines(const char *text)
{
	guint count = 0;
	for (const char *c = text; *c != '\0'; c++)
		count += *c == '\n' && (c == text || c[-1] != ' ');
	return count;
}

static char *
check_reply(const Case *kase, const char *name)
{
	char *text;
	g_autofree char *wrong =
	        reply_fields_check(kase, shipped.catalogue, shipped.settings, &text);
	if (wrong != NULL)
		fail_msg("%s: %s", name, wrong);
	if (text == NULL)
		fail_msg("%s: no reply", name);
	return text;
}

/* What agents read on a terminal. */
static char *
check_explanation(const Case *kase, const char *name)
{
	char *told = explain(kase, NULL, "x.eml");
	assert_true(g_utf8_validate(told, -1, NULL));
	for (const char *c = told; *c != '\0'; c = g_utf8_next_char(c)) {
		gunichar wide = g_utf8_get_char(c);
		if ((g_unichar_iscntrl(wide) && wide != '\n') ||
		        g_unichar_type(wide) == G_UNICODE_FORMAT)
			fail_msg("%s: U+%04X in the explanation", name, wide);
	}
	return told;
}

static void
test_place(void **state)
{
	const struct place *place = *state;
	static const struct value harmless = { "harmless", VALUE(HARMLESS) };
	g_autoptr(Case) usual = analyse_mail(place, &harmless);
	g_autofree char *usual_reply = check_reply(usual, harmless.name);
	g_autofree char *usual_words = check_explanation(usual, harmless.name);
	for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
		g_autoptr(Case) kase = analyse_mail(place, &values[i]);
		g_autofree char *reply = check_reply(kase, values[i].name);
		g_autofree char *words = check_explanation(kase, values[i].name);
		assert_null(strstr(reply, "\nBcc:"));
		assert_null(strstr(reply, "\n.\n"));
		if (!place->exact)
			continue;
		assert_string_equal(kase->verdict.class, usual->verdict.class);
		if (count_lines(reply) != count_lines(usual_reply) ||
		        count_lines(words) != count_lines(usual_words))
			fail_msg("%s: other lines:\n%s\n%s", values[i].name, reply,
			        words);
	}
}

/* --- who is answered --- */

static const struct address {
	const char *name, *fields, *wanted; /* NULL: nobody */
} addresses[] = {
	{ "comments", "From: A (x (y) \\) z) <anna@example.org> (evil@example.com)",
	        "anna@example.org" },
	{ "comment before", "From: (evil@example.com) anna@example.org",
	        "anna@example.org" },
	{ "comment inside", "From: anna(x)@(y)example.org", "anna@example.org" },
	{ "address as name", "From: \"evil@example.com\" <anna@example.org>",
	        "anna@example.org" },
	{ "address as bare name", "From: evil@example.com <anna@example.org>",
	        "anna@example.org" },
	{ "several", "From: anna@example.org, evil@example.com", "anna@example.org" },
	{ "group", "From: Noi: anna@example.org, evil@example.com;",
	        "anna@example.org" },
	{ "route", "From: <@evil.example,@b.example:anna@example.org>",
	        "anna@example.org" },
	{ "two fields", "From: anna@example.org\nFrom: evil@example.com",
	        "anna@example.org" },
	{ "own Bcc", "From: anna@example.org\nBcc: evil@example.com",
	        "anna@example.org" },
	{ "folded", "From:\n Anna\n <anna@example.org>\n", "anna@example.org" },
	{ "empty", "From: <>", NULL },
	{ "no domain", "From: anna", NULL },
	{ "encoded address",
	        "From: =?utf-8?Q?anna=40example.org=0D=0ABcc:_e=40x.it?=", NULL },
	{ "blank in the address", "From: <anna bruni@example.org>", NULL },
	{ "quoted line end", "From: \"a\\\r\\\nb\"@example.org", NULL },
	{ "bidi", "From: <anna\xe2\x80\xae@example.org>", NULL },
	{ "two ats", "From: <anna@example.org@evil.example>", "anna@example.org" },
	{ "list of answers",
	        "From: x@example.org\nReply-To: anna@example.org,\n\tb@c.it",
	        "anna@example.org" },
};

static void
test_address(void **state)
{
	const struct address *sample = *state;
	g_autofree char *mail =
	        g_strdup_printf("%s\nSubject: x\n\n%s", sample->fields, TEXT_OF_TICKET);
	g_autoptr(GBytes) bytes = g_bytes_new_static(mail, strlen(mail));
	g_autoptr(Case) kase = analyse(bytes, &shipped, NULL);
	kase->header_gate = GATE_NONE;
	if (sample->wanted == NULL) {
		if (kase->reply_to != NULL)
			fail_msg("'%s' would be answered", kase->reply_to);
		return;
	}
	assert_non_null(kase->reply_to);
	assert_string_equal(kase->reply_to, sample->wanted);
	g_autofree char *reply = check_reply(kase, sample->name);
}

/* --- who is greeted --- */

static const struct greeting {
	const char *name;
	gboolean used;
} greetings[] = {
	{ "Anna D'Amico-Rossi", TRUE },
	{ "Perché S.r.l. (ufficio acquisti), Èlia & C.", TRUE },
	{ "Dott. G. Bruni", TRUE },
	{ "anna@example.org", FALSE },
	{ "Vinci subito su evil.example", FALSE },
	{ "http://evil", FALSE },
	{ "{{#found}}", FALSE },
	{ "<b>Anna</b>", FALSE },
	{ "Anna Anna Anna Anna Anna Anna Anna Anna Anna Anna Anna Anna Anna", FALSE },
};

static void
test_greeting(void **state)
{
	const struct greeting *greeting = *state;
	const struct value value = { "name", greeting->name, strlen(greeting->name) };
	const struct place place = { "name",
		TICKET("From: " MARK " <anna@example.org>"), put_encoded, TRUE };
	g_autoptr(Case) kase = analyse_mail(&place, &value);
	g_autofree char *reply = check_reply(kase, greeting->name);
	g_autofree char *greeted = g_strdup_printf("Gentile %s,\n", greeting->name);
	assert_int_equal(g_str_has_prefix(reply, greeted), greeting->used);
	assert_int_equal(
	        g_str_has_prefix(reply, "Gentile Cliente,\n"), !greeting->used);
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, places, test_place);
	suite_add_table(suite, addresses, test_address);
	suite_add_table(suite, greetings, test_greeting);
	return suite_run(suite, "injection", shipped_load_desk, shipped_free);
}
