#include "net/submission_result.h"

#include <string.h>

#include "base/text.h"

#define WORDS_MAX_CHARS 1000

const char *
submission_outcome_name(SubmissionOutcome outcome)
{
	switch (outcome) {
	case SUBMISSION_SENT: return "sent";
	case SUBMISSION_RETRY: return "retry";
	case SUBMISSION_REFUSED: return "refused";
	case SUBMISSION_UNKNOWN: return "unknown";
	}
	return NULL;
}

void
submission_result_clear(SubmissionResult *result)
{
	g_clear_pointer(&result->status, g_free);
	g_clear_pointer(&result->words, g_free);
}

void
submission_result_set(SubmissionResult *result, SubmissionOutcome outcome,
        const char *step, const char *words)
{
	submission_result_clear(result);
	result->outcome = outcome;
	result->step = step;
	result->code = 0;
	result->words = text_one_line(words, WORDS_MAX_CHARS);
	result->server = result->recipient = FALSE;
}

/* The code of the last thing said before opening failed: 535, 421, 454 ... */
void
submission_result_set_opening(SubmissionResult *result, const GError *error)
{
	const char *said = strstr(error->message, "(server: ");
	submission_result_set(result, SUBMISSION_RETRY, "connect", error->message);
	result->server = TRUE;
	if (said == NULL)
		return;
	said += strlen("(server: ");
	if ((said[0] == '4' || said[0] == '5') && strspn(said, "0123456789") == 3)
		result->code = (int)g_ascii_strtoll(said, NULL, 10);
}

static gboolean
is_authentication_code(int code)
{
	return code == 530 || code == 534 || code == 535 || code == 538;
}

static gboolean
status_is(const char *status, const char *subject)
{
	return status != NULL && strncmp(status + 1, subject, strlen(subject)) == 0;
}

/*
 * Whom a refusal concerns. MAIL is about us. At RCPT 5.7.z and x.3.z mean that we may not
 * relay or that the server is full; everything else is the recipient, greylisting (4.7.z) too. After DATA only an
 * address or mailbox status (x.1.z, x.2.z) is about the recipient.
 */
static void
set_blame(SubmissionResult *result)
{
	const char *status = result->status;
	gboolean system = status_is(status, ".3.") && !status_is(status, ".3.4");
	if (result->code == 421 || is_authentication_code(result->code))
		result->server = TRUE;
	else if (g_str_equal(result->step, "mail"))
		result->server = result->code != 552 && !status_is(status, ".3.4");
	else if (g_str_equal(result->step, "rcpt")) {
		result->server =
		        system || (result->code >= 500 && status_is(status, ".7."));
		result->recipient = !result->server;
	} else {
		result->server = system;
		result->recipient =
		        status_is(status, ".1.") || status_is(status, ".2.");
	}
}

/* Judge a reply that is not what the step hoped for. A mail that lacks our AUTH is not
 * refused: the server would not take any. */
void
submission_result_set_reply(
        SubmissionResult *result, const char *step, const SmtpReply *reply)
{
	gboolean final = reply->code >= 500 && !is_authentication_code(reply->code);
	submission_result_set(result, final ? SUBMISSION_REFUSED : SUBMISSION_RETRY,
	        step, reply->words);
	result->code = reply->code;
	result->status = g_strdup(reply->status);
	set_blame(result);
}
