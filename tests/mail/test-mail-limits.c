#include <string.h>

#include "mail/mail.h"
#include "tests/slowness.h"
#include "tests/suite.h"

#define BOMB_SIZE (8 * 1024 * 1024)
/* Seconds; sanitizers and a busy machine included. */
#define PATIENCE 10

static const char mixed[] = "Content-Type: multipart/mixed; boundary=b\n\n";

static void
repeat(GString *mail, const char *text)
{
	while (mail->len < BOMB_SIZE)
		g_string_append(mail, text);
}

static void
many_parts(GString *mail)
{
	g_string_append(mail, mixed);
	repeat(mail, "--b\n\n");
}

static void
deep_multiparts(GString *mail)
{
	for (int i = 0; mail->len < BOMB_SIZE; i++)
		g_string_append_printf(mail,
		        "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
}

static void
deep_same_boundary(GString *mail)
{
	repeat(mail, "Content-Type: multipart/mixed; boundary=b\n\n--b\n");
}

static void
deep_messages(GString *mail)
{
	repeat(mail, "Content-Type: message/rfc822\n\n");
}

static void
deep_files(GString *mail)
{
	repeat(mail, "Content-Type: text/plain; name=a.eml\n\n");
}

static void
deep_base64(GString *mail)
{
	g_autofree char *text = g_strdup("Subject: x\n\nfondo\n");
	for (int i = 0; i < 30; i++) {
		g_autofree char *base64 =
		        g_base64_encode((const guchar *)text, strlen(text));
		g_free(text);
		text = g_strdup_printf(
		        "Subject: %d\nContent-Type: application/octet-stream; "
		        "name=a.eml\nContent-Transfer-Encoding: base64\n\n%s\n",
		        i, base64);
	}
	g_string_append(mail, text);
}

static void
many_fields(GString *mail)
{
	repeat(mail, "a:\n");
}

static void
long_field(GString *mail)
{
	g_string_append(mail, "Subject:");
	repeat(mail, " x\n");
}

static void
part_fields(GString *mail)
{
	g_string_append(mail, mixed);
	g_string_append(mail, "--b\n");
	repeat(mail, "X-A: b\n");
}

static void
many_recipients(GString *mail)
{
	g_string_append(mail, "To: a@example.it");
	for (int i = 0; i < 10000; i++)
		g_string_append_printf(mail, ",\n a%d@example.it", i);
	g_string_append(mail, "\n\nCiao\n");
}

static void
long_text(GString *mail)
{
	g_string_append(mail, "Subject: x\n\n");
	repeat(mail, "riga di testo\n");
}

static void
long_line(GString *mail)
{
	g_string_append(mail, "Subject: x\n\n");
	repeat(mail, "testo senza fine ");
}

static void
long_html(GString *mail)
{
	g_string_append(mail, "Content-Type: text/html\n\n");
	while (mail->len < 2 * BOMB_SIZE)
		g_string_append(mail, "<p>testo</p>");
}

static void
long_base64(GString *mail)
{
	g_string_append(mail, "Content-Transfer-Encoding: base64\n\n");
	repeat(mail, "UmlnYSBkaSB0ZXN0bwpSaWdhIGRpIHRlc3RvClJpZ2EgZGkgdGVzdG8K\n");
}

static void
flowed_text(GString *mail)
{
	g_string_append(mail, "Content-Type: text/plain; format=flowed\n\n");
	repeat(mail, ">>>>>>>>>>>>>>>>> x \n");
}

static void
guessed_boundary(GString *mail)
{
	g_string_append(mail, "Content-Type: multipart/mixed\n\n");
	repeat(mail, "--x\nContent-Type: multipart/mixed\n\n");
}

static void
dashes(GString *mail)
{
	g_string_append(mail, mixed);
	repeat(mail, "--c\n");
}

static const struct bomb {
	const char *name;
	void (*fill)(GString *mail);
	const char *limit; /* NULL: none, or whichever */
} bombs[] = {
	{ "many parts", many_parts, "parts" },
	{ "deep multiparts", deep_multiparts, "depth" },
	{ "deep, one boundary", deep_same_boundary, "parts" },
	{ "deep messages", deep_messages, "depth" },
	{ "deep files", deep_files, "depth" },
	{ "deep base64", deep_base64, "depth" },
	{ "many fields", many_fields, "header" },
	{ "long field", long_field, "header" },
	{ "part with many fields", part_fields, "header of a part" },
	{ "many recipients", many_recipients, "header" },
	{ "long text", long_text, "text" },
	{ "long line", long_line, "text" },
	{ "long html", long_html, "text" },
	{ "long base64", long_base64, "text" },
	{ "flowed", flowed_text, "text" },
	{ "guessed boundary", guessed_boundary, "parts" },
	{ "dashes", dashes, NULL },
};

typedef struct {
	guint parts, depth;
	gsize text;
} Extent;

static void
measure(const Part *part, guint depth, gpointer data)
{
	Extent *extent = data;
	extent->parts++;
	extent->depth = MAX(extent->depth, depth);
	if (part->text != NULL)
		extent->text = MAX(extent->text, strlen(part->text));
}

static void
test_bomb(void **state)
{
	const struct bomb *bomb = *state;
	g_autoptr(GString) text = g_string_new(NULL);
	bomb->fill(text);
	g_autoptr(GBytes) bytes = g_bytes_new_static(text->str, text->len);
	gint64 start = g_get_monotonic_time();
	g_autoptr(Mail) mail = mail_parse(bytes, &MAIL_LIMITS_DEFAULT, NULL);
	gint64 took = g_get_monotonic_time() - start;
	print_message("%s: %d ms, limit %s\n", bomb->name, (int)(took / 1000),
	        mail->limit != NULL ? mail->limit : "none");
	Extent extent = { 0 };
	mail_walk(mail, measure, &extent);
	assert_true(extent.parts <= MAIL_LIMITS_DEFAULT.parts);
	assert_true(extent.depth <= MAIL_LIMITS_DEFAULT.depth);
	assert_true(extent.text <= MAIL_LIMITS_DEFAULT.text + 64);
	if (bomb->limit != NULL) {
		assert_string_equal(mail->limit, bomb->limit);
		assert_true(mail->truncated);
	}
	assert_true(took < PATIENCE * slowness() * (gint64)G_USEC_PER_SEC);
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, bombs, test_bomb);
	return suite_run(suite, "mail-limits", NULL, NULL);
}
