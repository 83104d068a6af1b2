/*
 * A mail's handling rehearsed: judged on its own, at its own arrival, without network, store
 * or history, and the reply composed as the service would.
 *
 * Surprising rule: what only the store knows is made up from the mail's bytes, so the same
 * mail gives the same reply: the ticket and the Message-ID from their hash, and a ticket in
 * the subject is believed, as the service does of one that it gave out.
 */
#pragma once

#include "triage/case.h"
#include "triage/plan.h"
#include "triaged/workbench.h"

typedef struct {
	Case *kase;
	Plan *plan;
	char *ticket, *message_id;
} Rehearsal;

/* ERROR_INPUT when the bytes are no mail. */
Rehearsal *rehearsal_new(const Workbench *workbench, GBytes *mail, GError **error);
void rehearsal_free(Rehearsal *rehearsal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Rehearsal, rehearsal_free)

/* Whether a reply comes of it, be it only as a draft. */
gboolean rehearsal_replies(const Rehearsal *rehearsal);

/* The reply's bytes, or its text alone; where no identity is set, an example's. */
GBytes *rehearsal_reply(
        const Rehearsal *rehearsal, const Workbench *workbench, GError **error);
char *rehearsal_text(
        const Rehearsal *rehearsal, const Workbench *workbench, GError **error);
