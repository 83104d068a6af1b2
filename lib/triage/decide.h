/*
 * decide(): a case and what is known of its sender to a plan. Pure, knows history.
 *
 * Two questions kept apart: is it a ticket (the case's verdict), and may we reply (the
 * gates). Gates of the header come with the case; those of history are asked here.
 */
#pragma once

#include <glib.h>

#include "rules/settings.h"
#include "triage/case.h"
#include "triage/conversation_turn.h"
#include "triage/plan.h"

/* What the journal knows. All zero for a mail judged on its own (triagectl classify). */
typedef struct {
	gint64 now;      /* seconds since the epoch; 0: the mail's own arrival */
	gint64 received; /* INTERNALDATE; 0: the mail's own arrival */
	gboolean
	        backlog; /* it was there before the first start: tagged, not answered */
	gboolean known_before; /* another copy of the same mail was triaged */
	const Turn *
	        turn; /* how the mail joins its conversation; NULL: judged on its own */
	gboolean bounced_before;
	guint sender_replies; /* replies to this address within per_sender.hours */
	guint conversation_replies;
	guint global_replies; /* within global.minutes */
	gboolean breaker_open;
} History;

/* mode: the mailbox's, already the lower of settings and command line. */
Plan *decide(const Case *kase, const Catalogue *catalogue, const Settings *settings,
        const History *history);
