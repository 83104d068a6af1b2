/* A plan: the effects decided for one mail. Data, not action. */
#pragma once

#include <glib.h>

#include "triage/case.h"

typedef enum { REPLY_SEND, REPLY_DRAFT, REPLY_HOLD, REPLY_SUPPRESS } ReplyAction;

typedef struct {
	GPtrArray
	        *tags; /* of char *: what the analysis sets, without the outcome tags */
	ReplyAction action;
	Gate gate;      /* why not sent; GATE_NONE when sent, drafted by mode, ... */
	char *reason;   /* the gate's name, or a few words ("checklist incomplete") */
	char *to;       /* addr-spec, or NULL */
	char *template; /* class id whose reply is used; NULL: none would fit */
	char *language; /* "it", "en" */
	char *outcome_tag; /* the tag to set once the reply's fate is known without sending:
	                        "triage-no-reply", "triage-held"; NULL for send and draft */
	gboolean tag;      /* false in mode observe: nothing is stored on the mail */
} Plan;

void plan_free(Plan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Plan, plan_free)

const char *reply_action_name(ReplyAction action);
