#include <string.h>

#include "mail/charset.h"
#include "mail/mail.h"
#include "tests/suite.h"

static Mail *
parse(const char *text, gsize length)
{
	g_autoptr(GBytes) bytes = g_bytes_new(text, length);
	return mail_parse(bytes, &MAIL_LIMITS_DEFAULT, NULL);
}

/* A customer's mail with one attachment of this header and content. */
static Mail *
attach(const char *fields, const char *content, gsize length)
{
	g_autoptr(GString) text =
	        g_string_new("Subject: a\nContent-Type: multipart/mixed; "
	                     "boundary=o\n\n--o\n\nCiao\n--o\n");
	g_string_append(text, fields);
	g_string_append_c(text, '\n');
	g_string_append_len(text, content, length);
	g_string_append(text, "\n--o--\n");
	return parse(text->str, text->len);
}

#define MAIL_SOURCE                                                                    \
	"Received: from a by b; Fri, 6 Nov 2026 15:00:00 +0100\nFrom: a@example.it\n"  \
	"To: b@example.org\nSubject: Dentro\nDate: Fri, 6 Nov 2026 15:00:00 +0100\n\n" \
	"Il corpo del messaggio, abbastanza lungo da essere un corpo.\n"
#define HEADER_LINES                                                                   \
	"Return-Path: <a@example.it>\nReceived: from a by b;\n Fri, 6 Nov 2026 "       \
	"15:00:00 +0100\n"                                                             \
	"From: a@example.it\nSubject: Dentro\n"
#define STATUS_LINES                                                                   \
	"Reporting-MTA: dns; mx.example.it\n\nFinal-Recipient: rfc822; "               \
	"b@example.org\n"                                                              \
	"Action: failed\nStatus: 5.1.1\n"

