#include "desk/intake.h"

#include <time.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/log.h"
#include "desk/aftermath.h"
#include "desk/history.h"
#include "desk/recognition.h"
#include "desk/reply.h"
#include "desk/retagging.h"
#include "desk/tagging.h"
#include "desk/tallying.h"
#include "store/conversation.h"
#include "store/event.h"
#include "store/journal.h"
#include "store/outbox.h"
#include "store/report_walk.h"
#include "triage/case_json.h"
#include "triage/checklist.h"
#include "triage/decide.h"
#include "triage/specimen.h"

#define TAG_ERROR "triage-error"
#define TAG_HELD "triage-held"

void
arrival_free(Arrival *arrival)
{
	if (arrival == NULL)
		return;
	case_free(arrival->kase);
	g_free(arrival->sha256);
	g_free(arrival->failure);
	g_free(arrival);
}

static Place
place_of(const Intake *intake, const Arrival *arrival)
{
	return (Place){ .mailbox = intake->mailbox->name,
		.folder = intake->mailbox->folder,
		.uidvalidity = intake->cursor->uidvalidity,
		.uid = arrival->uid };
}

/* "MAILBOX/UIDVALIDITY/UID", as logs and the JSON name a mail. */
static char *
place_name(const Place *place)
{
	return g_strdup_printf(
	        "%s/%u/%u", place->mailbox, place->uidvalidity, place->uid);
}

/* The same bytes again: moved, copied, or the folder's UIDs were renumbered. */
static gboolean
record_known(const Intake *intake, const Arrival *arrival, gint64 id, GError **error)
{
	Place place = place_of(intake, arrival);
	g_autofree char *name = place_name(&place);
	g_autoptr(JournalMail) mail = journal_get(intake->store, id, error);
	if (mail == NULL ||
	        !journal_add_place(intake->store, id, &place, clock_now(), error))
		return FALSE;
	log_line(LOG_LEVEL_INFO, "a known mail at another place", "mail", name, NULL);
	if (intake->role->settings->mode == MODE_OBSERVE)
		return TRUE;
	return mail->tags == NULL ||
	       tagging_queue(intake->store, &place, id, mail->tags, clock_now(), error);
}

static gboolean
record_failure(const Intake *intake, const Arrival *arrival, GError **error)
{
	Place place = place_of(intake, arrival);
	g_autofree char *name = place_name(&place);
	gboolean tag = intake->role->settings->mode != MODE_OBSERVE;
	JournalMail mail = { .place = place,
		.sha256 = arrival->sha256,
		.internaldate = arrival->internaldate * G_USEC_PER_SEC,
		.seen_at = clock_now(),
		.outcome = JOURNAL_ERROR,
		.error = arrival->failure };
	gint64 id;
	if (!journal_add(intake->store, &mail, &id, error) ||
	        !tallying_failure(intake, arrival, error))
		return FALSE;
	log_line(LOG_LEVEL_WARNING, "a mail could not be analysed", "mail", name,
	        "error", arrival->failure, "sha256", arrival->sha256, NULL);
	Aftermath aftermath = { .mail = id,
		.place = &place,
		.backlog = arrival->unfetched || history_is_backlog(intake, arrival) };
	return aftermath_queue(intake, &aftermath, error) &&
	       (!tag || tagging_queue(intake->store, &place, id, TAG_ERROR, clock_now(),
	                        error));
}

static gboolean
is_ticket(const Case *kase)
{
	return g_strcmp0(kase->verdict.class, "not-a-ticket") != 0;
}

/* Everything that is known and decided of one mail, on its way into the journal. */
typedef struct {
	const Intake *intake;
	const Arrival *arrival;
	Case *kase;
	Place place;
	Recognition recognition;
	gint64 conversation;
	ConversationState *state; /* NULL: the mail belongs to none */
	json_t *packed;           /* the state as it is kept and shown; made once */
	Turn turn;
	char *token;
	History history;
	Plan *plan;
	gint64 id;
	char *reply_id;
} Record;

static void
record_clear(Record *record)
{
	recognition_clear(&record->recognition);
	conversation_state_free(record->state);
	json_decref(record->packed);
	turn_clear(&record->turn);
	g_free(record->token);
	g_free(record->reply_id);
	plan_free(record->plan);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Record, record_clear)

static gboolean
open_known(Record *record, GError **error)
{
	g_autoptr(Conversation) known =
	        conversation_get(record->intake->store, record->conversation, error);
	if (known == NULL)
		return FALSE;
	record->token = g_strdup(known->token);
	record->state = conversation_state_unpack(known->data, error);
	return record->state != NULL;
}

