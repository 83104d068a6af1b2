#include "desk/history.h"

#include "base/clock.h"
#include "base/log.h"
#include "store/reply_limit.h"

#define HOUR (3600 * (gint64)G_USEC_PER_SEC)
#define MINUTE (60 * (gint64)G_USEC_PER_SEC)

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
	if (address != NULL &&
	        (!reply_limit_count_address(intake->store, address, sender_since,
	                 &history->sender_replies, error) ||
	                !bounced_has(intake->store, address, now,
	                        &history->bounced_before, error)))
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
