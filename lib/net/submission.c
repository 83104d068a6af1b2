#include "net/submission.h"

#include <string.h>

#include "base/clock.h"
#include "base/errors.h"
#include "net/smtp_connection.h"
#include "net/smtp_wire.h"
#include "net/submission_result.h"

#define QUIT_SECONDS 2
#define ACCEPT_GRACE_SECONDS                                                           \
	3              /* a cancelled wait for the fate of a mail goes on so long */
#define BEHIND_MS 1000 /* a mail waits so long for the fate of the one before it */
#define DOT ".\r\n"

struct Submission {
	const Endpoint *endpoint;
	SmtpConnection *connection; /* NULL: not connected */
	gint64 used_at;             /* monotonic */
};

/* One mail on its way. */
typedef struct {
	SubmissionMail *mail; /* NULL: none */
	char *from, *to;      /* without <> */
	gboolean eight_bit, utf8;
} Transaction;

/* Mails on their way over one connection: the envelope of the next goes out with the final dot
 * of the one before it, so that each costs one round trip instead of two (RFC 2920). */
typedef struct {
	Submission *submission;
	const SubmissionFeed *feed; /* or NULL */
	Transaction now;
	Transaction next; /* its envelope is said, its replies are not heard */
	gboolean stray;   /* an envelope is said with which nobody will go on */
} Run;

