#include <string.h>

#include "base/errors.h"
#include "mail/mail.h"
#include "tests/suite.h"

/* The tree in one line: "id kind,id kind ...", kinds by letter. */
static void
note_part(const Part *part, guint depth, gpointer data)
{
	static const char letters[] = "mthMDHIUo";
	GString *tree = data;
	(void)depth;
	g_string_append_printf(tree, "%s%s:%c%s", tree->len > 0 ? " " : "", part->id,
	        letters[part->kind], part->alternative ? "a" : "");
}

static Mail *
parse(const char *text, gsize length)
{
	g_autoptr(GBytes) bytes = g_bytes_new(text, length);
	return mail_parse(bytes, &MAIL_LIMITS_DEFAULT, NULL);
}

static const struct sample {
	const char *name, *mail, *tree;
	const char *text; /* of the first part with text, or NULL */
} samples[] = {
	{ "plain", "Subject: a\n\nCiao\n", "1:t", "Ciao\n" },
	{ "crlf", "Subject: a\r\n\r\nCiao\r\nanno\r\n", "1:t", "Ciao\nanno\n" },
	{ "bare cr", "Subject: a\r\rCiao\ranno\r", "1:t", "Ciao\nanno\n" },
	{ "no body", "Subject: a", "1:t", "" },
	{ "attached report",
	        "Content-Type: multipart/mixed; boundary=o\n\n--o\n\nCiao\n--o\n"
	        "Content-Type: message/rfc822\n\nSubject: x\n"
	        "Content-Type: multipart/report; boundary=i\n\n--i\n\nNotice\n--i\n"
	        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; a\n--i\n"
	        "Content-Type: text/rfc822-headers\n\nFrom: "
	        "a@example.it\n--i--\n--o--\n",
	        "TEXT:m 1:t 2:M 2.TEXT:m 2.1:t 2.2:D 2.3:H", "Ciao" },
	{ "attached single part",
	        "Content-Type: multipart/mixed; boundary=o\n\n--o\n\nCiao\n--o\n"
	        "Content-Type: message/rfc822\n\nSubject: x\n\nbody\n--o--\n",
	        "TEXT:m 1:t 2:M 2.1:t", "Ciao" },
	{ "eml as octet-stream, base64",
	        "Content-Type: multipart/mixed; boundary=o\n\n--o\n\nCiao\n--o\n"
	        "Content-Type: application/octet-stream; name=a.eml\n"
	        "Content-Transfer-Encoding: "
	        "base64\n\nU3ViamVjdDogeAoKYm9keQo=\n--o--\n",
	        "TEXT:m 1:t 2:M 2.1:t", "Ciao" },
	{ "alternative",
	        "Content-Type: multipart/alternative; boundary=o\n\n--o\n\nCiao\n--o\n"
	        "Content-Type: text/html\n\n<p>Ciao</p>\n--o--\n",
	        "TEXT:m 1:t 2:ha", "Ciao" },
	{ "undeclared windows-1252", "Subject: a\n\nperch\xe9\n", "1:t",
	        "perch\xc3\xa9\n" },
	{ "undeclared utf-8", "Subject: a\n\nperch\xc3\xa9\n", "1:t",
	        "perch\xc3\xa9\n" },
	{ "flowed",
	        "Subject: a\nContent-Type: text/plain; format=flowed\n\nuno \ndue\n  "
	        "tre\n",
	        "1:t", "uno due\n tre\n" },
	{ "boundary not there",
	        "Subject: a\nContent-Type: multipart/mixed; boundary=x\n\nCiao\n",
	        "1:t", "Ciao\n" },
};

static void
find_text(const Part *part, guint depth, gpointer data)
{
	const char **text = data;
	(void)depth;
	if (*text == NULL)
		*text = part->text;
}

