#include "net/submission.h"

#include "base/errors.h"
#include "net/smtp_connection.h"

static void
add_line(GPtrArray *lines, const char *line)
{
	g_ptr_array_add(lines, g_strdup(line));
}

static void
probe_abilities(SmtpConnection *connection, GPtrArray *lines)
{
	static const struct {
		SmtpAbilities ability;
		const char *present, *absent;
	} facts[] = {
		{ CAN_PIPELINING, "takes commands together (PIPELINING)",
		        "takes one command at a time (no PIPELINING)" },
		{ CAN_8BITMIME, "takes 8-bit mail (8BITMIME)",
		        "takes 7-bit mail only" },
		{ CAN_SMTPUTF8, "takes international addresses (SMTPUTF8)",
		        "takes ASCII addresses only" },
	};
	guint64 size = smtp_connection_size_max(connection);
	for (gsize i = 0; i < G_N_ELEMENTS(facts); i++)
		add_line(lines, smtp_connection_can(connection, facts[i].ability)
		                        ? facts[i].present
		                        : facts[i].absent);
	if (size > 0)
		g_ptr_array_add(
		        lines, g_strdup_printf("takes mails of up to %" G_GUINT64_FORMAT
		                               " bytes (SIZE)",
		                       size));
	else
		add_line(lines, "does not say how large a mail may be (SIZE)");
}

static SmtpReply *
ask(SmtpConnection *connection, const Endpoint *endpoint, const char *command,
        GError **error)
{
	return smtp_connection_say(connection, command, error)
	               ? smtp_connection_hear(
	                         connection, endpoint->answer_seconds, error)
	               : NULL;
}

static gboolean
probe_sender(SmtpConnection *connection, const Endpoint *endpoint, const char *from,
        GPtrArray *lines, GError **error)
{
	g_autofree char *command = g_strdup_printf("MAIL FROM:<%s>\r\n", from);
	g_autoptr(SmtpReply) reply = ask(connection, endpoint, command, error);
	if (reply == NULL)
		return FALSE;
	if (reply->code / 100 != 2) {
		g_set_error(error, TRIAGED_ERROR, ERROR_REFUSED,
		        "the server refuses the envelope sender <%s>: %d %s", from,
		        reply->code, reply->words);
		return FALSE;
	}
	g_ptr_array_add(lines, g_strdup_printf("takes the envelope sender <%s>%s", from,
	                               *from == '\0' ? " (null sender)" : ""));
	return TRUE;
}

GPtrArray *
submission_probe(const Endpoint *endpoint, const char *envelope_from, GError **error)
{
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(SmtpConnection) connection = smtp_connection_open(endpoint, error);
	if (connection == NULL)
		return NULL;
	g_ptr_array_add(
	        lines, session_describe_tls(smtp_connection_session(connection)));
	add_line(lines,
	        endpoint->user != NULL ? "login accepted" : "no login asked for");
	probe_abilities(connection, lines);
	if (!probe_sender(connection, endpoint, envelope_from, lines, error))
		return NULL;
	smtp_reply_free(ask(connection, endpoint, "RSET\r\n", NULL));
	smtp_reply_free(ask(connection, endpoint, "QUIT\r\n", NULL));
	return g_steal_pointer(&lines);
}
