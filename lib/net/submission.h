/*
 * Submission: handing a mail to the SMTP server, and knowing what became of it.
 *
 * libcurl opens and authenticates, then we speak SMTP (RFC 5321, 2920), so that four outcomes
 * are told apart exactly: UNKNOWN is only a mail whose final dot went out and whose answer
 * never came. A Submission is one kept connection and blocks: use one per process or thread.
 */
#pragma once

#include <glib.h>

#include "net/endpoint.h"

typedef struct Submission Submission;

typedef enum {
	SUBMISSION_SENT,
	SUBMISSION_RETRY,   /* not sent now; try again */
	SUBMISSION_REFUSED, /* not sent, never will be */
	SUBMISSION_UNKNOWN, /* perhaps sent */
} SubmissionOutcome;

typedef struct {
	SubmissionOutcome outcome;
	int code;         /* the server's reply code; 0: none came */
	char *status;     /* enhanced status "5.1.1", or NULL */
	char *words;      /* the server's, or ours, one line; never NULL */
	const char *step; /* "connect", "mail", "rcpt", "data", "message" */
	gboolean
	        server; /* trouble with the server or our account: any other mail would fare alike;
	                    else it concerns this recipient or this mail */
	gboolean
	        recipient; /* the refusal is of the recipient itself (no such user ...) */
} SubmissionResult;

/* endpoint is borrowed. Nothing is connected before the first mail. */
Submission *submission_new(const Endpoint *endpoint);
void submission_free(Submission *submission);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Submission, submission_free)

/*
 * Submit one mail (CRLF ends) to one recipient; envelope_from "" is the null sender. Connects
 * again when the kept connection is gone. Fills *result whatever happens.
 */
void submit(Submission *submission, const char *envelope_from, const char *recipient,
        GBytes *bytes, SubmissionResult *result);
void submission_result_clear(SubmissionResult *result);

/* A mail for submission_run(): a record of the caller's begins with it. */
typedef struct {
	const char *envelope_from, *recipient;
	GBytes *bytes;
	SubmissionResult result; /* of submission_run(); the caller's to clear */
} SubmissionMail;

/* Where further mails come from and results go; each is called with data. */
typedef struct {
	SubmissionMail *(*next)(gpointer data); /* one that waits, or NULL */
	/* Its bytes are about to go out; FALSE: they must not, it is given back. Not called for
	 * the first mail, which had begun before. */
	gboolean (*begin)(SubmissionMail *mail, gpointer data);
	void (*end)(SubmissionMail *mail, gpointer data); /* its result is there */
	void (*give_back)(SubmissionMail *mail, gpointer data); /* it has not begun */
	gpointer data;
} SubmissionFeed;

/* Submit a mail as submit() does, and then, where the server pipelines, those that feed has, as
 * long as there is one before the last's final dot. Each mail ends or is given back once. */
void submission_run(
        Submission *submission, SubmissionMail *first, const SubmissionFeed *feed);

/* End the connection with QUIT when it was idle for so many seconds (0: now). */
void submission_rest(Submission *submission, guint idle_seconds);

/* What the server can and cannot do for us, one line each: TLS, AUTH, size ... Nothing is sent:
 * that MAIL is accepted is taken back. An envelope sender that is refused is ERROR_REFUSED. */
GPtrArray *submission_probe(
        const Endpoint *endpoint, const char *envelope_from, GError **error);
const char *submission_outcome_name(SubmissionOutcome outcome);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SubmissionResult, submission_result_clear)
