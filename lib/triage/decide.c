#include "triage/decide.h"

#include <string.h>

#include "mail/mail.h"
#include "triage/checklist.h"

/* Below this the guidance might be the wrong one: an agent looks first. */
#define CONFIDENCE_LOW 0.6

#define SECONDS_PER_HOUR 3600

#define CLASS_NOT_A_TICKET "not-a-ticket"
#define CLASS_UNKNOWN "unknown"

/* What is asked of a gate that depends on history or on the verdict. */
typedef struct {
	const Case *kase;
	const Class *class; /* the finest that was named, or NULL */
	const Settings *settings;
	const History *history;
	const Catalogue *catalogue;
} Question;

static gboolean
is_too_old(const Question *question)
{
	const History *history = question->history;
	if (history->backlog)
		return TRUE;
	gint64 received =
	        history->received != 0 ? history->received : question->kase->arrival;
	gint64 now = history->now != 0 ? history->now : received;
	gint64 limit =
	        (gint64)question->settings->reply.max_age_hours * SECONDS_PER_HOUR;
	return limit > 0 && received > 0 && now - received > limit;
}

static gboolean
bounced_before(const Question *question)
{
	return question->history->bounced_before;
}

static gboolean
is_class(const Question *question, const char *class)
{
	return strcmp(question->kase->verdict.class, class) == 0;
}

/* Whether the mail goes on with a matter that was there before. */
static gboolean
goes_on(const Question *question)
{
	const Turn *turn = question->history->turn;
	return turn != NULL && turn->follow_up && turn->takes_part;
}

/* "Non ho capito", "avete novità?": it adds nothing that was asked for. To repeat the question
 * would be the wrong answer, silence too. */
static gboolean
is_unclear_follow_up(const Question *question)
{
	return goes_on(question) && !question->history->turn->news;
}

static gboolean
is_no_ticket(const Question *question)
{
	return is_class(question, CLASS_NOT_A_TICKET) &&
	       !is_unclear_follow_up(question);
}

static gboolean
agent_answered(const Question *question)
{
	return goes_on(question) && question->history->turn->before == PHASE_AGENT;
}

/* In a first mail it is told of earlier advice, or of a general wish: the reply says then that
 * an agent takes over. Said of our own reply, no further one would help. */
static gboolean
human_wanted(const Question *question)
{
	return goes_on(question) && question->kase->wants_human;
}

static gboolean
not_helped(const Question *question)
{
	return goes_on(question) && question->history->turn->answered &&
	       question->kase->not_helped;
}

static gboolean
handed_over(const Question *question)
{
	return goes_on(question) &&
	       question->history->turn->before == PHASE_HANDED_OVER;
}

static gboolean
reached(guint count, guint limit)
{
	return limit > 0 && count >= limit;
}

static gboolean
sender_limit(const Question *question)
{
	return reached(question->history->sender_replies,
	        question->settings->reply.per_sender_messages);
}

static gboolean
conversation_limit(const Question *question)
{
	return reached(question->history->conversation_replies,
	        question->settings->reply.per_conversation_messages);
}

static gboolean
global_limit(const Question *question)
{
	return question->history->breaker_open ||
	       reached(question->history->global_replies,
	               question->settings->reply.global_messages);
}

static Mode
class_mode(const Question *question)
{
	if (question->class == NULL)
		return MODE_SEND;
	return catalogue_shown(question->catalogue, question->class)->mode;
}

static gboolean
class_holds(const Question *question)
{
	Mode mode = class_mode(question);
	return mode == MODE_OBSERVE || mode == MODE_TAG;
}

/* A mark that forbids an answer may stand in what was not read. */
static gboolean
header_is_cut(const Question *question)
{
	return g_strcmp0(question->kase->limit, LIMIT_HEADER) == 0;
}

/* "unknown" only asks for what is missing: it can be sent in doubt. */
static gboolean
low_confidence(const Question *question)
{
	return is_unclear_follow_up(question) || header_is_cut(question) ||
	       (!is_class(question, CLASS_UNKNOWN) &&
	               question->kase->verdict.confidence < CONFIDENCE_LOW);
}

/* What the mail itself forbids comes before what an agent may still allow: a thank-you is
 * not held because its writer has reached a limit. */
static const struct {
	Gate gate;
	ReplyAction action;
	gboolean (*shut)(const Question *question);
} gates[] = {
	{ GATE_TOO_OLD, REPLY_SUPPRESS, is_too_old },
	{ GATE_BOUNCED_BEFORE, REPLY_SUPPRESS, bounced_before },
	{ GATE_NOT_A_TICKET, REPLY_SUPPRESS, is_no_ticket },
	{ GATE_AGENT_ANSWERED, REPLY_HOLD, agent_answered },
	{ GATE_HUMAN_WANTED, REPLY_HOLD, human_wanted },
	{ GATE_NOT_HELPED, REPLY_HOLD, not_helped },
	{ GATE_HANDED_OVER, REPLY_HOLD, handed_over },
	{ GATE_SENDER_LIMIT, REPLY_HOLD, sender_limit },
	{ GATE_CONVERSATION_LIMIT, REPLY_HOLD, conversation_limit },
	{ GATE_GLOBAL_LIMIT, REPLY_HOLD, global_limit },
	{ GATE_CLASS, REPLY_HOLD, class_holds },
	{ GATE_LOW_CONFIDENCE, REPLY_HOLD, low_confidence },
};