static const struct sample {
	const char *name, *fields, *content;
	PartKind kind;
	const char *text; /* begins so; of PART_MESSAGE its subject; NULL: none */
} samples[] = {
	{ "mail, octet-stream, named",
	        "Content-Type: application/octet-stream; name=a.eml\n", MAIL_SOURCE,
	        PART_MESSAGE, "Dentro" },
	{ "mail, octet-stream, no name", "Content-Type: application/octet-stream\n",
	        MAIL_SOURCE, PART_MESSAGE, "Dentro" },
	{ "mail, text/plain, named", "Content-Type: text/plain; name=a.EML\n",
	        MAIL_SOURCE, PART_MESSAGE, "Dentro" },
	{ "mail, text/plain, other name", "Content-Type: text/plain; name=errore.txt\n",
	        MAIL_SOURCE, PART_MESSAGE, "Dentro" },
	{ "mail, no type", "Content-Disposition: attachment; filename=a.eml\n",
	        MAIL_SOURCE, PART_MESSAGE, "Dentro" },
	{ "mail, no type, no name", "", MAIL_SOURCE, PART_MESSAGE, "Dentro" },
	{ "mail, odd type", "Content-Type: application/x-outlook; name=a.eml\n",
	        MAIL_SOURCE, PART_MESSAGE, "Dentro" },
	{ "mail, .msg that is text",
	        "Content-Type: application/vnd.ms-outlook; name=a.msg\n", MAIL_SOURCE,
	        PART_MESSAGE, "Dentro" },
	{ "mail, base64 rfc822",
	        "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n",
	        "U3ViamVjdDogRGVudHJvCgpib2R5Cg==", PART_MESSAGE, "Dentro" },
	{ "mail, quoted-printable rfc822",
	        "Content-Type: message/rfc822\nContent-Transfer-Encoding: "
	        "quoted-printable\n",
	        "Subject: Den=\ntro\n\nbody", PART_MESSAGE, "Dentro" },
	{ "mail, base64 in name only",
	        "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n",
	        MAIL_SOURCE, PART_MESSAGE, "Dentro" },
	{ "mail, base64 not declared", "Content-Type: message/rfc822\n",
	        "UmVjZWl2ZWQ6IGZyb20gYSBieSBiCkZyb206IGFAZXhhbXBsZS5pdApTdWJqZWN0OiBEZW"
	        "50cm8K\n"
	        "CmJvZHkK",
	        PART_MESSAGE, "Dentro" },
	{ "mail, mbox line", "Content-Type: message/rfc822\n",
	        "From a@b Fri Nov 6\nSubject: Dentro\n\nx", PART_MESSAGE, "Dentro" },
	{ "mail, blank line above", "Content-Type: message/rfc822\n",
	        "\n\nSubject: Dentro\n\nx", PART_MESSAGE, "Dentro" },
	{ "mail, global", "Content-Type: message/global\n", MAIL_SOURCE, PART_MESSAGE,
	        "Dentro" },
	{ "mail, partial", "Content-Type: message/partial; number=1; id=x\n",
	        MAIL_SOURCE, PART_MESSAGE, "Dentro" },
	{ "rfc822 that is none", "Content-Type: message/rfc822\n", "niente qui",
	        PART_TEXT, "niente qui" },
	{ "empty rfc822", "Content-Type: message/rfc822\n", "", PART_TEXT, "" },
	{ "status", "Content-Type: message/delivery-status\n", STATUS_LINES,
	        PART_DELIVERY_STATUS, "Reporting-MTA" },
	{ "status, global", "Content-Type: message/global-delivery-status\n",
	        STATUS_LINES, PART_DELIVERY_STATUS, "Reporting-MTA" },
	{ "status, octet-stream", "Content-Type: application/octet-stream\n",
	        STATUS_LINES, PART_DELIVERY_STATUS, "Reporting-MTA" },
	{ "status, text file", "Content-Type: text/plain; name=details.txt\n",
	        STATUS_LINES, PART_DELIVERY_STATUS, "Reporting-MTA" },
	{ "status, base64",
	        "Content-Type: message/delivery-status\nContent-Transfer-Encoding: "
	        "base64\n",
	        "RmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGJAZXhhbXBsZS5vcmcK",
	        PART_DELIVERY_STATUS, "Final-Recipient" },
	{ "headers", "Content-Type: text/rfc822-headers\n", HEADER_LINES, PART_HEADERS,
	        "Return-Path" },
	{ "headers, text file", "Content-Type: text/plain; name=header.txt\n",
	        HEADER_LINES, PART_HEADERS, "Return-Path" },
	{ "headers, octet-stream",
	        "Content-Type: application/octet-stream; name=header.txt\n",
	        HEADER_LINES, PART_HEADERS, "Return-Path" },
	{ "headers, blank lines between", "Content-Type: text/plain; name=header.txt\n",
	        "Return-Path: <a@example.it>\n\nReceived: from a by b\n\nReceived: "
	        "from c by d\n",
	        PART_HEADERS, "Return-Path" },
	{ "headers, two lines", "Content-Type: text/plain; name=header.txt\n",
	        "Received: from a by b\nReceived: from c by d\nMessage-ID: <a@b>\n",
	        PART_HEADERS, "Received" },
	{ "text file", "Content-Type: text/plain; name=nota.txt\n",
	        "Errore: 550\nOra: ieri\n", PART_TEXT, "Errore" },
	{ "text as octet-stream",
	        "Content-Type: application/octet-stream; name=nota.txt\n", "Errore\n",
	        PART_TEXT, "Errore" },
	{ "log without type", "Content-Disposition: attachment; filename=mail.log\n",
	        "Nov  6 postfix\n", PART_TEXT, "Nov" },
	{ "html file", "Content-Type: application/octet-stream; name=a.htm\n",
	        "<p>Ciao</p>", PART_HTML, "Ciao" },
	{ "html as text", "Content-Type: text/plain\n",
	        "<html><body>Ciao</body></html>", PART_HTML, "Ciao" },
	{ "feedback report", "Content-Type: message/feedback-report\n",
	        "Feedback-Type: abuse\n", PART_OTHER, "Feedback-Type" },
	{ "calendar", "Content-Type: text/calendar\n", "BEGIN:VCALENDAR", PART_OTHER,
	        NULL },
	{ "image by name", "Content-Type: application/octet-stream; name=a.PNG\n", "x",
	        PART_IMAGE, NULL },
	{ "image by type", "Content-Type: image/heic\n", "x", PART_IMAGE, NULL },
	{ "opaque signature", "Content-Type: application/pkcs7-mime; name=smime.p7m\n",
	        "x", PART_UNREADABLE, NULL },
	{ "pdf", "Content-Type: application/pdf; name=a.pdf\n", "%PDF-1.4", PART_OTHER,
	        NULL },
	{ "encoding unknown",
	        "Content-Type: text/plain\nContent-Transfer-Encoding: x-none\n", "Ciao",
	        PART_TEXT, "Ciao" },
	{ "encoding with comment",
	        "Content-Type: text/plain\nContent-Transfer-Encoding: base64 (x)\n",
	        "Q2lhbw==", PART_TEXT, "Ciao" },
};

