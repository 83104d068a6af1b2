#include "triage/conversation_turn.h"

#include <string.h>

#include "triage/checklist.h"
#include "triage/conversation_items.h"

#define CLASS_UNKNOWN "unknown"
#define CLASS_NOT_A_TICKET "not-a-ticket"

/* New evidence takes a conversation over from this confidence on. */
#define CONFIDENCE_CHANGE 0.6
#define CONFIDENCE_AGENT 0.99

#define CHANGES_MAX 20

void
turn_clear(Turn *turn)
{
	g_clear_pointer(&turn->from, g_free);
	g_clear_pointer(&turn->alone, g_free);
}

/* Whether an error is named: a finer class may stand under the fallback's roof. */
static gboolean
is_named(const char *class, const char *detail)
{
	return detail != NULL || (class != NULL && strcmp(class, CLASS_UNKNOWN) != 0 &&
	                                 strcmp(class, CLASS_NOT_A_TICKET) != 0);
}

/* Whether anything but the quoted thread names an error. */
static gboolean
shows_evidence(const Case *kase)
{
	for (guint i = 0; i < kase->evidence->len; i++) {
		const Evidence *evidence = g_ptr_array_index(kase->evidence, i);
		if (evidence->dropped == NULL && evidence->class != NULL)
			return TRUE;
	}
	return FALSE;
}

static const char *
finest(const char *class, const char *detail)
{
	return detail != NULL ? detail : class;
}

static void
set_text(char **place, const char *text)
{
	if (*place == text)
		return;
	g_free(*place);
	*place = g_strdup(text);
}

/* New evidence wins; what only the quoted thread says, or says in doubt, helps where nothing
 * was named before. */
static gboolean
takes_over(const ConversationState *state, const Case *kase)
{
	const Verdict *verdict = &kase->verdict;
	if (state->class == NULL)
		return TRUE;
	if (!is_named(verdict->class, verdict->detail))
		return FALSE;
	return !is_named(state->class, state->detail) ||
	       (shows_evidence(kase) && verdict->confidence >= CONFIDENCE_CHANGE);
}

static void
note_change(ConversationState *state, const char *from, const char *to)
{
	if (state->changes->len >= CHANGES_MAX)
		g_ptr_array_remove_index(state->changes, 0);
	ClassChange *change = g_new0(ClassChange, 1);
	change->from = g_strdup(from);
	change->to = g_strdup(to);
	change->mail = state->mails;
	g_ptr_array_add(state->changes, change);
}

static void
take_class(ConversationState *state, const Case *kase, Turn *turn)
{
	const Verdict *verdict = &kase->verdict;
	const char *old = finest(state->class, state->detail);
	const char *new = finest(verdict->class, verdict->detail);
	if (old != NULL && strcmp(old, new) != 0) {
		turn->from = g_strdup(old);
		turn->news = TRUE;
		note_change(state, old, new);
	}
	set_text(&state->class, verdict->class);
	set_text(&state->detail, verdict->detail);
	state->confidence = verdict->confidence;
}

/* The mail names no error of its own, so it is about the conversation's. */
static void
give_class(const ConversationState *state, Case *kase, Turn *turn)
{
	Verdict *verdict = &kase->verdict;
	const char *alone = finest(verdict->class, verdict->detail);
	if (g_strcmp0(alone, finest(state->class, state->detail)) != 0)
		turn->alone = g_strdup(alone);
	set_text(&verdict->class, state->class);
	set_text(&verdict->detail, state->detail);
	verdict->confidence = state->confidence;
	g_ptr_array_add(verdict->reasons,
	        g_strdup_printf("the conversation is about %s, and the mail names no "
	                        "other error for sure",
	                finest(state->class, state->detail)));
}

static void
share_class(ConversationState *state, Case *kase, Turn *turn)
{
	if (takes_over(state, kase))
		take_class(state, kase, turn);
	else
		give_class(state, kase, turn);
}

/* Short answers tell no language, and one in doubt is taken for Italian. */
static void
share_language(ConversationState *state, Case *kase)
{
	if (state->language == NULL || g_strcmp0(kase->language, "en") == 0)
		set_text(&state->language, kase->language);
	else
		set_text(&kase->language, state->language);
}

static void
share_items(
        ConversationState *state, Case *kase, const Catalogue *catalogue, Turn *turn)
{
	guint added = conversation_items_add(state, kase->items);
	if (!turn->follow_up)
		return;
	turn->news = turn->news || added > 0;
	g_ptr_array_unref(kase->items);
	kase->items = conversation_items_list(state);
	g_array_set_size(kase->requirements, 0);
	checklist_check(kase, catalogue);
}

