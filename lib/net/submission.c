#include "net/submission.h"

#include <string.h>

#include "base/clock.h"
#include "base/errors.h"
#include "base/text.h"
#include "net/smtp_connection.h"
#include "net/smtp_wire.h"

#define WORDS_MAX_CHARS 1000
#define QUIT_SECONDS 2
#define ACCEPT_GRACE_SECONDS                                                           \
	3 /* a cancelled wait for the fate of a mail goes on so long */

struct Submission {
	const Endpoint *endpoint;
	SmtpConnection *connection; /* NULL: not connected */
	gint64 used_at;             /* monotonic */
};

/* One mail on its way. */
typedef struct {
	char *from, *to; /* without <> */
	GBytes *bytes;
	gboolean eight_bit, utf8;
	SubmissionResult *result;
} Transaction;

const char *
submission_outcome_name(SubmissionOutcome outcome)
{
	switch (outcome) {
	case SUBMISSION_SENT: return "sent";
	case SUBMISSION_RETRY: return "retry";
	case SUBMISSION_REFUSED: return "refused";
	case SUBMISSION_UNKNOWN: return "unknown";
	}
	return NULL;
}

Submission *
submission_new(const Endpoint *endpoint)
{
	Submission *submission = g_new0(Submission, 1);
	submission->endpoint = endpoint;
	return submission;
}

static void
disconnect(Submission *submission)
{
	g_clear_pointer(&submission->connection, smtp_connection_free);
}

void
submission_free(Submission *submission)
{
	if (submission == NULL)
		return;
	submission_rest(submission, 0);
	g_free(submission);
}

void
submission_result_clear(SubmissionResult *result)
{
	g_clear_pointer(&result->status, g_free);
	g_clear_pointer(&result->words, g_free);
}

static void
set_result(SubmissionResult *result, SubmissionOutcome outcome, const char *step,
        const char *words)
{
	submission_result_clear(result);
	result->outcome = outcome;
	result->step = step;
	result->code = 0;
	result->words = text_one_line(words, WORDS_MAX_CHARS);
	result->server = result->recipient = FALSE;
}

/* The code of the last thing said before opening failed: 535, 421, 454 ... */
static void
set_opening_failure(SubmissionResult *result, const GError *error)
{
	const char *said = strstr(error->message, "(server: ");
	set_result(result, SUBMISSION_RETRY, "connect", error->message);
	result->server = TRUE;
	if (said == NULL)
		return;
	said += strlen("(server: ");
	if ((said[0] == '4' || said[0] == '5') && strspn(said, "0123456789") == 3)
		result->code = (int)g_ascii_strtoll(said, NULL, 10);
}

static gboolean
connect_to_server(Submission *submission, SubmissionResult *result)
{
	g_autoptr(GError) error = NULL;
	submission->connection = smtp_connection_open(submission->endpoint, &error);
	if (submission->connection == NULL)
		set_opening_failure(result, error);
	return submission->connection != NULL;
}

static gboolean
is_still_open(Submission *submission)
{
	return submission->connection != NULL &&
	       smtp_connection_is_open(submission->connection);
}

static gboolean
is_authentication_code(int code)
{
	return code == 530 || code == 534 || code == 535 || code == 538;
}

static gboolean
status_is(const char *status, const char *subject)
{
	return status != NULL && strncmp(status + 1, subject, strlen(subject)) == 0;
}

/*
 * Whom a refusal concerns. MAIL is about us. At RCPT 5.7.z and x.3.z mean that we may not
 * relay or that the server is full; everything else is the recipient, greylisting (4.7.z) too. After DATA only an
 * address or mailbox status (x.1.z, x.2.z) is about the recipient.
 */
static void
set_blame(SubmissionResult *result)
{
	const char *status = result->status;
	gboolean system = status_is(status, ".3.") && !status_is(status, ".3.4");
	if (result->code == 421 || is_authentication_code(result->code))
		result->server = TRUE;
	else if (g_str_equal(result->step, "mail"))
		result->server = result->code != 552 && !status_is(status, ".3.4");
	else if (g_str_equal(result->step, "rcpt")) {
		result->server =
		        system || (result->code >= 500 && status_is(status, ".7."));
		result->recipient = !result->server;
	} else {
		result->server = system;
		result->recipient =
		        status_is(status, ".1.") || status_is(status, ".2.");
	}
}

/* Judge a reply that is not what the step hoped for. A mail that lacks our AUTH is not
 * refused: the server would not take any. */
static void
set_refusal(SubmissionResult *result, const char *step, const SmtpReply *reply)
{
	gboolean final = reply->code >= 500 && !is_authentication_code(reply->code);
	set_result(result, final ? SUBMISSION_REFUSED : SUBMISSION_RETRY, step,
	        reply->words);
	result->code = reply->code;
	result->status = g_strdup(reply->status);
	set_blame(result);
}