static void
test_part(void **state)
{
	const struct sample *sample = *state;
	g_autoptr(Mail) mail =
	        attach(sample->fields, sample->content, strlen(sample->content));
	assert_int_equal(mail->root->children->len, 2);
	const Part *part = g_ptr_array_index(mail->root->children, 1);
	assert_int_equal(part->kind, sample->kind);
	const char *text = part->message != NULL ? part->message->subject : part->text;
	if (sample->text == NULL)
		assert_null(text);
	else
		assert_true(g_str_has_prefix(text, sample->text));
}

/* What a person writes is words, whatever it looks like. */
static const char *const bodies[] = { MAIL_SOURCE, HEADER_LINES, STATUS_LINES };

static void
test_body_stays_text(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(bodies); i++) {
		g_autofree char *whole = g_strconcat("Subject: a\n\n", bodies[i], NULL);
		g_autoptr(Mail) mail = parse(whole, strlen(whole));
		assert_int_equal(mail->root->kind, PART_TEXT);
		g_autofree char *first =
		        g_strconcat("Content-Type: multipart/mixed; boundary=o\n\n--o\n"
		                    "Content-Type: text/plain\n\n",
		                bodies[i], "\n--o--\n", NULL);
		g_autoptr(Mail) mixed = parse(first, strlen(first));
		assert_int_equal(
		        ((Part *)mixed->root->children->pdata[0])->kind, PART_TEXT);
	}
}

/* Notepad's "Unicode", with and without its mark, both orders. */
static void
test_utf16_headers(void **state)
{
	(void)state;
	static const char *const charsets[] = { "UTF-16LE", "UTF-16BE" };
	static const char *const texts[] = { HEADER_LINES,
		"\xEF\xBB\xBF" HEADER_LINES };
	for (gsize i = 0; i < 4; i++) {
		gsize length;
		g_autofree char *utf16 = g_convert(texts[i % 2], -1, charsets[i / 2],
		        "UTF-8", NULL, &length, NULL);
		g_autofree char *base64 =
		        g_base64_encode((const guchar *)utf16, length);
		g_autoptr(Mail) mail =
		        attach("Content-Type: text/plain; name=header.txt\n"
		               "Content-Transfer-Encoding: base64\n",
		                base64, strlen(base64));
		const Part *part = g_ptr_array_index(mail->root->children, 1);
		assert_int_equal(part->kind, PART_HEADERS);
		assert_true(g_str_has_prefix(
		        part->text, "Return-Path: <a@example.it>\nReceived"));
	}
}

static const struct charset {
	const char *declared, *bytes, *text;
} charsets[] = {
	{ "us-ascii", "perch\xe9 \x80", "perché €" },
	{ "us-ascii", "perch\xc3\xa9", "perché" },
	{ "utf-8", "perch\xe9 no", "perché no" },
	{ "utf-8", "\xc3\xa9 e \xe9", "é e é" },
	{ "iso-8859-1", "\x93perch\xe9\x94", "“perché”" },
	{ "iso-8859-1", "perch\xc3\xa9", "perché" },
	{ "iso-8859-15", "\xa4 perch\xe9", "€ perché" },
	{ "windows-1252", "\x80", "€" },
	{ "windows-1251", "\xcf\xf0", "Пр" },
	{ "nonsense", "perch\xe9", "perché" },
	{ "utf-7", "perch+AOk-", "perché" },
	{ "iso-2022-jp", "\x1b$B$3\x1b(B", "こ" },
	{ "\"UTF-8\"", "perch\xc3\xa9", "perché" },
	{ "utf-8",
	        "\xEF\xBB\xBF"
	        "a",
	        "a" },
};

