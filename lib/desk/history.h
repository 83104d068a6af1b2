/* What the journal knows of a mail's sender: the limits' counts, bounces, the breaker. */
#pragma once

#include "desk/intake.h"
#include "triage/decide.h"
#include "triage/plan.h"

/* Whether a mail was there before we were asked to answer: start = "now", or a date. */
gboolean history_is_backlog(const Intake *intake, const Arrival *arrival);

/* Read all that decide() asks for. Needs the transaction in which the reply will be queued. */
gboolean history_read(const Intake *intake, const Arrival *arrival, gint64 conversation,
        History *history, GError **error);

/* Open the breaker when the plan ran into the global limit; say so once. */
gboolean history_watch_breaker(
        const Intake *intake, const Plan *plan, const History *history, GError **error);
