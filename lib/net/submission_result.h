/* What became of a submission, said from what the server said. */
#pragma once

#include "net/smtp_reply.h"
#include "net/submission.h"

void submission_result_set(SubmissionResult *result, SubmissionOutcome outcome,
        const char *step, const char *words);

/* The connection could not be opened. */
void submission_result_set_opening(SubmissionResult *result, const GError *error);

/* Judge a reply that is not what the step hoped for: refused or to be tried again, and whom it
 * concerns. */
void submission_result_set_reply(
        SubmissionResult *result, const char *step, const SmtpReply *reply);
