#include "desk/delivery.h"

#include "base/clock.h"
#include "base/log.h"
#include "desk/tagging.h"
#include "store/journal.h"
#include "store/reply_limit.h"

/* A reply may go out after it was held, and be held after all: one outcome at a time. */
#define TAG_REPLIED "triage-replied -triage-held"
#define TAG_HELD "triage-held"

Delivery *
delivery_new(Effect *effect)
{
	Delivery *delivery = g_new0(Delivery, 1);
	delivery->effect = effect;
	delivery->state = EFFECT_CLAIMED;
	return delivery;
}

void
delivery_free(Delivery *delivery)
{
	if (delivery == NULL)
		return;
	effect_free(delivery->effect);
	submission_result_clear(&delivery->result);
	g_free(delivery);
}

gboolean
delivery_is_trouble(const Delivery *delivery)
{
	switch (delivery->result.outcome) {
	case SUBMISSION_SENT: return FALSE;
	case SUBMISSION_RETRY:
	case SUBMISSION_REFUSED: return delivery->result.server;
	case SUBMISSION_UNKNOWN: return TRUE;
	}
	return TRUE;
}

/* Nothing while the reply is only put off. */
gboolean
delivery_settle(Store *store, const Effect *effect, EffectState state, GError **error)
{
	gint64 now = clock_now();
	const char *reason = NULL, *tag = TAG_HELD;
	JournalOutcome outcome = JOURNAL_HELD;
	switch (state) {
	case EFFECT_DONE:
		outcome = JOURNAL_REPLIED;
		tag = TAG_REPLIED;
		break;
	case EFFECT_REFUSED: reason = "the reply was refused"; break;
	case EFFECT_UNKNOWN: reason = "the reply's fate is unknown"; break;
	case EFFECT_HELD:
		reason = "the reply could not be handed over for too long";
		break;
	case EFFECT_QUEUED:
	case EFFECT_CLAIMED:
	case EFFECT_ATTEMPTED:
	case EFFECT_CANCELLED:
	case EFFECT_STATE_COUNT: return TRUE;
	}
	return journal_set_outcome(store, effect->mail, outcome, reason, now, error) &&
	       tagging_queue(store, &effect->place, effect->mail, tag, now, error);
}

/* Whether the mail's mailbox is to have copies of what was sent; the watcher knows where. */
static gboolean
wants_copy(const DeliveryDesk *desk, const Effect *effect)
{
	const GPtrArray *mailboxes = desk->settings->mailboxes;
	for (guint i = 0; i < mailboxes->len; i++) {
		const MailboxSettings *mailbox = g_ptr_array_index(mailboxes, i);
		if (g_strcmp0(mailbox->name, effect->place.mailbox) == 0)
			return mailbox->sent == NULL || *mailbox->sent != '\0';
	}
	return TRUE;
}

/* A copy of what was sent, for the agents' Sent folder. */
static gboolean
queue_sent_copy(Store *store, const Effect *effect, GError **error)
{
	Effect copy = { .mail = effect->mail,
		.conversation = effect->conversation,
		.kind = EFFECT_SENT_COPY,
		.place = effect->place,
		.message_id = effect->message_id,
		.payload = effect->payload };
	gint64 id;
	return outbox_add(store, &copy, clock_now(), &id, error);
}

static EffectResult
result_of(SubmissionOutcome outcome)
{
	switch (outcome) {
	case SUBMISSION_SENT: return RESULT_DONE;
	case SUBMISSION_RETRY: return RESULT_RETRY;
	case SUBMISSION_REFUSED: return RESULT_REFUSED;
	case SUBMISSION_UNKNOWN: return RESULT_UNKNOWN;
	}
	return RESULT_UNKNOWN;
}

gboolean
delivery_record(const DeliveryDesk *desk, Delivery *delivery, GError **error)
{
	const Effect *effect = delivery->effect;
	const SubmissionResult *result = &delivery->result;
	gint64 now = clock_now();
	gboolean at_once = delivery->again || (desk->cut && result->code == 0);
	EffectFinish finish = { .result = result_of(result->outcome),
		.code = result->code,
		.words = result->words,
		.retry_at = at_once ? now : 0,
		.resend = desk->resend,
		.whole = TRUE };
	if (delivery->withdrawn) {
		delivery->state = EFFECT_QUEUED;
		return outbox_unclaim(desk->store, effect->id, now, error);
	}
	if (!outbox_finish(desk->store, effect->id, &finish, now, &delivery->state,
	                error) ||
	        !delivery_settle(desk->store, effect, delivery->state, error))
		return FALSE;
	if (result->outcome == SUBMISSION_REFUSED && result->recipient &&
	        !bounced_add(desk->store, effect->recipient, result->words, now, error))
		return FALSE;
	return delivery->state != EFFECT_DONE || !wants_copy(desk, effect) ||
	       queue_sent_copy(desk->store, effect, error);
}

void
delivery_log(const Delivery *delivery)
{
	const Effect *effect = delivery->effect;
	const SubmissionResult *result = &delivery->result;
	g_autofree char *mail = g_strdup_printf("%" G_GINT64_FORMAT, effect->mail);
	g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, effect->id);
	g_autofree char *code = g_strdup_printf("%d", result->code);
	LogLevel level = delivery->state == EFFECT_DONE     ? LOG_LEVEL_INFO
	                 : delivery->state == EFFECT_QUEUED ? LOG_LEVEL_NOTICE
	                                                    : LOG_LEVEL_WARNING;
	log_line(level, "reply", "id", mail, "outbox", id, "outcome",
	        submission_outcome_name(result->outcome), "state",
	        effect_state_name(effect->kind, delivery->state), "step", result->step,
	        "code", code, "message-id", effect->message_id, "server",
	        result->outcome == SUBMISSION_SENT ? NULL : result->words, NULL);
}