static gboolean
open_new(Record *record, GError **error)
{
	if (!is_ticket(record->kase))
		return TRUE;
	record->state = conversation_state_new();
	record->state->pointer = g_strdup(record->recognition.pointer);
	return conversation_new(record->intake->store, clock_now(),
	        &record->conversation, &record->token, error);
}

/* The conversation that the mail belongs to or begins; from here on the case says what the
 * conversation makes of it. */
static gboolean
record_open(Record *record, GError **error)
{
	const Intake *intake = record->intake;
	if (!recognise(intake->store, intake->role->settings, record->kase, FALSE,
	            &record->recognition, error))
		return FALSE;
	record->conversation = record->recognition.conversation;
	if (record->conversation != 0 ? !open_known(record, error)
	                              : !open_new(record, error))
		return FALSE;
	if (record->state != NULL)
		record->turn = conversation_join(record->state, record->kase,
		        intake->role->catalogue, record->recognition.joining);
	return TRUE;
}

static JournalOutcome
outcome_of(const Plan *plan)
{
	switch (plan->action) {
	case REPLY_SEND: return JOURNAL_PENDING;
	case REPLY_DRAFT: return JOURNAL_PENDING;
	case REPLY_HOLD: return JOURNAL_HELD;
	case REPLY_SUPPRESS: return JOURNAL_NO_REPLY;
	}
	return JOURNAL_HELD;
}

/* All tags that are certain now: the analysis's, and the outcome's when nothing is sent. */
static char *
tags_of(const Plan *plan)
{
	if (!plan->tag)
		return NULL;
	GString *tags = g_string_new(NULL);
	for (guint i = 0; i < plan->tags->len; i++)
		g_string_append_printf(tags, "%s%s", i > 0 ? " " : "",
		        (const char *)g_ptr_array_index(plan->tags, i));
	if (plan->outcome_tag != NULL)
		g_string_append_printf(
		        tags, "%s%s", tags->len > 0 ? " " : "", plan->outcome_tag);
	return g_string_free(tags, FALSE);
}

static char *
missing_of(const Case *kase)
{
	if (kase->requirements->len == 0)
		return NULL;
	g_autoptr(GPtrArray) missing = checklist_missing(kase);
	g_ptr_array_add(missing, NULL);
	return g_strjoinv(",", (char **)missing->pdata);
}

static gboolean
record_mail(Record *record, const char *tags, GError **error)
{
	const Case *kase = record->kase;
	const Plan *plan = record->plan;
	g_autofree char *name = place_name(&record->place);
	g_autofree char *missing = missing_of(kase);
	json_t *conversation =
	        record->state != NULL ? conversation_json(record->state, record->packed,
	                                        &record->turn, record->token)
	                              : NULL;
	g_autofree char *line =
	        case_json_line(kase, plan, name, "conversation", conversation);
	json_decref(conversation);
	JournalMail mail = { .place = record->place,
		.sha256 = record->arrival->sha256,
		.message_id = kase->message_id,
		.from_address = kase->from_address,
		.subject = kase->subject,
		.internaldate = record->arrival->internaldate * G_USEC_PER_SEC,
		.seen_at = clock_now(),
		.nature = (char *)(gpointer)nature_name(kase->nature),
		.class = kase->verdict.class,
		.detail = kase->verdict.detail,
		.confidence = kase->verdict.confidence,
		.signature = (char *)(gpointer)specimen_signature(kase),
		.missing = missing,
		.action = (char *)(gpointer)reply_action_name(plan->action),
		.reason = plan->reason,
		.outcome = outcome_of(plan),
		.tags = (char *)(gpointer)tags,
		.case_json = line,
		.conversation = record->conversation };
	return journal_add(record->intake->store, &mail, &record->id, error);
}

/* What no signature knew, for the report. */
static gboolean
record_specimens(const Record *record, GError **error)
{
	g_autoptr(GPtrArray) specimens = specimen_collect(record->kase);
	for (guint i = 0; i < specimens->len; i++) {
		const Specimen *specimen = g_ptr_array_index(specimens, i);
		if (!unmatched_add(record->intake->store, record->id, clock_now(),
		            specimen->form, specimen->text, error))
			return FALSE;
	}
	return TRUE;
}

/* Whether there is a reply to keep: one that goes out or is drafted, or that is held only
 * until an agent releases it. */
