/*
 * Mails made to hurt, through the whole analysis: bombs end in time, in a case or in a named
 * error, and the reply to whatever it is goes to one recipient with its own fields alone.
 */
#include "config.h"

#include <string.h>
#include <time.h>

#include "base/errors.h"
#include "tests/reply_fields.h"
#include "tests/shipped.h"
#include "tests/slowness.h"
#include "triage/analyse.h"
#include "triage/case_json.h"
#include "triage/case_pack.h"

#define MEGABYTE (1024 * 1024)
#define FIELD_SIZE (60 * 1024) /* as long as a field may be */

#define PATIENCE 10 /* processor seconds for one mail: limits.analyse_seconds */

#define HEAD                                                                           \
	"From: Anna Bruni <anna@example.org>\nTo: assistenza@example.it\n"             \
	"Date: Tue, 10 Nov 2026 10:00:00 +0100\nMessage-ID: <a1@example.org>\n"
#define MIXED "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
#define REFUSAL "552 5.2.0 igxL1p00E1WDM2s01gxMXG spam detected"

static Case *
analyse_in_time(const GString *mail, const char *name)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static(mail->str, mail->len);
	g_autoptr(GError) error = NULL;
	clock_t begun = clock();
	Case *kase = analyse(bytes, &shipped, &error);
	double took = (double)(clock() - begun) / CLOCKS_PER_SEC;
	print_message("%s: %.2f s, %s, limit %s\n", name, took,
	        kase != NULL ? kase->verdict.class : error->message,
	        kase != NULL && kase->limit != NULL ? kase->limit : "none");
	assert_true(took < PATIENCE * slowness());
	if (kase == NULL)
		assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_INPUT));
	return kase;
}

/* The reply's text, NULL when none goes out; the gates are open. */
static char *
reply_to(Case *kase)
{
	char *text;
	kase->header_gate = GATE_NONE;
	g_autofree char *wrong =
	        reply_fields_check(kase, shipped.catalogue, shipped.settings, &text);
	if (wrong != NULL)
		fail_msg("%s", wrong);
	return text;
}

/* --- bombs --- */

static void
repeat(GString *mail, const char *text, gsize size)
{
	gsize end = mail->len + size;
	while (mail->len < end)
		g_string_append(mail, text);
}

