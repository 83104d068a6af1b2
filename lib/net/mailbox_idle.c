#include "base/clock.h"
#include "base/errors.h"
#include "net/mailbox_core.h"

#define IDLE_RENEWAL_SECONDS (25 * 60) /* RFC 2177 3: before 29 minutes */

/* Take in whatever the server has said by now. */
static gboolean
hear_news(Mailbox *mailbox, GError **error)
{
	for (;;) {
		g_autoptr(ImapAnswer) answer = NULL;
		if (!imap_dialog_peek(mailbox->dialog, &answer, error))
			return mailbox_give_up(mailbox);
		if (answer == NULL)
			return TRUE;
		if (answer->kind == IMAP_UNTAGGED)
			mailbox_note(mailbox, answer);
		else if (answer->kind == IMAP_TAGGED)
			mailbox->idling = FALSE; /* the server ended IDLE by itself */
		if (mailbox->dead) {
			g_set_error(error, TRIAGED_ERROR, ERROR_TEMPORARY,
			        "the UIDVALIDITY has changed");
			return FALSE;
		}
	}
}

/* A server that refuses IDLE though it announced it is polled from now on. */
static gboolean
enter_idle(Mailbox *mailbox, GError **error)
{
	if (!imap_dialog_send(mailbox->dialog, "IDLE", error))
		return mailbox_give_up(mailbox);
	for (;;) {
		g_autoptr(ImapAnswer) answer = imap_dialog_next(
		        mailbox->dialog, mailbox->endpoint->answer_seconds, error);
		if (answer == NULL)
			return mailbox_give_up(mailbox);
		if (answer->kind == IMAP_UNTAGGED)
			mailbox_note(mailbox, answer);
		else if (answer->kind == IMAP_TAGGED)
			g_hash_table_remove(mailbox->capabilities, "IDLE");
		else
			mailbox->idling = TRUE;
		mailbox->idling_since = clock_monotonic();
		if (answer->kind != IMAP_UNTAGGED)
			return TRUE;
	}
}

static gboolean
renew_idle(Mailbox *mailbox, gboolean idle, GError **error)
{
	gint64 age = clock_monotonic() - mailbox->idling_since;
	if (mailbox->idling && (!idle || age > IDLE_RENEWAL_SECONDS * G_USEC_PER_SEC) &&
	        !mailbox_leave_idle(mailbox, error))
		return FALSE;
	if (!idle || mailbox->idling || !mailbox_can(mailbox, "IDLE"))
		return TRUE;
	/* Dovecot tells what came just before IDLE in the same packet as "+ idling": it is in
	 * our buffer then, and the socket stays silent. */
	return enter_idle(mailbox, error) && hear_news(mailbox, error);
}

static MailboxEvents
tell_news(Mailbox *mailbox)
{
	MailboxEvents news = mailbox->news;
	mailbox->news = 0;
	return news;
}

static gboolean
has_ready(const struct pollfd *others, guint count)
{
	for (guint i = 0; i < count; i++)
		if (others[i].revents != 0)
			return TRUE;
	return FALSE;
}

/* One wait of at most milliseconds; *events stays 0 when nothing of ours happened. */
static gboolean
wait_once(Mailbox *mailbox, struct pollfd *others, guint count, gint64 milliseconds,
        GError **error)
{
	Session *session = imap_dialog_session(mailbox->dialog);
	if (session_wait(session, others, count, milliseconds, error) < 0)
		return mailbox_give_up(mailbox);
	return hear_news(mailbox, error);
}

/* Silence until the deadline: the NOOP proves that the server lives, and asks those whose
 * IDLE never tells. */
static MailboxEvents
end_silence(Mailbox *mailbox, GError **error)
{
	if (!mailbox_noop(mailbox, error))
		return 0;
	MailboxEvents news = tell_news(mailbox);
	return news != 0 ? news : MAILBOX_TIMEOUT;
}

MailboxEvents
mailbox_idle(Mailbox *mailbox, gboolean idle, struct pollfd *others, guint count,
        gint64 milliseconds, GError **error)
{
	gint64 deadline = clock_monotonic() + milliseconds * 1000;
	if (mailbox->dead) {
		g_set_error(error, TRIAGED_ERROR, ERROR_TEMPORARY,
		        "the connection is over");
		return 0;
	}
	while (hear_news(mailbox, error)) {
		if (mailbox->news == 0 && !renew_idle(mailbox, idle, error))
			return 0;
		gint64 left = (deadline - clock_monotonic() + 999) / 1000;
		if (mailbox->news == 0 && left <= 0)
			return end_silence(mailbox, error);
		left = MIN(left, IDLE_RENEWAL_SECONDS * 1000);
		if (!wait_once(mailbox, others, count, mailbox->news != 0 ? 0 : left,
		            error))
			return 0;
		MailboxEvents events = tell_news(mailbox);
		if (has_ready(others, count))
			events |= MAILBOX_OTHER_FD;
		if (events != 0)
			return events;
	}
	return 0;
}