static void
test_charsets(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(charsets); i++) {
		g_autofree char *fields = g_strdup_printf(
		        "Content-Type: text/plain; charset=%s\n", charsets[i].declared);
		g_autoptr(Mail) mail =
		        attach(fields, charsets[i].bytes, strlen(charsets[i].bytes));
		const Part *part = g_ptr_array_index(mail->root->children, 1);
		assert_string_equal(part->text, charsets[i].text);
		assert_true(g_utf8_validate(part->text, -1, NULL));
	}
	g_autoptr(Mail) mail = attach("", "a\0b\r\nc\rd", 8);
	assert_string_equal(((Part *)mail->root->children->pdata[1])->text, "ab\nc\nd");
	for (gsize i = 0; i < G_N_ELEMENTS(charsets); i++) {
		g_autofree char *nothing =
		        charset_decode_text(NULL, 0, charsets[i].declared);
		assert_string_equal(nothing, "");
	}
}

static const struct flowed {
	const char *parameters, *content, *text;
} flowed[] = {
	{ "format=flowed", "uno \ndue\n\ntre", "uno due\n\ntre" },
	{ "format=flowed", " From a\n  b", "From a\n b" },
	{ "format=flowed", "> uno \n> due\n>> tre \n>> quattro",
	        "> uno due\n>> tre quattro" },
	{ "format=flowed", "> uno \ndue", "> uno \ndue" },
	{ "format=flowed", "uno \n-- \nfirma", "uno \n-- \nfirma" },
	{ "format=flowed; delsp=yes", "indi \nrizzo", "indirizzo" },
	{ "format=Flowed; DelSp=Yes", "indi \nrizzo", "indirizzo" },
	{ "format=fixed", "uno \ndue", "uno \ndue" },
};

static void
test_flowed(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(flowed); i++) {
		g_autofree char *fields = g_strdup_printf(
		        "Content-Type: text/plain; %s\n", flowed[i].parameters);
		g_autoptr(Mail) mail =
		        attach(fields, flowed[i].content, strlen(flowed[i].content));
		assert_string_equal(
		        ((Part *)mail->root->children->pdata[1])->text, flowed[i].text);
	}
}

/* Whole or broken into lines: each length ends another way. */
static void
test_base64(void **state)
{
	static const char words[] = "Errore 552: no?";
	const char *fields = "Content-Type: text/plain\n"
	                     "Content-Transfer-Encoding: base64\n";
	(void)state;
	for (gsize length = 1; length < sizeof words; length++) {
		g_autofree char *wanted = g_strndup(words, length);
		g_autofree char *whole = g_base64_encode((const guchar *)words, length);
		g_autofree char *broken =
		        g_strdup_printf("%.3s\r\n%s\r\n\r\n", whole, whole + 3);
		const char *const forms[] = { whole, broken };
		for (gsize i = 0; i < G_N_ELEMENTS(forms); i++) {
			g_autoptr(Mail) mail =
			        attach(fields, forms[i], strlen(forms[i]));
			const Part *part = mail->root->children->pdata[1];
			assert_string_equal(part->text, wanted);
			assert_int_equal(part->size, length);
		}
	}
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, samples, test_part);
	suite_add(suite, cmocka_unit_test(test_base64),
	        cmocka_unit_test(test_body_stays_text),
	        cmocka_unit_test(test_utf16_headers), cmocka_unit_test(test_charsets),
	        cmocka_unit_test(test_flowed));
	return suite_run(suite, "part", NULL, NULL);
}