static void
fill_deep_multiparts(GString *mail)
{
	for (int i = 0; i < 20000; i++)
		g_string_append_printf(mail,
		        "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
}

static void
fill_deep_messages(GString *mail)
{
	repeat(mail, "Content-Type: message/rfc822\n\n", 4 * MEGABYTE);
}

/* Forwards within forwards, told by their words alone. */
static void
fill_deep_forwards(GString *mail)
{
	g_string_append(mail, "\n");
	repeat(mail,
	        "---------- Messaggio inoltrato ---------\nDa: a@example.it\n"
	        "Data: 6/11/2026\nOggetto: x\nA: b@example.org\n\n",
	        4 * MEGABYTE);
}

static void
fill_deep_quotes(GString *mail)
{
	g_string_append(mail, "\n");
	for (int i = 0; i < 3000; i++) {
		g_autofree char *marks = g_strnfill((gsize)i, '>');
		g_string_append_printf(
		        mail, "%s Il 6/11/2026 X ha scritto:\n%s>\n", marks, marks);
	}
}

static void
fill_many_parts(GString *mail)
{
	g_string_append(mail, MIXED);
	repeat(mail, "--b\n\n" REFUSAL "\n", 4 * MEGABYTE);
}

static void
fill_many_reports(GString *mail)
{
	g_string_append(mail, MIXED);
	repeat(mail,
	        "--b\nContent-Type: message/rfc822\n\nFrom: MAILER-DAEMON@example.it\n"
	        "Subject: Undelivered\n\n<b@example.org>: host "
	        "mx.example.org[192.0.2.1] "
	        "said: 550 5.1.1 no such user (in reply to RCPT TO command)\n",
	        4 * MEGABYTE);
}

static void
fill_long_texts(GString *mail)
{
	g_string_append(mail, MIXED);
	for (int i = 0; i < 25; i++) {
		g_string_append(mail, "--b\nContent-Type: text/plain\n\n");
		repeat(mail, "il 6/11 a@example.it: 550 5.1.1 non va, perché?\n",
		        MEGABYTE);
	}
}

static void
fill_many_fields(GString *mail)
{
	repeat(mail, "X-Campo: valore\n", 8 * MEGABYTE);
	g_string_append(mail, "\nciao\n");
}

static void
fill_long_field(GString *mail)
{
	g_string_append(mail, "Subject: ");
	repeat(mail, "=?utf-8?B?w6jDqA==?= ", 8 * MEGABYTE);
	g_string_append(mail, "\n\nciao\n");
}

static void
fill_references(GString *mail)
{
	g_string_append(mail, "References:");
	repeat(mail, " <x@example.org>\n", 4 * MEGABYTE);
	g_string_append(mail, "\nciao\n");
}

static void
fill_recipients(GString *mail)
{
	g_string_append(mail, "Cc: a@example.it");
	for (int i = 0; i < 10000; i++)
		g_string_append_printf(mail, ",\n \"N, %d\" <a%d@example.it>", i, i);
	g_string_append(mail, "\n\nnon riesco a inviare: " REFUSAL "\n");
}

/* The customer's words name more addresses than any list can be asked for. */
static void
fill_addresses(GString *mail)
{
	g_string_append(mail, "To: ");
	repeat(mail, "a b c <a@example.it>, ", FIELD_SIZE);
	g_string_append(mail, "\nReply-To: ");
	repeat(mail, "a@example.it, ", FIELD_SIZE);
	g_string_append(mail, "\n\n" REFUSAL "\n");
	for (int i = 0; i < 10000; i++)
		g_string_append_printf(mail, "mittente b%d@example.it ", i);
}

static void
put_lists(GString *mail, const char *field, const char *address)
{
	for (int i = 0; i < 400; i++) {
		g_string_append(mail, field);
		repeat(mail, address, FIELD_SIZE);
		g_string_append_c(mail, '\n');
	}
	g_string_append(mail, "\n" REFUSAL "\n");
}

static void
fill_lists(GString *mail)
{
	put_lists(mail, "To: ", "a@example.it, ");
}

static void
fill_author_lists(GString *mail)
{
	put_lists(mail, "Reply-To: ", "a@a,");
}

static void
fill_nested_lists(GString *mail)
{
	g_string_append(mail, MIXED);
	for (int i = 0; i < 400; i++) {
		g_string_append(mail, "--b\nContent-Type: message/rfc822\n\nFrom: ");
		repeat(mail, "a@example.it, ", FIELD_SIZE);
		g_string_append(mail, "\n\n" REFUSAL "\n");
	}
}

/* As many mails as there may be parts, each with the list that is slowest at its length. */
static void
fill_nested_junk(GString *mail)
{
	g_string_append(mail, MIXED);
	for (int i = 0; i < 500; i++) {
		g_string_append(mail, "--b\nContent-Type: message/rfc822\n\nFrom: ");
		repeat(mail, "a,", 398);
		g_string_append(mail, "\n\n" REFUSAL "\n");
	}
}

static void
fill_report_recipients(GString *mail)
{
	g_string_append(mail, MIXED
	        "--b\n\nmi torna questo\n--b\nContent-Type: message/delivery-status\n\n"
	        "Reporting-MTA: dns; mx.example.it\n");
	for (int i = 0; i < 10000; i++)
		g_string_append_printf(mail,
		        "\nFinal-Recipient: rfc822; b%d@example.org\nAction: failed\n"
		        "Status: 5.2.0\nDiagnostic-Code: smtp; " REFUSAL "\n",
		        i);
	g_string_append(mail, "--b--\n");
}

static void
fill_pasted_recipients(GString *mail)
{
	g_string_append(mail, "\nThis is the mail system at host mx.example.it.\n\n");
	for (int i = 0; i < 10000; i++)
		g_string_append_printf(mail,
		        "<b%d@example.org>: host mx.example.org[192.0.2.1] said:\n"
		        "    " REFUSAL " (in reply to end of DATA command)\n\n",
		        i);
}

static void
fill_dates(GString *mail)
{
	g_string_append(mail, "\n");
	repeat(mail, "ieri alle 15 e mezza, il 6 novembre, tre giorni fa, ", MEGABYTE);
}

static void
fill_base64(GString *mail)
{
	g_string_append(mail, "MIME-Version: 1.0\nContent-Type: "
	                      "application/octet-stream; name=a.eml\n"
	                      "Content-Transfer-Encoding: base64\n\n");
	g_autofree char *text = g_strnfill(6 * MEGABYTE, 'x');
	memcpy(text, HEAD "\n", strlen(HEAD) + 1);
	g_autofree char *base64 = g_base64_encode((guchar *)text, 6 * MEGABYTE);
	g_string_append(mail, base64);
}

static void
fill_html(GString *mail, const char *piece, gsize size)
{
	g_string_append(mail, "MIME-Version: 1.0\nContent-Type: text/html\n\n<html>");
	repeat(mail, piece, size);
}

static void
fill_html_deep(GString *mail)
{
	fill_html(mail, "<div><table><tr><td>", 4 * MEGABYTE);
}

static void
fill_html_quotes(GString *mail)
{
	fill_html(mail, "<blockquote>a<br>", 4 * MEGABYTE);
}

static void
fill_html_cells(GString *mail)
{
	fill_html(mail, "<table><tr><td>&nbsp;<td>x<hr></table>", 8 * MEGABYTE);
}

static void
fill_html_attributes(GString *mail)
{
	g_string_append(
	        mail, "MIME-Version: 1.0\nContent-Type: text/html\n\n<p style=\"");
	repeat(mail, "display:none;", 4 * MEGABYTE);
	g_string_append(mail, "\" ");
	repeat(mail, "a=b ", 4 * MEGABYTE);
	g_string_append(mail, ">testo</p>");
}

static void
fill_body(GString *mail)
{
	g_string_append(mail, "\nnon riesco a inviare: " REFUSAL "\n");
	repeat(mail, "riga di testo senza fine né senso, 550 5.1.1 e ieri\n",
	        50 * MEGABYTE);
}

static void
fill_line(GString *mail)
{
	g_string_append(mail, "\n");
	repeat(mail, "a@example.it 550 5.1.1 ieri > ", 8 * MEGABYTE);
}

static void
fill_nul(GString *mail)
{
	gsize start = mail->len + 1;
	g_string_append_c(mail, '\n');
	g_string_set_size(mail, start + MEGABYTE);
	memset(mail->str + start, 0, MEGABYTE);
}

static void
fill_bare_cr(GString *mail)
{
	g_string_append_c(mail, '\n');
	repeat(mail, "550 5.1.1 no\r", 4 * MEGABYTE);
}

static void
fill_nothing(GString *mail)
{
	g_string_truncate(mail, 0);
	repeat(mail, "niente\n", 4 * MEGABYTE);
}

static const struct bomb {
	const char *name;
	void (*fill)(GString *mail); /* behind HEAD, whose last line is ended */
	const char *limit;           /* NULL: none, or whichever */
	const char *class;           /* NULL: whichever */
	gboolean refused;            /* it is no mail at all */
} bombs[] = {
	{ .name = "deep multiparts", .fill = fill_deep_multiparts, .limit = "depth" },
	{ .name = "deep messages", .fill = fill_deep_messages, .limit = "depth" },
	{ .name = "deep forwards", .fill = fill_deep_forwards },
	{ .name = "deep quotes", .fill = fill_deep_quotes },
	{ .name = "many parts", .fill = fill_many_parts, .limit = "parts" },
	{ .name = "many reports", .fill = fill_many_reports, .limit = "parts" },
	{ .name = "long texts", .fill = fill_long_texts },
	{ .name = "many fields", .fill = fill_many_fields, .limit = "header" },
	{ .name = "long field", .fill = fill_long_field, .limit = "header" },
	{ .name = "references", .fill = fill_references, .limit = "header" },
	{ .name = "10,000 recipients",
	        .fill = fill_recipients,
	        .class = "spam-detected" },
	{ .name = "addresses", .fill = fill_addresses },
	{ .name = "lists of recipients", .fill = fill_lists },
	{ .name = "lists of authors", .fill = fill_author_lists },
	{ .name = "lists in nested mails", .fill = fill_nested_lists },
	{ .name = "junk in nested mails", .fill = fill_nested_junk },
	{ .name = "report for 10,000",
	        .fill = fill_report_recipients,
	        .class = "spam-detected" },
	{ .name = "pasted report for 10,000",
	        .fill = fill_pasted_recipients,
	        .class = "spam-detected" },
	{ .name = "dates", .fill = fill_dates },
	{ .name = "base64", .fill = fill_base64, .limit = "text" },
	{ .name = "deep html", .fill = fill_html_deep },
	{ .name = "quotes in html", .fill = fill_html_quotes },
	{ .name = "cells in html", .fill = fill_html_cells },
	{ .name = "attributes in html", .fill = fill_html_attributes },
	{ .name = "50 MB body",
	        .fill = fill_body,
	        .limit = "text",
	        .class = "spam-detected" },
	{ .name = "one line", .fill = fill_line },
	{ .name = "NUL", .fill = fill_nul },
	{ .name = "bare CR", .fill = fill_bare_cr },
	{ .name = "no mail", .fill = fill_nothing, .refused = TRUE },
};

static void
test_bomb(void **state)
{
	const struct bomb *bomb = *state;
	g_autoptr(GString) mail = g_string_new(HEAD);
	bomb->fill(mail);
	g_autoptr(Case) kase = analyse_in_time(mail, bomb->name);
	assert_int_equal(kase == NULL, bomb->refused);
	if (kase == NULL)
		return;
	if (bomb->limit != NULL) {
		assert_non_null(kase->limit);
		assert_string_equal(kase->limit, bomb->limit);
		assert_true(kase->truncated);
	}
	if (bomb->class != NULL)
		assert_string_equal(kase->verdict.class, bomb->class);
	g_autoptr(GBytes) packed = case_pack(kase);
	gsize length;
	const void *data = g_bytes_get_data(packed, &length);
	g_autoptr(Case) again = case_unpack(data, length, NULL);
	assert_non_null(again);
	g_autofree char *reply = reply_to(again);
}

/* Lines that match every signature again and again, and then do not. */
static void
add_example(GString *mail, const char *example)
{
	gsize length = strlen(example), keep[] = { length, length * 3 / 4, length / 2 };
	for (gsize i = 0; i < G_N_ELEMENTS(keep); i++) {
		g_autofree char *piece = g_strndup(example, keep[i]);
		if (*piece != '\0')
			repeat(mail, piece, 4000);
		g_string_append_c(mail, '\n');
	}
}

static void
test_patterns(void **state)
{
	(void)state;
	const GPtrArray *classes = shipped.catalogue->classes;
	for (guint i = 0; i < classes->len; i++) {
		const Class *class = g_ptr_array_index(classes, i);
		g_autoptr(GString) mail = g_string_new(HEAD "\n");
		for (guint j = 0; j < class->signatures->len; j++) {
			const Signature *signature =
			        g_ptr_array_index(class->signatures, j);
			for (guint k = 0; k < signature->match->len; k++)
				add_example(
				        mail, g_ptr_array_index(signature->match, k));
		}
		g_autoptr(Case) kase = analyse_in_time(mail, class->id);
		assert_non_null(kase);
	}
}

/* Fields that are read by a grammar, each filled with what makes grammars go back. */
static void
test_fields(void **state)
{
	static const char *const fields[] = { "From", "To", "Reply-To", "Date",
		"Message-ID", "In-Reply-To", "References", "Received", "Subject",
		"Content-Type: text/plain;", "Content-Disposition: attachment;",
		"Authentication-Results", "Auto-Submitted", "Return-Path", "List-Id" };
	static const char *const pieces[] = { "(", "((a)", "\"", "\\\"", "<", "<a@",
		"@", "g:", "g:;", "a,", ";", "=?", "=?utf-8?Q?",
		"=?utf-8?B?w6g=?=", "a*0*=b;", "a*=utf-8''%C3;", "6 Nov ", "[", ".",
		"a@b.it ", "a b c <a@b.it>, " };
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(fields) * G_N_ELEMENTS(pieces); i++) {
		const char *field = fields[i / G_N_ELEMENTS(pieces)];
		const char *piece = pieces[i % G_N_ELEMENTS(pieces)];
		g_autofree char *name = g_strdup_printf("%s %s", field, piece);
		g_autoptr(GString) mail = g_string_new(field);
		g_string_append(mail, strchr(field, ':') != NULL ? " " : ": ");
		repeat(mail, piece, FIELD_SIZE);
		g_string_append(mail, "\n" HEAD "\n" REFUSAL "\n");
		g_autoptr(Case) kase = analyse_in_time(mail, name);
		assert_non_null(kase);
	}
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add(
	        suite, cmocka_unit_test(test_patterns), cmocka_unit_test(test_fields));
	suite_add_table(suite, bombs, test_bomb);
	return suite_run(suite, "hostile", shipped_load_desk, shipped_free);
}
