/*
 * What a conversation has come to: a plain record, kept in the store between two mails.
 *
 * Surprising rule: mails are numbered from 1 in the order in which they joined, whoever wrote
 * them; a number stands beside every fact, so that an agent can look where it came from.
 */
#pragma once

#include <jansson.h>

#include "triage/case.h"

typedef enum {
	PHASE_OPEN,        /* we may answer */
	PHASE_HANDED_OVER, /* an agent's; we only tag */
	PHASE_AGENT,       /* an agent has answered in it; we only tag, for good */
	PHASE_CLOSED, /* the customer said thank you; a further mail opens it again */
	PHASE_COUNT,
} Phase;

/* Two mails say different things where only one can be right; the newer one counts. */
typedef struct {
	ItemKind kind;
	char *old_value, *new_value;
	guint old_mail, new_mail;
} Contradiction;

/* New evidence named another class; ids as fine as they are known. */
typedef struct {
	char *from, *to;
	guint mail;
} ClassChange;

typedef struct {
	Phase phase;
	char *reason;   /* why it is in that phase, or NULL */
	guint mails;    /* that joined, of everybody */
	guint replies;  /* of ours, sent or drafted */
	char *language; /* "it", "en"; or NULL: not known yet */
	char *class;    /* NULL: no mail has named one yet */
	char *detail;   /* or NULL */
	double confidence;
	char *told;          /* the class whose guidance we gave last, or NULL */
	GPtrArray *items;    /* of Item: what counts now, per kind the newest first */
	GPtrArray *replaced; /* of Item: what newer mails say otherwise */
	GPtrArray *contradictions; /* of Contradiction, in order */
	GPtrArray *changes;        /* of ClassChange, in order */
	char *pointer; /* the token of a conversation that it may belong to; or NULL */
} ConversationState;

ConversationState *conversation_state_new(void);
void conversation_state_free(ConversationState *state);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ConversationState, conversation_state_free)

/* As the store keeps it and as scripts see it: the same object. */
json_t *conversation_state_pack(const ConversationState *state);

/* ERROR_STORE when the text is not what conversation_state_pack() made; what is absent is
 * zero, so that an older state is read. text NULL: a new one. */
ConversationState *conversation_state_unpack(const char *text, GError **error);

/* "open", "handed-over", "agent", "closed". */
const char *phase_name(Phase phase);

/* A copy of an item. */
Item *item_copy(const Item *item);
