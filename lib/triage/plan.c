#include "triage/plan.h"

void
plan_free(Plan *plan)
{
	if (plan == NULL)
		return;
	g_clear_pointer(&plan->tags, g_ptr_array_unref);
	g_free(plan->reason);
	g_free(plan->to);
	g_free(plan->template);
	g_free(plan->language);
	g_free(plan->outcome_tag);
	g_free(plan);
}

const char *
reply_action_name(ReplyAction action)
{
	switch (action) {
	case REPLY_SEND: return "send";
	case REPLY_DRAFT: return "draft";
	case REPLY_HOLD: return "hold";
	case REPLY_SUPPRESS: return "suppress";
	}
	return NULL;
}
