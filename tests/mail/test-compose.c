#include <string.h>

#include "base/errors.h"
#include "mail/compose.h"
#include "mail/mail.h"
#include "tests/suite.h"

#define MAX_LINE 998

static const char *const two_ids[] = { "<a@example.it>", "<b@example.it>", NULL };

static Outgoing
ordinary(void)
{
	return (Outgoing){ .from_name = "Assistenza",
		.from_address = "assistenza@example.it",
		.to = "mario@example.org",
		.subject = "Re: posta bloccata [TR-ABCDEF]",
		.message_id = "<tr.1@example.it>",
		.in_reply_to = "<b@example.it>",
		.references = two_ids,
		.instance = "helpdesk-1",
		.date = 1793973600,
		.utc_offset_minutes = 60,
		.language = "it",
		.text = "Buongiorno,\nperché no.\n" };
}

static char *
compose(const Outgoing *outgoing)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) bytes = compose_reply(outgoing, &error);
	assert_null(error);
	gsize length;
	const char *data = g_bytes_get_data(bytes, &length);
	assert_null(memchr(data, '\0', length));
	return g_strndup(data, length);
}

static Mail *
read_back(const char *text)
{
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
	return mail_parse(bytes, &MAIL_LIMITS_DEFAULT, NULL);
}

static void
assert_field(const Mail *mail, const char *name, const char *wanted)
{
	GPtrArray *values = header_get_all(mail->header, name);
	assert_int_equal(values->len, 1);
	assert_string_equal(g_ptr_array_index(values, 0), wanted);
	g_ptr_array_unref(values);
}

static void
assert_lines(const char *text)
{
	for (const char *line = text; *line != '\0';) {
		gsize length = strcspn(line, "\n");
		assert_int_equal(line[length], '\n');
		assert_true(length > 0 && line[length - 1] == '\r');
		assert_true(length - 1 <= MAX_LINE);
		assert_int_equal(strcspn(line, "\r"), length - 1);
		line += length + 1;
	}
}

static void
test_fields(void **state)
{
	(void)state;
	Outgoing outgoing = ordinary();
	g_autofree char *text = compose(&outgoing);
	assert_lines(text);
	g_autoptr(Mail) mail = read_back(text);
	assert_field(mail, "From", "Assistenza <assistenza@example.it>");
	assert_field(mail, "To", "mario@example.org");
	assert_field(mail, "Subject", "Re: posta bloccata [TR-ABCDEF]");
	assert_field(mail, "Message-ID", "<tr.1@example.it>");
	assert_field(mail, "In-Reply-To", "<b@example.it>");
	assert_field(mail, "References", "<a@example.it> <b@example.it>");
	assert_field(mail, "Auto-Submitted", "auto-replied");
	assert_field(mail, "X-Auto-Response-Suppress", "All");
	assert_field(mail, "X-Triaged-Loop", "helpdesk-1");
	assert_field(mail, "Content-Language", "it");
	assert_field(mail, "MIME-Version", "1.0");
	assert_field(mail, "Content-Type", "text/plain; charset=utf-8; format=flowed");
	assert_field(mail, "Content-Transfer-Encoding", "quoted-printable");
	assert_field(mail, "Date", "Fri, 06 Nov 2026 15:00:00 +0100");
	assert_string_equal(mail->root->text, "Buongiorno,\nperché no.\n");
}

static void
test_ascii_is_7bit(void **state)
{
	(void)state;
	Outgoing outgoing = ordinary();
	outgoing.text = "Ciao\n";
	g_autofree char *text = compose(&outgoing);
	assert_non_null(strstr(text, "Content-Transfer-Encoding: 7bit\r\n"));
	assert_true(g_str_has_suffix(text, "\r\n\r\nCiao\r\n"));
}

/* Values that try to be more than a value; field tells where they go. */
static const struct injection {
	const char *name;
	gsize field;
	const char *value;
} injections[] = {
	{ "subject crlf", offsetof(Outgoing, subject), "a\r\nBcc: x@example.org" },
	{ "subject lf", offsetof(Outgoing, subject), "a\nBcc: x@example.org\n\nbody" },
	{ "subject cr", offsetof(Outgoing, subject), "a\rBcc: x@example.org" },
	{ "subject encoded", offsetof(Outgoing, subject),
	        "=?utf-8?Q?a=0D=0ABcc:_x@example.org?=" },
	{ "subject bidi", offsetof(Outgoing, subject), "a\u202e\u2066b\u200bBcc:" },
	{ "subject separator", offsetof(Outgoing, subject),
	        "a\u2028Bcc: x@example.org\xc2\x85" },
	{ "subject not utf-8", offsetof(Outgoing, subject), "a\xff\xfe\nBcc: x" },
	{ "name crlf", offsetof(Outgoing, from_name), "A\r\nBcc: x@example.org" },
	{ "name quote", offsetof(Outgoing, from_name), "A\" <x@example.org>, \"B" },
	{ "name encoded", offsetof(Outgoing, from_name), "=?utf-8?Q?A=0ABcc=3A_x?=" },
	{ "in-reply-to", offsetof(Outgoing, in_reply_to),
	        "<a@b>\r\nBcc: x@example.org" },
	{ "instance", offsetof(Outgoing, instance), "a\r\nBcc: x@example.org" },
	{ "language", offsetof(Outgoing, language), "it\r\nBcc: x@example.org" },
	{ "text", offsetof(Outgoing, text),
	        "a\r\n.\r\nMAIL FROM:<>\r\nFrom b\n>c\n -- \n" },
	{ "text escape", offsetof(Outgoing, text),
	        "a\x1b[31mb\b\x7f\xc2\x9b"
	        "1m\n" },
	{ "text bidi", offsetof(Outgoing, text), "a\u202e\u2066b\u200bc\ufeff\n" },
};