/* The connection is lost or nothing sensible comes. Once the server has taken MAIL, it may be
 * this recipient or this mail that it chokes on: the next one will tell. */
static void
set_lost(Submission *submission, SubmissionResult *result, const char *step,
        const GError *error)
{
	set_result(result, SUBMISSION_RETRY, step, error->message);
	result->server = g_str_equal(step, "mail");
	disconnect(submission);
}

/* "MAIL FROM:<a@b> SIZE=123", in one write with the other two where the server pipelines. */
static char *
mail_command(const Submission *submission, const Transaction *transaction)
{
	g_autoptr(GString) command = g_string_new(NULL);
	g_string_printf(command, "MAIL FROM:<%s>", transaction->from);
	if (smtp_connection_can(submission->connection, CAN_SIZE))
		g_string_append_printf(
		        command, " SIZE=%zu", g_bytes_get_size(transaction->bytes));
	if (transaction->eight_bit)
		g_string_append(command, " BODY=8BITMIME");
	if (transaction->utf8)
		g_string_append(command, " SMTPUTF8");
	g_string_append(command, "\r\n");
	return g_string_free(g_steal_pointer(&command), FALSE);
}

/* Hear one reply of the envelope. Returns whether it is as wanted; only the first that is not
 * counts for the result. */
static gboolean
hear_step(Submission *submission, SubmissionResult *result, const char *step,
        gboolean failed)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SmtpReply) reply = smtp_connection_hear(
	        submission->connection, submission->endpoint->answer_seconds, &error);
	if (reply == NULL) {
		if (!failed)
			set_lost(submission, result, step, error);
		disconnect(submission);
		return FALSE;
	}
	gboolean wanted =
	        g_str_equal(step, "data") ? reply->code == 354 : reply->code / 100 == 2;
	if (!wanted && !failed)
		set_refusal(result, step, reply);
	if (reply->code == 421 || (failed && reply->code == 354))
		disconnect(submission); /* never a dot for a mail that was refused */
	return wanted;
}

static gboolean
say(Submission *submission, SubmissionResult *result, const char *step,
        const char *text)
{
	g_autoptr(GError) error = NULL;
	if (smtp_connection_say(submission->connection, text, &error))
		return TRUE;
	set_lost(submission, result, step, error);
	return FALSE;
}

/* MAIL, RCPT, DATA (RFC 2920 3.1). Returns whether the server now waits for the mail. */
static gboolean
send_envelope(Submission *submission, const Transaction *transaction)
{
	static const char *const steps[] = { "mail", "rcpt", "data" };
	SubmissionResult *result = transaction->result;
	g_autofree char *mail = mail_command(submission, transaction);
	g_autofree char *rcpt = g_strdup_printf("RCPT TO:<%s>\r\n", transaction->to);
	const char *const commands[] = { mail, rcpt, "DATA\r\n" };
	g_autofree char *all = g_strconcat(mail, rcpt, commands[2], NULL);
	gboolean pipelining =
	        smtp_connection_can(submission->connection, CAN_PIPELINING);
	gboolean failed = FALSE;
	if (pipelining && !say(submission, result, "mail", all))
		return FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
		if (!pipelining && !say(submission, result, steps[i], commands[i]))
			return FALSE;
		failed |= !hear_step(submission, result, steps[i], failed);
		if (submission->connection == NULL || (failed && !pipelining))
			return FALSE;
	}
	return !failed;
}

/* Hear the mail's fate. NULL: nobody knows it. */
static SmtpReply *
hear_fate(Submission *submission, GError **error)
{
	SmtpConnection *connection = submission->connection;
	session_set_grace(smtp_connection_session(connection), ACCEPT_GRACE_SECONDS);
	g_autoptr(SmtpReply) reply = smtp_connection_hear(
	        connection, submission->endpoint->accept_seconds, error);
	session_set_grace(smtp_connection_session(connection), 0);
	if (reply == NULL || reply->code / 100 != 3)
		return g_steal_pointer(&reply);
	g_set_error(error, TRIAGED_ERROR, ERROR_TEMPORARY,
	        "the server says %d to a whole mail", reply->code);
	return NULL;
}

/* Until the final dot is written no server can have accepted the mail; from then on only its
 * reply tells. */
