#include "desk/courier.h"

#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crash_point.h"
#include "base/errors.h"
#include "base/log.h"
#include "desk/credential.h"
#include "desk/tagging.h"
#include "net/submission.h"
#include "store/journal.h"
#include "store/note.h"
#include "store/outbox.h"
#include "store/reply_limit.h"

#define CLAIM_MAX 20
#define LOOK_SECONDS 10 /* triagectl releases replies without a bell */
#define REST_SECONDS 30 /* an idle connection is ended after */
#define PAUSE_FIRST 1000
#define PAUSE_MOST (5 * 60 * 1000) /* ms while the server is in trouble */

/* A reply may go out after it was held, and be held after all: one outcome at a time. */
#define TAG_REPLIED "triage-replied -triage-held"
#define TAG_HELD "triage-held"

typedef struct {
	Role *role;
	char *owner;
	Store *store;
	Endpoint *endpoint;
	Submission *submission;
	gint64 pause; /* ms until the server in trouble is tried again; 0: none */
} Courier;

static void
courier_clear(Courier *courier)
{
	submission_free(courier->submission);
	endpoint_free(courier->endpoint);
	store_close(courier->store);
	g_free(courier->owner);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Courier, courier_clear)

static OutboxClaim
courier_claim(const Courier *courier)
{
	return (OutboxClaim){
		.kinds = EFFECTS_OF_COURIER, .owner = courier->owner, .max = CLAIM_MAX
	};
}

static gboolean
end_write(Courier *courier, gboolean ok, GError **error)
{
	if (ok && store_commit(courier->store, error))
		return TRUE;
	store_rollback(courier->store);
	return FALSE;
}

static void
ring_watchers(const Courier *courier)
{
	for (guint i = 0; i < courier->role->bells->count; i++)
		bell_ring(courier->role->bells->watchers[i]);
}

/* The mail's new outcome with its tag; nothing while the reply is only put off. */
static gboolean
settle_mail(Courier *courier, const Effect *effect, EffectState state, GError **error)
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
	return journal_set_outcome(
	               courier->store, effect->mail, outcome, reason, now, error) &&
	       tagging_queue(
	               courier->store, &effect->place, effect->mail, tag, now, error);
}

/* A copy of what was sent, for the agents' Sent folder. */
static gboolean
queue_sent_copy(Courier *courier, const Effect *effect, GError **error)
{
	Effect copy = { .mail = effect->mail,
		.conversation = effect->conversation,
		.kind = EFFECT_SENT_COPY,
		.place = effect->place,
		.message_id = effect->message_id,
		.payload = effect->payload };
	gint64 id;
	return outbox_add(courier->store, &copy, clock_now(), &id, error);
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

static gboolean
record_result(Courier *courier, const Effect *effect, const SubmissionResult *result,
        EffectState *state, GError **error)
{
	gint64 now = clock_now();
	EffectFinish finish = { .result = result_of(result->outcome),
		.code = result->code,
		.words = result->words,
		.resend = courier->role->settings->smtp.resend_unknown };
	if (!outbox_finish(courier->store, effect->id, &finish, now, state, error) ||
	        !settle_mail(courier, effect, *state, error))
		return FALSE;
	if (result->outcome == SUBMISSION_REFUSED && result->recipient &&
	        !bounced_add(
	                courier->store, effect->recipient, result->words, now, error))
		return FALSE;
	return *state != EFFECT_DONE || queue_sent_copy(courier, effect, error);
}

static void
log_result(const Effect *effect, const SubmissionResult *result, EffectState state)
{
	g_autofree char *mail = g_strdup_printf("%" G_GINT64_FORMAT, effect->mail);
	g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, effect->id);
	g_autofree char *code = g_strdup_printf("%d", result->code);
	LogLevel level = state == EFFECT_DONE     ? LOG_LEVEL_INFO
	                 : state == EFFECT_QUEUED ? LOG_LEVEL_NOTICE
	                                          : LOG_LEVEL_WARNING;
	log_line(level, "reply", "id", mail, "outbox", id, "outcome",
	        submission_outcome_name(result->outcome), "state",
	        effect_state_name(effect->kind, state), "step", result->step, "code",
	        code, "message-id", effect->message_id, "server",
	        result->outcome == SUBMISSION_SENT ? NULL : result->words, NULL);
}

/* Attempt one reply. *trouble: the server itself is in trouble, so the others wait. */
static gboolean
deliver(Courier *courier, const Effect *effect, gboolean *trouble, GError **error)
{
	g_auto(SubmissionResult) result = { 0 };
	EffectState state = EFFECT_ATTEMPTED;
	if (!store_begin(courier->store, error))
		return FALSE;
	if (!end_write(courier,
	            outbox_mark_attempted(
	                    courier->store, effect->id, clock_now(), error),
	            error))
		return FALSE;
	crash_point("smtp-submit-before");
	submit(courier->submission, effect->envelope_from, effect->recipient,
	        effect->payload, &result);
	crash_point("smtp-submit-after");
	if (!store_begin(courier->store, error) ||
	        !end_write(courier,
	                record_result(courier, effect, &result, &state, error), error))
		return FALSE;
	log_result(effect, &result, state);
	ring_watchers(courier);
	*trouble = result.outcome == SUBMISSION_RETRY && result.server;
	return TRUE;
}

static gboolean
give_back(Courier *courier, const GPtrArray *claimed, guint from, GError **error)
{
	gboolean ok = store_begin(courier->store, error);
	for (guint i = from; ok && i < claimed->len; i++) {
		const Effect *effect = g_ptr_array_index(claimed, i);
		ok = outbox_unclaim(courier->store, effect->id, clock_now(), error);
	}
	return end_write(courier, ok, error);
}

