#include "desk/history.h"

#include "base/clock.h"
#include "base/log.h"
#include "store/journal.h"
#include "store/reply_limit.h"

#define HOUR (3600 * (gint64)G_USEC_PER_SEC)
#define MINUTE (60 * (gint64)G_USEC_PER_SEC)
#define TWIN_DAYS 7 /* between two copies of one mail; servers give up within five */

gboolean
history_is_backlog(const Intake *intake, const Arrival *arrival)
{
	const MailboxSettings *mailbox = intake->mailbox;
	if (arrival->uid < intake->cursor->answer_from)
		return TRUE;
	gint64 received = arrival->internaldate;
	switch (mailbox->start) {
	case START_ALL: return FALSE;
	case START_DATE: return received != 0 && received < mailbox->start_date;
	case START_NOW:
		/* Under a new UIDVALIDITY answer_from says nothing; the first start does. */
		return received != 0 &&
		       received < intake->cursor->started_at / G_USEC_PER_SEC - 60 &&
		       intake->cursor->answer_from <= 1;
	}
	return FALSE;
}

/* The breaker closes by itself once the window holds no more than half the limit. */
static gboolean
read_breaker(const Intake *intake, History *history, GError **error)
{
	guint limit = intake->role->settings->reply.global_messages;
	g_auto(Breaker) breaker = { 0 };
	if (!breaker_get(intake->store, &breaker, error))
		return FALSE;
	history->breaker_open = breaker.since != 0;
	if (!history->breaker_open ||
	        (limit > 0 && history->global_replies > limit / 2))
		return TRUE;
	history->breaker_open = FALSE;
	log_line(LOG_LEVEL_NOTICE, "the breaker closes: replies go out again", NULL);
	return breaker_close(intake->store, error);
}

static gboolean
read_counts(const Intake *intake, const char *address, gint64 conversation,
        History *history, GError **error)
{
	const Settings *settings = intake->role->settings;
	gint64 now = clock_now();
	gint64 sender_since = now - settings->reply.per_sender_hours * HOUR;
	gint64 global_since = now - settings->reply.global_minutes * MINUTE;
	if (address != NULL && settings->reply.per_sender_messages > 0 &&
	        !reply_limit_count_address(intake->store, address, sender_since,
	                &history->sender_replies, error))
		return FALSE;
	if (address != NULL && !bounced_has(intake->store, address, now,
	                               &history->bounced_before, error))
		return FALSE;
	if (conversation != 0 &&
	        !reply_limit_count_conversation(intake->store, conversation,
	                &history->conversation_replies, error))
		return FALSE;
	guint limit = settings->reply.global_messages;
	return limit == 0 || reply_limit_count_all(intake->store, global_since, limit,
	                             &history->global_replies, error);
}

gboolean
history_read(const Intake *intake, const Arrival *arrival, gint64 conversation,
        History *history, GError **error)
{
	*history = (History){ .now = clock_now() / G_USEC_PER_SEC,
		.received = arrival->internaldate,
		.backlog = history_is_backlog(intake, arrival) };
	return read_counts(
	               intake, arrival->kase->reply_to, conversation, history, error) &&
	       read_breaker(intake, history, error);
}

gboolean
history_watch_breaker(
        const Intake *intake, const Plan *plan, const History *history, GError **error)
{
	if (plan->gate != GATE_GLOBAL_LIMIT || history->breaker_open)
		return TRUE;
	log_line(LOG_LEVEL_ERROR,
	        "the breaker opens: too many replies, all further ones are held for an "
	        "agent",
	        NULL);
	return breaker_open(intake->store, "the global limit of replies was reached",
	        clock_now(), error);
}

/* Who names both our address and an alias, or two of our mailboxes, sends one mail, and each copy
 * has other Received lines. Somebody's next mail has another Message-ID; a program that always
 * writes the same one seldom has the same subject too. */
gboolean
history_has_twin(const Intake *intake, const Case *kase, gboolean *has, GError **error)
{
	gint64 since = clock_now() - TWIN_DAYS * 24 * HOUR;
	*has = FALSE;
	return kase->message_id == NULL || kase->from_address == NULL ||
	       journal_has_twin(intake->store, kase->message_id, kase->from_address,
	               kase->subject, since, has, error);
}

/* The mail whose reply it was that bounced; 0: none, or not for good (4.x.x). */
static gint64
bounced_mail(const Intake *intake, const CaseReport *report)
{
	gint64 mail = 0;
	if (g_strcmp0(report->action, "failed") != 0 ||
	        (report->status != NULL && report->status[0] == '4') ||
	        report->original_message_id == NULL ||
	        !message_id_verify(store_secret(intake->store),
	                report->original_message_id, NULL, &mail))
		return 0;
	return mail;
}

gboolean
history_note_bounces(const Intake *intake, const Case *kase, GError **error)
{
	for (guint i = 0; kase->nature == NATURE_BOUNCE && i < kase->reports->len;
	        i++) {
		const CaseReport *report = g_ptr_array_index(kase->reports, i);
		gint64 mail = bounced_mail(intake, report);
		if (mail != 0 && !bounced_add_reply(intake->store, mail,
		                         report->diagnostic, clock_now(), error))
			return FALSE;
	}
	return TRUE;
}