static void
send_message(Submission *submission, const Transaction *transaction)
{
	SubmissionResult *result = transaction->result;
	Session *session = smtp_connection_session(submission->connection);
	g_autoptr(GError) error = NULL;
	g_autoptr(GByteArray) wire = smtp_wire_message(transaction->bytes);
	if (!session_write(session, wire->data, wire->len, &error) ||
	        !session_write(session, ".\r\n", 3, &error)) {
		set_lost(submission, result, "message", error);
		return;
	}
	g_autoptr(SmtpReply) reply = hear_fate(submission, &error);
	if (reply == NULL) {
		set_lost(submission, result, "message", error);
		result->outcome = SUBMISSION_UNKNOWN;
		return;
	}
	set_refusal(result, "message", reply);
	if (reply->code / 100 == 2) {
		result->outcome = SUBMISSION_SENT;
		result->server = result->recipient = FALSE;
	}
	if (reply->code == 421)
		disconnect(submission);
}

/* After a refused envelope the server may still hold a half one. */
static void
reset(Submission *submission)
{
	SubmissionResult ignored = { 0 };
	if (submission->connection == NULL)
		return;
	if (!say(submission, &ignored, "reset", "RSET\r\n") ||
	        !hear_step(submission, &ignored, "reset", FALSE))
		disconnect(submission);
	submission_result_clear(&ignored);
}

/* What no server could be told, before connecting to one. */
static gboolean
prepare(Transaction *transaction, const char *from, const char *to)
{
	gsize size;
	const char *bytes = g_bytes_get_data(transaction->bytes, &size);
	transaction->from = smtp_wire_address(from);
	transaction->to = smtp_wire_address(to);
	if (transaction->from == NULL || transaction->to == NULL ||
	        *transaction->to == '\0') {
		set_result(transaction->result, SUBMISSION_REFUSED, "rcpt",
		        "the address cannot be said in SMTP");
		transaction->result->recipient = transaction->from != NULL;
		return FALSE;
	}
	transaction->eight_bit = smtp_wire_has_eight_bit(bytes, size);
	transaction->utf8 =
	        smtp_wire_has_eight_bit(transaction->from, strlen(transaction->from)) ||
	        smtp_wire_has_eight_bit(transaction->to, strlen(transaction->to));
	return TRUE;
}

/* What this server cannot take. */
static gboolean
check_abilities(const Submission *submission, const Transaction *transaction)
{
	guint64 size_max = smtp_connection_size_max(submission->connection);
	const char *lack = NULL;
	if (transaction->utf8 &&
	        !smtp_connection_can(submission->connection, CAN_SMTPUTF8))
		lack = "the server takes no international addresses (SMTPUTF8)";
	else if (transaction->eight_bit &&
	         !smtp_connection_can(submission->connection, CAN_8BITMIME))
		lack = "the server takes no 8-bit mail (8BITMIME)";
	else if (size_max > 0 && g_bytes_get_size(transaction->bytes) > size_max)
		lack = "the mail is larger than the server takes (SIZE)";
	if (lack == NULL)
		return TRUE;
	set_result(transaction->result, SUBMISSION_REFUSED, "mail", lack);
	return FALSE;
}

static void
run(Submission *submission, const Transaction *transaction)
{
	if (!check_abilities(submission, transaction))
		return;
	if (send_envelope(submission, transaction))
		send_message(submission, transaction);
	else
		reset(submission);
	submission->used_at = clock_monotonic();
}

/* A kept connection may have died unseen; MAIL then finds out, and a new one is fair. */
static gboolean
was_stale(const SubmissionResult *result)
{
	return result->outcome == SUBMISSION_RETRY &&
	       g_str_equal(result->step, "mail") &&
	       (result->code == 0 || result->code == 421);
}

void
submit(Submission *submission, const char *envelope_from, const char *recipient,
        GBytes *bytes, SubmissionResult *result)
{
	Transaction transaction = { .bytes = bytes, .result = result };
	*result = (SubmissionResult){ 0 };
	gboolean kept = is_still_open(submission);
	if (!kept)
		disconnect(submission);
	if (prepare(&transaction, envelope_from, recipient) &&
	        (kept || connect_to_server(submission, result)))
		run(submission, &transaction);
	if (kept && was_stale(result)) {
		disconnect(submission);
		if (connect_to_server(submission, result))
			run(submission, &transaction);
	}
	g_free(transaction.from);
	g_free(transaction.to);
}

void
submission_rest(Submission *submission, guint idle_seconds)
{
	gint64 idle = clock_monotonic() - submission->used_at;
	SubmissionResult ignored = { 0 };
	if (submission->connection == NULL ||
	        idle < (gint64)idle_seconds * G_USEC_PER_SEC)
		return;
	if (is_still_open(submission) && say(submission, &ignored, "quit", "QUIT\r\n"))
		smtp_reply_free(smtp_connection_hear(
		        submission->connection, QUIT_SECONDS, NULL));
	submission_result_clear(&ignored);
	disconnect(submission);
}
