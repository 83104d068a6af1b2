/*
 * A turn: one mail joins its conversation. State and case in, new state and the case as the
 * conversation makes it out; pure.
 *
 *     turn = conversation_join(state, kase, ...);   the case now holds the union
 *     plan = decide(kase, ..., { .turn = &turn });
 *     conversation_settle(state, kase, plan, &turn);
 */
#pragma once

#include "rules/catalogue.h"
#include "triage/conversation_state.h"
#include "triage/plan.h"

/* Below this a mail was judged by its tone alone: no error is shown in it, and it is no clear
 * thank-you, advertising or automatic answer. */
#define CONFIDENCE_CLEAR 0.75

/* The template that answers a follow-up whose class's guidance was given before. */
#define TEMPLATE_FOLLOW_UP "follow-up"

/* Who the mail is from, as only the caller can know. */
typedef enum {
	JOINS_FIRST, /* it begins the conversation */
	JOINS_AS_CUSTOMER,
	JOINS_AS_AGENT, /* an agent's own answer */
} Joining;

typedef struct {
	gboolean follow_up;  /* the conversation was there before */
	gboolean agent;      /* an agent's own answer */
	gboolean answered;   /* a reply of ours went before */
	gboolean takes_part; /* a person says something about the matter */
	gboolean news;       /* it adds an item, an error or another class */
	gboolean told;       /* its class's guidance was given before */
	Phase before;        /* the phase in which the mail found it */
	char *from;  /* the class before, as fine as known, when the mail changes it */
	char *alone; /* the class the mail would have alone, when that is another one */
} Turn;

void turn_clear(Turn *turn);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Turn, turn_clear)

/* Take a mail in. The case's items, class, checklist and language become the conversation's
 * where it takes part in it. */
Turn conversation_join(ConversationState *state, Case *kase, const Catalogue *catalogue,
        Joining joining);

/* What the plan means for the conversation: handed over, closed, one reply more. */
void conversation_settle(
        ConversationState *state, const Case *kase, const Plan *plan, const Turn *turn);

/* Another program's or person's mail showed, outside of it, that an agent has answered. */
void conversation_note_agent(ConversationState *state, const char *address);

/* The contract's object for one mail: its state, packed already by conversation_state_pack(),
 * and "class_change" from what to what. */
json_t *conversation_json(const ConversationState *state, const json_t *packed,
        const Turn *turn, const char *token);
