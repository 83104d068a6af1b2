/*
 * A case and its plan told as a colleague would: what was seen where, which signature of
 * which file and line, why not the runner-up, what is missing, why a reply goes out or not.
 *
 * The golden mails of tests/mails hold exactly this, so it is stable: one fact per line, no
 * absolute path, no clock. Values from the mail are made safe for a terminal.
 */
#pragma once

#include "triage/case.h"
#include "triage/plan.h"

/* Lines, each ended by LF; the caller frees. file and plan may be NULL. */
char *explain(const Case *kase, const Plan *plan, const char *file);

/* What becomes of the reply and why, "the reply is held for an agent, ...", in lines as above. */
char *explain_reply(const Case *kase, const Plan *plan);
