/* The tags of a conversation's earlier mails, brought to what its newest mail makes of it. */
#pragma once

#include "store/store.h"
#include "triage/plan.h"

/* Queue the differences for every ticket of the conversation but the mail given, and correct
 * the journal's "missing". Only tags that we set are taken away; a class that an agent gave
 * stays (desk/override.h), and where one is only just changing it nothing is done. Needs a
 * transaction. */
gboolean retagging_queue(Store *store, gint64 conversation, gint64 but,
        const Plan *plan, const char *missing, gint64 now, GError **error);