static gboolean
has_reply(const Plan *plan)
{
	switch (plan->action) {
	case REPLY_SEND:
	case REPLY_DRAFT: return TRUE;
	case REPLY_HOLD:
		return plan->to != NULL && plan->template != NULL &&
		       (plan->gate == GATE_SENDER_LIMIT ||
		               plan->gate == GATE_CONVERSATION_LIMIT ||
		               plan->gate == GATE_GLOBAL_LIMIT ||
		               plan->gate == GATE_LOW_CONFIDENCE);
	case REPLY_SUPPRESS: return FALSE;
	}
	return FALSE;
}

/* A class that only tags may have no reply, and still meet a limit that holds one. Whatever
 * the reason is, the mail is an agent's then: it must not stop those behind it. */
static gboolean
hold_without_reply(Record *record, const GError *failed, GError **error)
{
	Store *store = record->intake->store;
	const char *reason =
	        record->plan->action == REPLY_HOLD ? NULL : failed->message;
	g_autofree char *name = place_name(&record->place);
	g_clear_pointer(&record->reply_id, g_free);
	log_line(LOG_LEVEL_WARNING, "a mail is held: its reply cannot be written",
	        "mail", name, "error", failed->message, NULL);
	return journal_set_outcome(
	               store, record->id, JOURNAL_HELD, reason, clock_now(), error) &&
	       (!record->plan->tag || tagging_queue(store, &record->place, record->id,
	                                      TAG_HELD, clock_now(), error));
}

/* Not by GDateTime, which asks for the zone's file at each mail. */
static int
utc_offset_minutes(gint64 now)
{
	time_t seconds = (time_t)(now / G_USEC_PER_SEC);
	struct tm local;
	localtime_r(&seconds, &local);
	return (int)(local.tm_gmtoff / 60);
}

/* Compose the reply and queue it: from here on its bytes and Message-ID are fixed. */
static gboolean
queue_reply(Record *record, GError **error)
{
	const Intake *intake = record->intake;
	const Settings *settings = intake->role->settings;
	const Plan *plan = record->plan;
	gint64 now = clock_now();
	record->reply_id = message_id_sign(store_secret(intake->store), record->token,
	        record->id, address_domain(settings->identity.address));
	ReplyStamp stamp = { .message_id = record->reply_id,
		.ticket = record->token,
		.now = now / G_USEC_PER_SEC,
		.utc_offset_minutes = utc_offset_minutes(now),
		.follow_up = record->turn.answered };
	g_autoptr(GError) failed = NULL;
	g_autoptr(GBytes) bytes = reply_compose(
	        record->kase, plan, intake->role->catalogue, settings, &stamp, &failed);
	if (bytes == NULL)
		return hold_without_reply(record, failed, error);
	gboolean held = plan->action == REPLY_HOLD;
	Effect effect = { .mail = record->id,
		.state = held ? EFFECT_HELD : EFFECT_QUEUED,
		.words = held ? plan->reason : NULL,
		.conversation = record->conversation,
		.kind = plan->action == REPLY_DRAFT ? EFFECT_DRAFT : EFFECT_REPLY,
		.place = record->place,
		.recipient = plan->to,
		.envelope_from = settings->smtp.envelope_from,
		.message_id = record->reply_id,
		.payload = bytes };
	gint64 id;
	return outbox_add(intake->store, &effect, now, &id, error) &&
	       conversation_add_message(intake->store, record->conversation,
	               record->reply_id, TRUE, error);
}

static gboolean
keep_state(const Record *record, GError **error)
{
	const ConversationState *state = record->state;
	g_autofree char *line = json_line(record->packed);
	ConversationUpdate update = { .state = phase_name(state->phase),
		.reason = state->reason,
		.data = line,
		.root = record->turn.follow_up ? 0 : record->id };
	return conversation_update(
	        record->intake->store, record->conversation, &update, error);
}

/* An agent must see that the mail names another conversation, to which it has no access. */
static gboolean
note_pointer(const Record *record, GError **error)
{
	char what[] = "pointer";
	JournalEvent event = { .mail = record->id,
		.at = clock_now(),
		.what = what,
		.detail = record->recognition.pointer };
	return record->recognition.pointer == NULL ||
	       journal_add_event(record->intake->store, &event, error);
}

