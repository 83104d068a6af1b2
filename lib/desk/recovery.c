#include "desk/recovery.h"

#include "base/clock.h"
#include "base/log.h"
#include "desk/delivery.h"
#include "store/outbox_admin.h"

/* The predecessor heard that the server accepted it, and died before that was committed. */
static gboolean
record_sent(const Recovery *recovery, gint64 id, GError **error)
{
	DeliveryDesk desk = { .store = recovery->store,
		.settings = recovery->settings };
	g_autoptr(Effect) effect = outbox_get(recovery->store, id, error);
	if (effect == NULL)
		return FALSE;
	g_autoptr(Delivery) delivery = delivery_new(g_steal_pointer(&effect));
	delivery->result = (SubmissionResult){ .outcome = SUBMISSION_SENT,
		.code = 250,
		.step = "message",
		.words = g_strdup("accepted before the process ended") };
	if (!delivery_record(&desk, delivery, error))
		return FALSE;
	delivery_log(delivery);
	return TRUE;
}

/* What was claimed and has begun is put into the state that says so. */
static gboolean
settle_claimed(const Recovery *recovery, gboolean *found, GError **error)
{
	g_autoptr(GPtrArray) left =
	        outbox_left_behind(recovery->store, &recovery->claim, error);
	gboolean ok = left != NULL;
	for (guint i = 0; ok && i < left->len; i++) {
		const Effect *effect = g_ptr_array_index(left, i);
		if (effect->state != EFFECT_CLAIMED)
			continue;
		switch (begun_left(recovery->begun, effect->id)) {
		case BEGUN_NOT:
		case BEGUN_OVER: break;
		case BEGUN_YES:
			ok = outbox_mark_attempted(
			        recovery->store, effect->id, clock_now(), error);
			break;
		case BEGUN_SENT:
			ok = record_sent(recovery, effect->id, error);
			*found = TRUE;
			break;
		}
	}
	return ok;
}

static gboolean
settle_unknown(const Recovery *recovery, const GPtrArray *unknown, GError **error)
{
	for (guint i = 0; i < unknown->len; i++) {
		const Effect *effect = g_ptr_array_index(unknown, i);
		if (!delivery_settle(recovery->store, effect, EFFECT_UNKNOWN, error))
			return FALSE;
		log_line(LOG_LEVEL_WARNING, "a reply's fate is unknown: it is held",
		        "message-id", effect->message_id, NULL);
	}
	return TRUE;
}

gboolean
recovery_run(const Recovery *recovery, gboolean *found, GError **error)
{
	Store *store = recovery->store;
	if (!store_begin(store, error))
		return FALSE;
	g_autoptr(GPtrArray) unknown = NULL;
	if (settle_claimed(recovery, found, error))
		unknown = outbox_recover(
		        store, &recovery->claim, recovery->resend, clock_now(), error);
	if (unknown != NULL && settle_unknown(recovery, unknown, error) &&
	        store_commit(store, error)) {
		begun_reset(recovery->begun);
		*found = *found || unknown->len > 0;
		return TRUE;
	}
	store_rollback(store);
	return FALSE;
}