/* What an agent writes is no ticket, however much it quotes of one. */
static void
take_agents_mail(ConversationState *state, Case *kase)
{
	Verdict *verdict = &kase->verdict;
	set_text(&verdict->class, CLASS_NOT_A_TICKET);
	set_text(&verdict->detail, NULL);
	verdict->confidence = CONFIDENCE_AGENT;
	g_ptr_array_add(verdict->reasons, g_strdup("an agent's answer to a ticket"));
	g_ptr_array_set_size(kase->items, 0);
	g_array_set_size(kase->requirements, 0);
	conversation_note_agent(state, kase->from_address);
}

/* A person who says thank you, or writes about other business, changes nothing. */
static gboolean
takes_part(const Case *kase)
{
	return kase->nature == NATURE_PERSON &&
	       (strcmp(kase->verdict.class, CLASS_NOT_A_TICKET) != 0 ||
	               kase->verdict.confidence < CONFIDENCE_CLEAR);
}

Turn
conversation_join(ConversationState *state, Case *kase, const Catalogue *catalogue,
        Joining joining)
{
	Turn turn = { .follow_up = joining != JOINS_FIRST,
		.agent = joining == JOINS_AS_AGENT,
		.answered = state->replies > 0,
		.before = state->phase };
	state->mails++;
	if (turn.agent) {
		take_agents_mail(state, kase);
		return turn;
	}
	turn.takes_part = takes_part(kase);
	if (!turn.takes_part)
		return turn;
	share_class(state, kase, &turn);
	share_language(state, kase);
	share_items(state, kase, catalogue, &turn);
	turn.news = turn.news || kase->promised_attachment || kase->unreadable->len > 0;
	turn.told = turn.answered && g_strcmp0(state->told, kase->verdict.class) == 0;
	return turn;
}

static void
set_phase(ConversationState *state, Phase phase, const char *reason)
{
	state->phase = phase;
	set_text(&state->reason, reason);
}

/* Whether this gate makes the matter an agent's from now on. */
static gboolean
hands_over(Gate gate)
{
	return gate == GATE_HUMAN_WANTED || gate == GATE_NOT_HELPED ||
	       gate == GATE_CONVERSATION_LIMIT;
}

static gboolean
is_complete(const Case *kase)
{
	for (guint i = 0; i < kase->requirements->len; i++)
		if (!g_array_index(kase->requirements, Requirement, i).present)
			return FALSE;
	return TRUE;
}

/* A reply that says that an agent takes over is the last one. The first reply says so of
 * course, too; what the customer still adds to it deserves a word of thanks. */
static void
note_reply(
        ConversationState *state, const Case *kase, const Plan *plan, const Turn *turn)
{
	state->replies++;
	set_text(&state->told, kase->verdict.class);
	if (kase->wants_human)
		set_phase(state, PHASE_HANDED_OVER, gate_name(GATE_HUMAN_WANTED));
	else if (kase->not_helped)
		set_phase(state, PHASE_HANDED_OVER, gate_name(GATE_NOT_HELPED));
	else if (turn->answered && is_complete(kase))
		set_phase(state, PHASE_HANDED_OVER, "complete");
	else
		set_phase(state, PHASE_OPEN, NULL);
	(void)plan;
}

void
conversation_settle(
        ConversationState *state, const Case *kase, const Plan *plan, const Turn *turn)
{
	gboolean replies = plan->action == REPLY_SEND || plan->action == REPLY_DRAFT;
	if (state->phase == PHASE_AGENT || turn->agent)
		return;
	if (replies)
		note_reply(state, kase, plan, turn);
	else if (turn->takes_part && hands_over(plan->gate))
		set_phase(state, PHASE_HANDED_OVER, gate_name(plan->gate));
	else if (turn->takes_part && state->phase == PHASE_CLOSED)
		set_phase(state, PHASE_OPEN, NULL);
	else if (turn->follow_up && kase->nature == NATURE_PERSON && kase->thanks &&
	         !turn->takes_part)
		set_phase(state, PHASE_CLOSED, "thanks");
}

void
conversation_note_agent(ConversationState *state, const char *address)
{
	if (state->phase != PHASE_AGENT)
		set_phase(state, PHASE_AGENT, address);
}

static json_t *
text_or_null(const char *text)
{
	return text != NULL ? json_string(text) : json_null();
}

json_t *
conversation_json(const ConversationState *state, const json_t *packed,
        const Turn *turn, const char *token)
{
	json_t *object = json_object(), *change = json_null();
	if (turn->from != NULL) {
		change = json_object();
		json_object_set_new(change, "from", json_string(turn->from));
		json_object_set_new(change, "to",
		        text_or_null(finest(state->class, state->detail)));
	}
	json_object_set_new(object, "ticket", text_or_null(token));
	json_object_set_new(object, "mail", json_integer(state->mails));
	json_object_set_new(object, "follow_up", json_boolean(turn->follow_up));
	json_object_set_new(object, "class_change", change);
	json_object_set_new(object, "class_alone", text_or_null(turn->alone));
	json_object_update(object, (json_t *)packed);
	return object;
}