/* Message-IDs of agents count as ours: who answers one was written to. */
static gboolean
record_conversation(Record *record, GError **error)
{
	Store *store = record->intake->store;
	if (!note_pointer(record, error))
		return FALSE;
	if (record->conversation == 0)
		return TRUE;
	if (!keep_state(record, error))
		return FALSE;
	return record->kase->message_id == NULL ||
	       conversation_add_message(store, record->conversation,
	               record->kase->message_id, record->turn.agent, error);
}

/* The earlier mails of the conversation carry its tags too. */
static gboolean
retag_thread(const Record *record, GError **error)
{
	if (!record->turn.follow_up || !record->turn.takes_part || !record->plan->tag)
		return TRUE;
	g_autofree char *missing = missing_of(record->kase);
	return retagging_queue(record->intake->store, record->conversation, record->id,
	        record->plan, missing, clock_now(), error);
}

static void
log_record(const Record *record)
{
	const Case *kase = record->kase;
	g_autofree char *name = place_name(&record->place);
	g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, record->id);
	g_autofree char *missing = missing_of(kase);
	log_line(LOG_LEVEL_INFO, "mail triaged", "id", id, "mail", name, "nature",
	        nature_name(kase->nature), "class", kase->verdict.class, "detail",
	        kase->verdict.detail, "missing", missing, "action",
	        reply_action_name(record->plan->action), "reason", record->plan->reason,
	        "ticket", record->token, "reply", record->reply_id, NULL);
}

static gboolean
queue_aftermath(const Record *record, GError **error)
{
	const Verdict *verdict = &record->kase->verdict;
	Aftermath aftermath = { .mail = record->id,
		.conversation = record->conversation,
		.place = &record->place,
		.begins = record->conversation == 0 || !record->turn.follow_up,
		.class = verdict->detail != NULL ? verdict->detail : verdict->class,
		.backlog = record->history.backlog };
	return aftermath_queue(record->intake, &aftermath, error);
}

/* A note that we put beside a ticket: nobody's mail, and not to be journaled. */
static gboolean
is_own_note(const Intake *intake, const Arrival *arrival)
{
	return arrival->kase != NULL && arrival->kase->nature == NATURE_OWN &&
	       note_id_verify(store_secret(intake->store), arrival->kase->message_id);
}

static gboolean
record_case(const Intake *intake, const Arrival *arrival, GError **error)
{
	g_auto(Record) record = { .intake = intake,
		.arrival = arrival,
		.kase = arrival->kase,
		.place = place_of(intake, arrival) };
	const Role *role = intake->role;
	gboolean twin = FALSE;
	if (!history_has_twin(intake, arrival->kase, &twin, error) ||
	        (!twin && !record_open(&record, error)) ||
	        !history_read(
	                intake, arrival, record.conversation, &record.history, error))
		return FALSE;
	record.history.known_before = twin;
	record.history.turn = record.state != NULL ? &record.turn : NULL;
	record.plan =
	        decide(arrival->kase, role->catalogue, role->settings, &record.history);
	if (!history_watch_breaker(intake, record.plan, &record.history, error))
		return FALSE;
	if (record.state != NULL) {
		conversation_settle(
		        record.state, record.kase, record.plan, &record.turn);
		record.packed = conversation_state_pack(record.state);
	}
	g_autofree char *wanted = tags_of(record.plan);
	g_autoptr(GBytes) change = NULL;
	g_autofree char *tags = tagging_begin(wanted, &change);
	if (!record_mail(&record, tags, error) || !record_specimens(&record, error) ||
	        !record_conversation(&record, error) ||
	        (tags != NULL && !tagging_queue_first(intake->store, &record.place,
	                                 record.id, change, error)) ||
	        !retag_thread(&record, error) ||
	        (has_reply(record.plan) && !queue_reply(&record, error)))
		return FALSE;
	log_record(&record);
	return queue_aftermath(&record, error) &&
	       history_note_bounces(intake, arrival->kase, error) &&
	       (record.history.backlog || tallying_pickup(intake, arrival, error)) &&
	       tallying_analysis(intake, arrival, error);
}

gboolean
intake_record(const Intake *intake, const Arrival *arrival, GError **error)
{
	Place place = place_of(intake, arrival);
	gint64 id = 0;
	if (!journal_find_place(intake->store, &place, &id, error))
		return FALSE;
	if (id != 0 || is_own_note(intake, arrival))
		return TRUE;
	if (!journal_find_sha256(intake->store, arrival->sha256, &id, error))
		return FALSE;
	if (id != 0)
		return record_known(intake, arrival, id, error);
	if (arrival->kase == NULL)
		return record_failure(intake, arrival, error);
	return record_case(intake, arrival, error);
}
