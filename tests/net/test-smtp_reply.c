#include <string.h>

#include "base/errors.h"
#include "net/smtp_reply.h"
#include "tests/suite.h"

/* What a server says, and "CODE STATUS WORDS" of each reply; "!" is an error. */
static const struct sample {
	const char *name, *said, *wanted;
	gsize size; /* of said, where it holds NUL bytes */
} samples[] = {
	{ .name = "one line", .said = "250 2.1.0 ok\r\n", .wanted = "250 2.1.0 ok\n" },
	{ .name = "no status",
	        .said = "250 ok\r\n250\r\n250 \r\n",
	        .wanted = "250 - ok\n250 - \n250 - \n" },
	{ .name = "lines",
	        .said = "550-5.1.1 no such\r\n550-5.1.1\r\n550 5.1.1 user\r\n",
	        .wanted = "550 5.1.1 no such user\n" },
	{ .name = "status of another class",
	        .said = "550 4.1.1 x\r\n",
	        .wanted = "550 - 4.1.1 x\n" },
	{ .name = "no real status",
	        .said = "550 5.1 x\r\n550 5.1.1x\r\n550 5.1234.1 x\r\n",
	        .wanted = "550 - 5.1 x\n550 - 5.1.1x\n550 - 5.1234.1 x\n" },
	{ .name = "bare LF", .said = "250 ok\n", .wanted = "250 - ok\n" },
	{ .name = "control characters",
	        .said = "250 a\tb\033[1mc\r\n",
	        .wanted = "250 - a b [1mc\n" },
	{ .name = "two codes", .said = "250-a\r\n550 b\r\n", .wanted = "!" },
	{ .name = "no code", .said = "hello\r\n", .wanted = "!" },
	{ .name = "code too small", .said = "150 a\r\n", .wanted = "!" },
	{ .name = "code too large", .said = "600 a\r\n", .wanted = "!" },
	{ .name = "code too long", .said = "2500 a\r\n", .wanted = "!" },
	{ .name = "empty line", .said = "\r\n", .wanted = "!" },
	{ .name = "NUL", .said = "250 a\0b\r\n", .size = 9, .wanted = "!" },
	{ .name = "reply, then rubbish",
	        .said = "250 a\r\nwhat?\r\n250 b\r\n",
	        .wanted = "250 - a\n!" },
};

static char *
read_all(const char *said, gsize size, gsize piece)
{
	g_autoptr(SmtpReader) reader = smtp_reader_new();
	g_autoptr(GError) error = NULL;
	GString *out = g_string_new(NULL);
	for (gsize at = 0; at < size && error == NULL;) {
		g_autoptr(SmtpReply) reply = NULL;
		gssize taken = smtp_reader_feed(
		        reader, said + at, MIN(piece, size - at), &reply, &error);
		if (reply != NULL)
			g_string_append_printf(out, "%d %s %s\n", reply->code,
			        reply->status != NULL ? reply->status : "-",
			        reply->words);
		if (taken < 0)
			g_string_append_c(out, '!');
		at += taken > 0 ? (gsize)taken : 0;
	}
	if (error != NULL)
		assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_TEMPORARY));
	return g_string_free(out, FALSE);
}

static void
test_sample(void **state)
{
	const struct sample *sample = *state;
	gsize size = sample->size != 0 ? sample->size : strlen(sample->said);
	for (gsize piece = 1; piece <= size; piece++) {
		g_autofree char *out = read_all(sample->said, size, piece);
		assert_string_equal(out, sample->wanted);
	}
}

static void
test_limits(void **state)
{
	(void)state;
	g_autoptr(GString) line = g_string_new("250 ");
	g_autoptr(GString) reply = g_string_new(NULL);
	while (line->len <= 4096)
		g_string_append_c(line, 'x');
	g_autofree char *overlong = read_all(line->str, line->len, line->len);
	assert_string_equal(overlong, "!");
	for (int i = 0; i <= 200; i++)
		g_string_append(reply, "250-x\r\n");
	g_autofree char *endless = read_all(reply->str, reply->len, reply->len);
	assert_string_equal(endless, "!");
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, samples, test_sample);
	suite_add(suite, cmocka_unit_test(test_limits));
	return suite_run(suite, "smtp_reply", NULL, NULL);
}
