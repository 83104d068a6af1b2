/*
 * The reply: a case and its plan, said in the customer's language, as bytes that never
 * change again.
 */
#pragma once

#include <glib.h>

#include "rules/settings.h"
#include "triage/case.h"
#include "triage/plan.h"

/* What only the caller knows: identifiers and time. */
typedef struct {
	const char *message_id; /* with <> */
	const char *ticket;     /* "TR-XXXXXX" */
	gint64 now;             /* seconds since the epoch */
	int utc_offset_minutes;
	gboolean follow_up; /* the conversation has had a reply already */
} ReplyStamp;

/* The mail that plan says to send or draft. ERROR_INPUT when its recipient is no address;
 * ERROR_CONFIG when the class has no template. */
GBytes *reply_compose(const Case *kase, const Plan *plan, const Catalogue *catalogue,
        const Settings *settings, const ReplyStamp *stamp, GError **error);

/* "Re: " + the customer's subject + " [TICKET]", without doubling either. */
char *reply_subject(const char *subject, const char *ticket);

/* The text alone, for previews and tests. */
char *reply_text(const Case *kase, const Plan *plan, const Catalogue *catalogue,
        const Settings *settings, const ReplyStamp *stamp, GError **error);
