#include "net/smtp_connection.h"

#include <string.h>

#include "base/clock.h"
#include "base/errors.h"

#define BUFFER_SIZE 4096

struct SmtpConnection {
	Session *session;
	SmtpReader *reader;
	guint abilities;
	guint64 size_max;
	gsize start, end; /* of what is read but not parsed in buffer */
	char buffer[BUFFER_SIZE];
};

/* The words of EHLO. */
static const struct {
	const char *word;
	SmtpAbilities ability;
} abilities[] = {
	{ "PIPELINING", CAN_PIPELINING },
	{ "8BITMIME", CAN_8BITMIME },
	{ "SMTPUTF8", CAN_SMTPUTF8 },
	{ "SIZE", CAN_SIZE },
};

static void
note_ability(SmtpConnection *connection, const char *text)
{
	gsize length = strcspn(text, " =");
	for (gsize i = 0; i < G_N_ELEMENTS(abilities); i++)
		if (strlen(abilities[i].word) == length &&
		        g_ascii_strncasecmp(text, abilities[i].word, length) == 0) {
			connection->abilities |= abilities[i].ability;
			if (abilities[i].ability == CAN_SIZE && text[length] == ' ')
				connection->size_max =
				        g_ascii_strtoull(text + length + 1, NULL, 10);
		}
}

/* The lines libcurl heard hold the greeting and one EHLO before and one after STARTTLS: what a
 * "220" precedes last is what holds now. */
static gboolean
note_greeting(SmtpConnection *connection)
{
	const GPtrArray *lines = session_lines(connection->session);
	gboolean logged_in = FALSE;
	for (guint i = 0; i < lines->len; i++) {
		const char *line = g_ptr_array_index(lines, i);
		if (g_str_has_prefix(line, "220")) {
			connection->abilities = 0;
			connection->size_max = 0;
		} else if (g_str_has_prefix(line, "250") && strlen(line) > 4)
			note_ability(connection, line + 4);
		else if (g_str_has_prefix(line, "235"))
			logged_in = TRUE;
	}
	return logged_in;
}

SmtpConnection *
smtp_connection_open(const Endpoint *endpoint, GError **error)
{
	Session *session = session_open(endpoint, error);
	if (session == NULL)
		return NULL;
	g_autoptr(SmtpConnection) connection = g_new0(SmtpConnection, 1);
	connection->session = session;
	connection->reader = smtp_reader_new();
	if (note_greeting(connection) || endpoint->user == NULL)
		return g_steal_pointer(&connection);
	/* libcurl goes on without a login where no AUTH is offered */
	g_set_error(error, TRIAGED_ERROR, ERROR_REFUSED,
	        "cannot open \"%s\": the server offers no AUTH", endpoint->url);
	return NULL;
}

void
smtp_connection_free(SmtpConnection *connection)
{
	if (connection == NULL)
		return;
	session_free(connection->session);
	smtp_reader_free(connection->reader);
	g_free(connection);
}

gboolean
smtp_connection_can(const SmtpConnection *connection, SmtpAbilities ability)
{
	return (connection->abilities & ability) != 0;
}

guint64
smtp_connection_size_max(const SmtpConnection *connection)
{
	return connection->size_max;
}

Session *
smtp_connection_session(SmtpConnection *connection)
{
	return connection->session;
}

gboolean
smtp_connection_is_open(SmtpConnection *connection)
{
	char byte;
	return connection->start == connection->end &&
	       session_read(connection->session, &byte, 1, NULL) == 0;
}

gboolean
smtp_connection_say(SmtpConnection *connection, const char *text, GError **error)
{
	return session_write(connection->session, text, strlen(text), error);
}

gboolean
smtp_connection_await(SmtpConnection *connection, guint milliseconds)
{
	gint64 end = clock_monotonic() + milliseconds * (gint64)G_TIME_SPAN_MILLISECOND;
	while (connection->start == connection->end) {
		gssize got = session_read(
		        connection->session, connection->buffer, BUFFER_SIZE, NULL);
		gint64 left = end - clock_monotonic();
		connection->start = 0;
		connection->end = (gsize)MAX(got, 0);
		if (got != 0)
			return TRUE;
		if (left <= 0)
			return FALSE;
		if (session_wait(connection->session, NULL, 0, left / 1000 + 1, NULL) <
		        0)
			return TRUE;
	}
	return TRUE;
}

SmtpReply *
smtp_connection_hear(SmtpConnection *connection, guint seconds, GError **error)
{
	SmtpReply *reply = NULL;
	for (;;) {
		gssize taken = smtp_reader_feed(connection->reader,
		        connection->buffer + connection->start,
		        connection->end - connection->start, &reply, error);
		if (taken < 0)
			return NULL;
		connection->start += (gsize)taken;
		if (reply != NULL)
			return reply;
		gssize got = session_await(connection->session, connection->buffer,
		        BUFFER_SIZE, seconds, error);
		if (got < 0)
			return NULL;
		connection->start = 0;
		connection->end = (gsize)got;
	}
}