static void
transaction_clear(Transaction *transaction)
{
	g_free(transaction->from);
	g_free(transaction->to);
	*transaction = (Transaction){ 0 };
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

static gboolean
connect_to_server(Submission *submission, SubmissionResult *result)
{
	g_autoptr(GError) error = NULL;
	submission->connection = smtp_connection_open(submission->endpoint, &error);
	if (submission->connection == NULL)
		submission_result_set_opening(result, error);
	return submission->connection != NULL;
}

static gboolean
is_still_open(Submission *submission)
{
	return submission->connection != NULL &&
	       smtp_connection_is_open(submission->connection);
}

/* The connection is lost or nothing sensible comes. Once the server has taken MAIL, it may be
 * this recipient or this mail that it chokes on: the next one will tell. */
static void
set_lost(Submission *submission, SubmissionResult *result, const char *step,
        const GError *error)
{
	submission_result_set(result, SUBMISSION_RETRY, step, error->message);
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
		g_string_append_printf(command, " SIZE=%zu",
		        g_bytes_get_size(transaction->mail->bytes));
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
		submission_result_set_reply(result, step, reply);
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

static const char *const envelope_steps[] = { "mail", "rcpt", "data" };

/* MAIL, RCPT, DATA, for one write (RFC 2920 3.1). */
static char *
envelope_text(const Submission *submission, const Transaction *transaction)
{
	g_autofree char *mail = mail_command(submission, transaction);
	return g_strdup_printf("%sRCPT TO:<%s>\r\nDATA\r\n", mail, transaction->to);
}

/* Hear what comes to an envelope that was said at once. Returns whether the server now waits
 * for the mail. */
static gboolean
hear_envelope(Submission *submission, const Transaction *transaction)
{
	gboolean failed = FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(envelope_steps); i++) {
		failed |= !hear_step(submission, &transaction->mail->result,
		        envelope_steps[i], failed);
		if (submission->connection == NULL)
			return FALSE;
	}
	return !failed;
}

/* The same command by command, for a server that does not pipeline. */
static gboolean
step_through_envelope(Submission *submission, const Transaction *transaction)
{
	SubmissionResult *result = &transaction->mail->result;
	g_autofree char *mail = mail_command(submission, transaction);
	g_autofree char *rcpt = g_strdup_printf("RCPT TO:<%s>\r\n", transaction->to);
	const char *const commands[] = { mail, rcpt, "DATA\r\n" };
	for (gsize i = 0; i < G_N_ELEMENTS(envelope_steps); i++)
		if (!say(submission, result, envelope_steps[i], commands[i]) ||
		        !hear_step(submission, result, envelope_steps[i], FALSE))
			return FALSE;
	return TRUE;
}

static gboolean
send_envelope(Submission *submission, const Transaction *transaction)
{
	if (!smtp_connection_can(submission->connection, CAN_PIPELINING))
		return step_through_envelope(submission, transaction);
	g_autofree char *text = envelope_text(submission, transaction);
	return say(submission, &transaction->mail->result, "mail", text) &&
	       hear_envelope(submission, transaction);
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
prepare(Transaction *transaction, SubmissionMail *mail)
{
	gsize size;
	const char *bytes = g_bytes_get_data(mail->bytes, &size);
	transaction_clear(transaction);
	transaction->mail = mail;
	transaction->from = smtp_wire_address(mail->envelope_from);
	transaction->to = smtp_wire_address(mail->recipient);
	if (transaction->from == NULL || transaction->to == NULL ||
	        *transaction->to == '\0') {
		submission_result_set(&mail->result, SUBMISSION_REFUSED, "rcpt",
		        "the address cannot be said in SMTP");
		mail->result.recipient = transaction->from != NULL;
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
	SubmissionMail *mail = transaction->mail;
	const char *lack = NULL;
	if (transaction->utf8 &&
	        !smtp_connection_can(submission->connection, CAN_SMTPUTF8))
		lack = "the server takes no international addresses (SMTPUTF8)";
	else if (transaction->eight_bit &&
	         !smtp_connection_can(submission->connection, CAN_8BITMIME))
		lack = "the server takes no 8-bit mail (8BITMIME)";
	else if (size_max > 0 && g_bytes_get_size(mail->bytes) > size_max)
		lack = "the mail is larger than the server takes (SIZE)";
	if (lack == NULL)
		return TRUE;
	submission_result_set(&mail->result, SUBMISSION_REFUSED, "mail", lack);
	return FALSE;
}

/* The mail that goes behind the present one: its envelope, or NULL where none can. */
static char *
look_ahead(Run *run)
{
	const SubmissionFeed *feed = run->feed;
	if (feed == NULL ||
	        !smtp_connection_can(run->submission->connection, CAN_PIPELINING))
		return NULL;
	SubmissionMail *mail = feed->next(feed->data);
	if (mail == NULL)
		return NULL;
	if (prepare(&run->next, mail) && check_abilities(run->submission, &run->next))
		return envelope_text(run->submission, &run->next);
	transaction_clear(&run->next);
	feed->end(mail, feed->data);
	return NULL;
}

static void
give_back(Run *run, Transaction *transaction)
{
	SubmissionMail *mail = transaction->mail;
	transaction_clear(transaction);
	submission_result_clear(&mail->result);
	mail->result = (SubmissionResult){ 0 };
	run->feed->give_back(mail, run->feed->data);
}

/* Hear the mail's fate. NULL: nobody knows it. The next mail does not wait for a server that
 * dawdles over this one: none of its bytes are out, another connection may have it. */
static SmtpReply *
hear_fate(Run *run, GError **error)
{
	SmtpConnection *connection = run->submission->connection;
	session_set_grace(smtp_connection_session(connection), ACCEPT_GRACE_SECONDS);
	if (run->next.mail != NULL && !smtp_connection_await(connection, BEHIND_MS)) {
		give_back(run, &run->next);
		run->stray = TRUE;
	}
	g_autoptr(SmtpReply) reply = smtp_connection_hear(
	        connection, run->submission->endpoint->accept_seconds, error);
	session_set_grace(smtp_connection_session(connection), 0);
	if (reply == NULL || reply->code / 100 != 3)
		return g_steal_pointer(&reply);
	g_set_error(error, TRIAGED_ERROR, ERROR_TEMPORARY,
	        "the server says %d to a whole mail", reply->code);
	return NULL;
}

/* The final dot, and with it the next mail's envelope. Until the dot is written no server can
 * have accepted the mail. */
static gboolean
end_message(Run *run, SubmissionResult *result)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *next = look_ahead(run);
	g_autofree char *text = g_strconcat(DOT, next, NULL);
	Session *session = smtp_connection_session(run->submission->connection);
	if (session_write(session, text, strlen(text), &error))
		return TRUE;
	gboolean dot = session_written(session) >= strlen(DOT);
	set_lost(run->submission, result, "message", error);
	if (dot)
		result->outcome = SUBMISSION_UNKNOWN;
	return FALSE;
}

/* From the dot on only the mail's reply tells its fate. */
static void
send_message(Run *run)
{
	Submission *submission = run->submission;
	SubmissionResult *result = &run->now.mail->result;
	Session *session = smtp_connection_session(submission->connection);
	g_autoptr(GError) error = NULL;
	g_autoptr(GByteArray) wire = smtp_wire_message(run->now.mail->bytes);
	if (!session_write(session, wire->data, wire->len, &error)) {
		set_lost(submission, result, "message", error);
		return;
	}
	if (!end_message(run, result))
		return;
	g_autoptr(SmtpReply) reply = hear_fate(run, &error);
	if (reply == NULL) {
		set_lost(submission, result, "message", error);
		result->outcome = SUBMISSION_UNKNOWN;
		return;
	}
	submission_result_set_reply(result, "message", reply);
	if (reply->code / 100 == 2) {
		result->outcome = SUBMISSION_SENT;
		result->server = result->recipient = FALSE;
	}
	if (reply->code == 421 || run->stray)
		disconnect(submission);
}

static void
run_transaction(Run *run)
{
	if (!check_abilities(run->submission, &run->now))
		return;
	if (send_envelope(run->submission, &run->now))
		send_message(run);
	else
		reset(run->submission);
	run->submission->used_at = clock_monotonic();
}

/* A kept connection may have died unseen; MAIL then finds out, and a new one is fair. */
static gboolean
was_stale(const SubmissionResult *result)
{
	return result->outcome == SUBMISSION_RETRY &&
	       g_str_equal(result->step, "mail") &&
	       (result->code == 0 || result->code == 421);
}

static void
run_first(Run *run, SubmissionMail *mail)
{
	Submission *submission = run->submission;
	SubmissionResult *result = &mail->result;
	*result = (SubmissionResult){ 0 };
	gboolean kept = is_still_open(submission);
	if (!kept)
		disconnect(submission);
	if (prepare(&run->now, mail) && (kept || connect_to_server(submission, result)))
		run_transaction(run);
	if (!kept || !was_stale(result))
		return;
	disconnect(submission);
	if (connect_to_server(submission, result))
		run_transaction(run);
}

/* Go on with the mail whose envelope went out behind the one before it. What the connection
 * does not let go on has not begun, and is given back. */
static gboolean
run_next(Run *run)
{
	Submission *submission = run->submission;
	const SubmissionFeed *feed = run->feed;
	SubmissionMail *mail = run->now.mail;
	if (submission->connection == NULL)
		return FALSE;
	gboolean wanted = hear_envelope(submission, &run->now);
	if (wanted && !feed->begin(mail, feed->data)) {
		disconnect(submission); /* never a dot for it */
		return FALSE;
	}
	if (wanted)
		send_message(run);
	else
		reset(submission);
	submission->used_at = clock_monotonic();
	return wanted || !was_stale(&mail->result);
}

void
submission_run(
        Submission *submission, SubmissionMail *first, const SubmissionFeed *feed)
{
	Run run = { .submission = submission, .feed = feed };
	run_first(&run, first);
	transaction_clear(&run.now);
	feed->end(first, feed->data);
	while (run.next.mail != NULL) {
		SubmissionMail *mail = run.next.mail;
		run.now = run.next;
		run.next = (Transaction){ 0 };
		if (!run_next(&run)) {
			give_back(&run, &run.now);
			return;
		}
		transaction_clear(&run.now);
		feed->end(mail, feed->data);
	}
}

void
submit(Submission *submission, const char *envelope_from, const char *recipient,
        GBytes *bytes, SubmissionResult *result)
{
	Run run = { .submission = submission };
	SubmissionMail mail = { envelope_from, recipient, bytes, { 0 } };
	run_first(&run, &mail);
	transaction_clear(&run.now);
	*result = mail.result;
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