static void
note_trouble(Courier *courier, gboolean trouble)
{
	courier->pause = !trouble              ? 0
	                 : courier->pause == 0 ? PAUSE_FIRST
	                                       : MIN(courier->pause * 2, PAUSE_MOST);
	if (!store_begin(courier->store, NULL))
		return;
	gint64 now = clock_now();
	gboolean ok =
	        trouble ? note_set(courier->store, "courier", "last-error",
	                          "the SMTP server is in trouble", now, NULL)
	                : note_set(courier->store, "courier", "last-error", NULL, now,
	                          NULL) &&
	                          note_set(courier->store, "courier", "last-success",
	                                  "a reply was accepted", now, NULL);
	end_write(courier, ok, NULL);
}

/* Claim and attempt what is due. *count: how many were claimed. */
static gboolean
courier_round(Courier *courier, guint *count, GError **error)
{
	OutboxClaim claim = courier_claim(courier);
	gboolean trouble = FALSE;
	if (!store_begin(courier->store, error))
		return FALSE;
	g_autoptr(GPtrArray) claimed =
	        outbox_claim(courier->store, &claim, clock_now(), error);
	if (!end_write(courier, claimed != NULL, error))
		return FALSE;
	*count = claimed->len;
	for (guint i = 0; i < claimed->len; i++) {
		if (trouble || role_stopping(courier->role))
			return give_back(courier, claimed, i, error);
		if (!deliver(courier, g_ptr_array_index(claimed, i), &trouble, error))
			return FALSE;
		if (i == 0 || trouble)
			note_trouble(courier, trouble);
	}
	return TRUE;
}

static gint64
courier_patience(Courier *courier)
{
	OutboxClaim claim = courier_claim(courier);
	gint64 at = 0, wait = LOOK_SECONDS * 1000;
	if (courier->pause > 0)
		return courier->pause;
	if (outbox_next_time(courier->store, &claim, &at, NULL) && at != 0)
		wait = CLAMP((at - clock_now()) / 1000, 0, wait);
	return wait;
}

static int
courier_fail(const char *words, const GError *error)
{
	log_error(LOG_LEVEL_ERROR, words, error);
	return error_exit_status(error);
}

static int
courier_serve(Courier *courier)
{
	while (!role_stopping(courier->role)) {
		g_autoptr(GError) error = NULL;
		guint count = 0;
		if (!courier_round(courier, &count, &error)) {
			/* What waiting may mend (locked, disk full) is waited for. */
			if (!g_error_matches(error, TRIAGED_ERROR, ERROR_TEMPORARY))
				return courier_fail("the courier stops", error);
			log_error(
			        LOG_LEVEL_WARNING, "the store is out of reach", error);
			role_wait(courier->role, -1, PAUSE_FIRST);
			continue;
		}
		if (count == CLAIM_MAX && courier->pause == 0)
			continue;
		submission_rest(courier->submission, REST_SECONDS);
		role_wait(courier->role,
		        courier->pause > 0 ? -1 : courier->role->bells->courier,
		        courier_patience(courier));
	}
	return EX_OK;
}

static int
courier_drain(Courier *courier)
{
	OutboxClaim claim = courier_claim(courier);
	g_autoptr(GError) error = NULL;
	gint64 at = 0;
	guint count = 1;
	while (count > 0 && courier->pause == 0 && !role_stopping(courier->role))
		if (!courier_round(courier, &count, &error))
			return courier_fail("the courier stops", error);
	if (!outbox_next_time(courier->store, &claim, &at, &error))
		return courier_fail("the courier stops", error);
	return at == 0 ? EX_OK : EX_TEMPFAIL;
}

/* Replies that a dead predecessor had begun are of unknown fate: an agent decides. */
static gboolean
courier_recover(Courier *courier, GError **error)
{
	OutboxClaim claim = courier_claim(courier);
	gboolean resend = courier->role->settings->smtp.resend_unknown;
	if (!store_begin(courier->store, error))
		return FALSE;
	g_autoptr(GPtrArray) unknown =
	        outbox_recover(courier->store, &claim, resend, clock_now(), error);
	gboolean ok = unknown != NULL;
	for (guint i = 0; ok && i < unknown->len; i++) {
		const Effect *effect = g_ptr_array_index(unknown, i);
		ok = settle_mail(courier, effect, EFFECT_UNKNOWN, error);
		log_line(LOG_LEVEL_WARNING, "a reply's fate is unknown: it is held",
		        "message-id", effect->message_id, NULL);
	}
	return end_write(courier, ok, error);
}

static gboolean
courier_open(Courier *courier, GError **error)
{
	const Settings *settings = courier->role->settings;
	courier->store = store_open(settings->state, STORE_CREATE, error);
	if (courier->store == NULL || !store_lease(courier->store, "courier", error))
		return FALSE;
	courier->endpoint = credential_endpoint(&settings->smtp.server, error);
	if (courier->endpoint == NULL)
		return FALSE;
	courier->endpoint->cancel_fd = courier->role->stop_fd;
	courier->submission = submission_new(courier->endpoint);
	return courier_recover(courier, error);
}

int
courier_run(Role *role, gboolean once)
{
	g_autoptr(GError) error = NULL;
	g_auto(Courier) courier = { .role = role };
	courier.owner = g_strdup_printf(
	        "%s/courier/%d", role->settings->instance, (int)getpid());
	role->stop_fd = role_begin();
	if (!courier_open(&courier, &error))
		return courier_fail("the courier cannot start", error);
	return once ? courier_drain(&courier) : courier_serve(&courier);
}