static void
test_tree(void **state)
{
	const struct sample *sample = *state;
	g_autoptr(Mail) mail = parse(sample->mail, strlen(sample->mail));
	assert_non_null(mail);
	g_autoptr(GString) tree = g_string_new(NULL);
	mail_walk(mail, note_part, tree);
	assert_string_equal(tree->str, sample->tree);
	const char *text = NULL;
	mail_walk(mail, find_text, &text);
	assert_string_equal(text, sample->text);
	assert_null(mail->limit);
}

static const struct filename {
	const char *fields, *filename;
} filenames[] = {
	{ "Content-Disposition: attachment; filename=\"a b.eml\"\n", "a b.eml" },
	{ "Content-Disposition: attachment; filename=a b.eml\n", "a b.eml" },
	{ "Content-Type: image/png; name=\"=?utf-8?Q?perch=C3=A9.png?=\"\n",
	        "perché.png" },
	{ "Content-Type: image/png; name==?utf-8?Q?perch=C3=A9=3B.png?=\n",
	        "perché;.png" },
	{ "Content-Disposition: attachment; filename=\"=?utf-8?B?cGVyY2jDqQ==?=\n "
	  "=?utf-8?B?IG5v?=.png\"\n",
	        "perché no.png" },
	{ "Content-Disposition: attachment; filename*=utf-8'it'perch%C3%A9.png\n",
	        "perché.png" },
	{ "Content-Disposition: attachment; filename*=iso-8859-1''perch%E9.png\n",
	        "perché.png" },
	{ "Content-Disposition: attachment; filename*0*=utf-8''perch%C3%A9; "
	  "filename*1=\" no.png\"\n",
	        "perché no.png" },
	{ "Content-Disposition: attachment; filename*1=b.png; filename*0=a\n",
	        "ab.png" },
	{ "Content-Disposition: attachment; filename=\"perch\xe9.png\"\n",
	        "perché.png" },
	{ "Content-Disposition: attachment; filename=\"perch\xc3\xa9.png\"\n",
	        "perché.png" },
	{ "Content-Disposition: attachment; filename=\"C:\\\\tmp\\\\a.png\"\n",
	        "a.png" },
	{ "Content-Disposition: attachment; filename=\"../../etc/passwd\"\n",
	        "passwd" },
	{ "Content-Disposition: attachment; filename=\"unclosed.png\n",
	        "unclosed.png" },
	{ "Content-Disposition: attachment; FileName = \"a.png\"\n", "a.png" },
	{ "Content-Disposition: attachment\nContent-Type: image/png; name=b.png\n",
	        "b.png" },
	{ "Content-Disposition: filename=c.png\n", "c.png" },
	{ "Content-Type: application/octet-stream name=\"d.png\"\n", "d.png" },
	{ "Content-Disposition: attachment; filename=\"gpj\u202e.exe\"\n", "gpj.exe" },
	{ "Content-Disposition: attachment; filename=\"=?utf-8?Q?a=0Ab=00c.png?=\"\n",
	        "a bc.png" },
	{ "Content-Disposition: attachment\n", NULL },
};

static void
test_filenames(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(filenames); i++) {
		g_autofree char *text = g_strconcat(
		        "Subject: a\n", filenames[i].fields, "\nbody", NULL);
		g_autoptr(Mail) mail = parse(text, strlen(text));
		if (filenames[i].filename == NULL) {
			assert_null(mail->root->filename);
			continue;
		}
		assert_non_null(mail->root->filename);
		assert_string_equal(mail->root->filename, filenames[i].filename);
	}
}

static void
test_no_mail(void **state)
{
	(void)state;
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) bytes = g_bytes_new_static("", 0);
	assert_null(mail_parse(bytes, &MAIL_LIMITS_DEFAULT, &error));
	assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_INPUT));
	assert_null(parse("\x89PNG\r\n\x1a\n\0\0", 10));
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, samples, test_tree);
	suite_add(suite, cmocka_unit_test(test_filenames),
	        cmocka_unit_test(test_no_mail));
	return suite_run(suite, "mail", NULL, NULL);
}