static void
plan_stop(Plan *plan, ReplyAction action, Gate gate)
{
	plan->action = action;
	plan->gate = gate;
	plan->reason = g_strdup(gate_name(gate));
}

static gboolean
stopped_by_gate(Plan *plan, const Question *question)
{
	if (question->kase->header_gate != GATE_NONE) {
		plan_stop(plan, REPLY_SUPPRESS, question->kase->header_gate);
		return TRUE;
	}
	if (question->history->known_before) {
		plan->action = REPLY_SUPPRESS;
		plan->reason = g_strdup("answered before");
		return TRUE;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(gates); i++) {
		if (gates[i].shut(question)) {
			plan_stop(plan, gates[i].action, gates[i].gate);
			return TRUE;
		}
	}
	return FALSE;
}

static const char *
checklist_state(const Case *kase)
{
	if (kase->requirements->len == 0)
		return "no checklist";
	g_autoptr(GPtrArray) missing = checklist_missing(kase);
	return missing->len > 0 ? "checklist incomplete" : "checklist complete";
}

/* The settings' mode can only hold back: what it allows is the class's to say. */
static void
act_by_mode(Plan *plan, const Question *question)
{
	Mode mode = question->settings->mode;
	if (mode == MODE_OBSERVE || mode == MODE_TAG) {
		plan->action = REPLY_HOLD;
		plan->reason = g_strdup_printf("mode %s", mode_name(mode));
	} else if (class_mode(question) == MODE_DRAFT) {
		plan_stop(plan, REPLY_DRAFT, GATE_CLASS);
	} else if (mode == MODE_DRAFT) {
		plan->action = REPLY_DRAFT;
		plan->reason = g_strdup("mode draft");
	} else {
		plan->action = REPLY_SEND;
		plan->reason = g_strdup(checklist_state(question->kase));
	}
}

static void
decide_action(Plan *plan, const Question *question)
{
	if (stopped_by_gate(plan, question))
		return;
	if (plan->to == NULL) {
		plan_stop(plan, REPLY_SUPPRESS, GATE_NULL_SENDER);
	} else {
		act_by_mode(plan, question);
	}
}

static void
add_missing_tags(GPtrArray *tags, const Case *kase)
{
	gboolean complete = TRUE;
	for (guint i = 0; i < kase->requirements->len; i++) {
		const Requirement *requirement =
		        &g_array_index(kase->requirements, Requirement, i);
		if (requirement->present)
			continue;
		g_autofree char *name = requirement_name(requirement->kinds);
		complete = FALSE;
		g_ptr_array_add(tags, catalogue_missing_tag(name));
	}
	if (complete && kase->requirements->len > 0)
		g_ptr_array_add(tags, g_strdup("triage-complete"));
}

static void
add_class_tag(GPtrArray *tags, const Question *question)
{
	if (question->class != NULL && question->class->tag != NULL)
		g_ptr_array_add(tags, g_strdup(question->class->tag));
	else
		g_ptr_array_add(tags,
		        g_strdup_printf("triage-%s", question->kase->verdict.class));
}

/* Whether the gate leaves the matter to an agent, who finds the words himself. */
static gboolean
is_agents(Gate gate)
{
	return gate == GATE_AGENT_ANSWERED || gate == GATE_HUMAN_WANTED ||
	       gate == GATE_NOT_HELPED || gate == GATE_HANDED_OVER;
}

/* The template that says it; NULL where none would fit. */
static const char *
template_of(const Plan *plan, const Question *question)
{
	const Turn *turn = question->history->turn;
	if (plan->action == REPLY_SUPPRESS || is_agents(plan->gate) ||
	        is_unclear_follow_up(question))
		return NULL;
	return turn != NULL && turn->told ? TEMPLATE_FOLLOW_UP
	                                  : question->kase->verdict.class;
}

static char *
outcome_tag(ReplyAction action)
{
	switch (action) {
	case REPLY_SEND:
	case REPLY_DRAFT: return NULL;
	case REPLY_HOLD: return g_strdup("triage-held");
	case REPLY_SUPPRESS: return g_strdup("triage-no-reply");
	}
	return NULL;
}

Plan *
decide(const Case *kase, const Catalogue *catalogue, const Settings *settings,
        const History *history)
{
	const Verdict *verdict = &kase->verdict;
	const char *finest = verdict->detail != NULL ? verdict->detail : verdict->class;
	Question question = { kase, catalogue_find(catalogue, finest), settings,
		history, catalogue };
	Plan *plan = g_new0(Plan, 1);

	plan->tags = g_ptr_array_new_with_free_func(g_free);
	add_class_tag(plan->tags, &question);
	add_missing_tags(plan->tags, kase);
	plan->to = g_strdup(kase->reply_to);
	decide_action(plan, &question);
	plan->template = g_strdup(template_of(plan, &question));
	plan->language = g_strdup(kase->language);
	plan->outcome_tag = outcome_tag(plan->action);
	plan->tag = settings->mode != MODE_OBSERVE;
	return plan;
}
