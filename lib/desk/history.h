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

/* Whether another copy of the mail, which came by another way, was triaged lately. */
gboolean history_has_twin(
        const Intake *intake, const Case *kase, gboolean *has, GError **error);

/* A bounce of a reply of ours (it returns a Message-ID that only we can sign) closes the address
 * that the reply went to for a while, not what it says: whoever has a reply can write a bounce
 * of it that names anybody. */
gboolean history_note_bounces(const Intake *intake, const Case *kase, GError **error);
