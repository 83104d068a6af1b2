#include "net/smtp_reply.h"

#include <string.h>

#include "base/errors.h"
#include "base/text.h"

#define LINE_BYTES_MAX 4096 /* RFC 5321 4.5.3.1.5 says 512; some say more */
#define LINES_MAX 200       /* of one reply */
#define WORDS_MAX_CHARS 1000

struct SmtpReader {
	GString *line;
	GString *words; /* of the reply's lines so far */
	char *status;
	guint lines;
	int code; /* of the reply's first line; 0 before it */
	gboolean broken;
};

void
smtp_reply_free(SmtpReply *reply)
{
	if (reply == NULL)
		return;
	g_free(reply->status);
	g_free(reply->words);
	g_free(reply);
}

SmtpReader *
smtp_reader_new(void)
{
	SmtpReader *reader = g_new0(SmtpReader, 1);
	reader->line = g_string_new(NULL);
	reader->words = g_string_new(NULL);
	return reader;
}

void
smtp_reader_free(SmtpReader *reader)
{
	if (reader == NULL)
		return;
	g_string_free(reader->line, TRUE);
	g_string_free(reader->words, TRUE);
	g_free(reader->status);
	g_free(reader);
}

/* Skip ".123"; NULL when it does not stand there. */
static const char *
skip_number(const char *text)
{
	if (text == NULL || *text != '.')
		return NULL;
	gsize digits = strspn(text + 1, "0123456789");
	return digits >= 1 && digits <= 3 ? text + 1 + digits : NULL;
}

char *
smtp_status_parse(const char *text, char class_digit, const char **rest)
{
	*rest = text;
	if (text[0] != class_digit)
		return NULL;
	const char *end = skip_number(skip_number(text + 1));
	if (end == NULL || (*end != ' ' && *end != '\0'))
		return NULL;
	*rest = *end == ' ' ? end + 1 : end;
	return g_strndup(text, (gsize)(end - text));
}

static gboolean
set_broken(SmtpReader *reader, const char *what, GError **error)
{
	reader->broken = TRUE;
	g_set_error(error, TRIAGED_ERROR, ERROR_TEMPORARY,
	        "the server does not speak SMTP: %s", what);
	return FALSE;
}

/* The code of "250-words", "250 words" or "250"; 0 when it is none of them. */
static int
line_code(const char *line)
{
	if (line[0] < '2' || line[0] > '5' || !g_ascii_isdigit(line[1]) ||
	        !g_ascii_isdigit(line[2]) || strchr(" -", line[3]) == NULL)
		return 0;
	return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

static void
add_words(SmtpReader *reader, const char *line)
{
	const char *rest;
	g_autofree char *status =
	        line[3] == '\0' ? NULL : smtp_status_parse(line + 4, line[0], &rest);
	const char *words = line[3] == '\0' ? "" : rest;
	if (reader->status == NULL)
		reader->status = g_steal_pointer(&status);
	if (reader->words->len > 0 && *words != '\0')
		g_string_append_c(reader->words, ' ');
	g_string_append(reader->words, words);
}

static SmtpReply *
finish_reply(SmtpReader *reader)
{
	g_autofree char *utf8 = text_to_utf8(reader->words->str, -1);
	SmtpReply *reply = g_new0(SmtpReply, 1);
	reply->code = reader->code;
	reply->status = g_steal_pointer(&reader->status);
	reply->words = text_one_line(utf8, WORDS_MAX_CHARS);
	g_string_truncate(reader->words, 0);
	reader->code = 0;
	reader->lines = 0;
	return reply;
}

static gboolean
end_line(SmtpReader *reader, SmtpReply **reply, GError **error)
{
	char *line = reader->line->str;
	if (strlen(line) != reader->line->len)
		return set_broken(reader, "a NUL byte", error);
	g_strchomp(line);
	int code = line_code(line);
	if (code == 0)
		return set_broken(reader, "a line without a code", error);
	if (reader->code != 0 && reader->code != code)
		return set_broken(reader, "a reply of two codes", error);
	if (++reader->lines > LINES_MAX)
		return set_broken(reader, "an endless reply", error);
	reader->code = code;
	add_words(reader, line);
	if (line[3] != '-')
		*reply = finish_reply(reader);
	g_string_truncate(reader->line, 0);
	return TRUE;
}

gssize
smtp_reader_feed(SmtpReader *reader, const void *bytes, gsize size, SmtpReply **reply,
        GError **error)
{
	const char *at = bytes;
	const char *end = at + size;
	*reply = NULL;
	if (reader->broken && !set_broken(reader, "broken before", error))
		return -1;
	while (at < end && *reply == NULL) {
		const char *newline = memchr(at, '\n', (gsize)(end - at));
		gsize taken = (gsize)((newline != NULL ? newline + 1 : end) - at);
		if (reader->line->len + taken > LINE_BYTES_MAX) {
			set_broken(reader, "an overlong line", error);
			return -1;
		}
		g_string_append_len(reader->line, at, (gssize)taken);
		at += taken;
		if (newline != NULL && !end_line(reader, reply, error))
			return -1;
	}
	return at - (const char *)bytes;
}