/* What a terminal or a reader would obey. */
static void
assert_harmless(const char *text)
{
	assert_true(g_utf8_validate(text, -1, NULL));
	for (; *text != '\0'; text = g_utf8_next_char(text)) {
		gunichar c = g_utf8_get_char(text);
		assert_true(c == '\n' || c == '\t' || !g_unichar_iscntrl(c));
		assert_int_not_equal(g_unichar_type(c), G_UNICODE_FORMAT);
		assert_int_not_equal(g_unichar_type(c), G_UNICODE_LINE_SEPARATOR);
	}
}

static void
test_injection(void **state)
{
	const struct injection *injection = *state;
	Outgoing outgoing = ordinary();
	*(const char **)((char *)&outgoing + injection->field) = injection->value;
	g_autofree char *text = compose(&outgoing);
	assert_lines(text);
	assert_null(strstr(text, "\nBcc"));
	g_autoptr(Mail) mail = read_back(text);
	assert_false(header_has(mail->header, "Bcc"));
	GPtrArray *authors = header_addresses(header_get(mail->header, "From"));
	assert_int_equal(authors->len, 1);
	const NameAddr *author = g_ptr_array_index(authors, 0);
	assert_string_equal(author->address, "assistenza@example.it");
	g_ptr_array_unref(authors);
	assert_harmless(mail->subject);
	/* an encoded word that a customer wrote is a text, not decoded by who reads ours */
	if (injection->field == offsetof(Outgoing, subject) &&
	        strstr(injection->value, "=?") != NULL)
		assert_non_null(strstr(mail->subject, "= ?utf-8?Q?a=0D"));
	assert_harmless(mail->root->text);
}

static const struct refusal {
	gsize field;
	const char *value;
} refusals[] = {
	{ offsetof(Outgoing, to), "mario@example.org, x@example.org" },
	{ offsetof(Outgoing, to), "mario@example.org\r\nBcc: x@example.org" },
	{ offsetof(Outgoing, to), "" },
	{ offsetof(Outgoing, from_address), "<a@example.it>" },
	{ offsetof(Outgoing, message_id), "<a@b>\n<c@d>" },
	{ offsetof(Outgoing, message_id), "a@b" },
};

static void
test_refusals(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(refusals); i++) {
		Outgoing outgoing = ordinary();
		*(const char **)((char *)&outgoing + refusals[i].field) =
		        refusals[i].value;
		g_autoptr(GError) error = NULL;
		assert_null(compose_reply(&outgoing, &error));
		assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_INPUT));
	}
}

/* Texts come back as they went out. */
static const struct sample {
	const char *name, *text;
} texts[] = {
	{ "empty", "" },
	{ "long paragraph", "Il server del destinatario ha rifiutato il messaggio "
	                    "perché lo considera "
	                    "posta indesiderata e non lo consegna finché il contenuto "
	                    "resta uguale.\n\nSaluti\n" },
	{ "stuffed", "From qui\n> citazione\n  rientro\n" },
	{ "signature", "Ciao\n-- \nAssistenza\n" },
	{ "dashes", "-- ciao\n" },
	{ "wide", "ÀÈÌÒÙ ÀÈÌÒÙ ÀÈÌÒÙ ÀÈÌÒÙ ÀÈÌÒÙ ÀÈÌÒÙ ÀÈÌÒÙ ÀÈÌÒÙ ÀÈÌÒÙ ÀÈÌÒÙ ÀÈÌÒÙ "
	          "ÀÈÌÒÙ ÀÈÌÒÙ ÀÈÌÒÙ\n" },
	{ "emoji", "\U0001F600 grazie\n" },
};

static void
test_text(void **state)
{
	const struct sample *sample = *state;
	Outgoing outgoing = ordinary();
	outgoing.text = sample->text;
	g_autofree char *text = compose(&outgoing);
	assert_lines(text);
	g_autoptr(Mail) mail = read_back(text);
	assert_string_equal(mail->root->text, sample->text);
}

static void
test_long_values(void **state)
{
	(void)state;
	g_autofree char *long_word = g_strnfill(5000, 'x');
	g_autofree char *long_wide = g_strdup("");
	for (int i = 0; i < 9; i++) {
		char *twice = g_strconcat(
		        *long_wide != '\0' ? long_wide : "àè ", long_wide, NULL);
		g_free(long_wide);
		long_wide = twice;
	}
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	for (int i = 0; i < 100; i++) {
		g_autofree char *id = g_strdup_printf("<%0200d@example.it>", i);
		g_strv_builder_add(builder, id);
	}
	g_auto(GStrv) ids = g_strv_builder_end(builder);
	Outgoing outgoing = ordinary();
	outgoing.subject = long_word;
	outgoing.from_name = long_wide;
	outgoing.text = long_word;
	outgoing.instance = long_word;
	outgoing.references = (const char *const *)ids;
	g_autofree char *text = compose(&outgoing);
	assert_lines(text);
	g_autoptr(Mail) mail = read_back(text);
	g_auto(GStrv) kept = header_message_ids(header_get(mail->header, "References"));
	assert_int_equal(g_strv_length(kept), 20);
	assert_string_equal(kept[19], ids[99]);
	assert_memory_equal(mail->root->text, long_word, 5000);
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, injections, test_injection);
	suite_add_table(suite, texts, test_text);
	suite_add(suite, cmocka_unit_test(test_fields),
	        cmocka_unit_test(test_ascii_is_7bit), cmocka_unit_test(test_refusals),
	        cmocka_unit_test(test_long_values));
	return suite_run(suite, "compose", NULL, NULL);
}
