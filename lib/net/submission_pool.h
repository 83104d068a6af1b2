/*
 * Several submissions at once, so that one recipient whose server dawdles delays no other.
 *
 * Each connection is a Submission in a thread of its own; everything here is called from one
 * thread only. A connection that has nothing to do for a while ends itself.
 */
#pragma once

#include <glib.h>

#include "net/submission.h"

typedef struct SubmissionPool SubmissionPool;

/* endpoint is borrowed, and shared by the threads: it must not change. Nothing is connected
 * before the first mail. Threads handle no signals. */
SubmissionPool *submission_pool_new(const Endpoint *endpoint, guint connections);

/* Wait for the submissions under way (cancel_fd cuts them short); results not taken are lost. */
void submission_pool_free(SubmissionPool *pool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SubmissionPool, submission_pool_free)

/* How many mails are under way, results not yet taken included. */
guint submission_pool_busy(const SubmissionPool *pool);

/* Whether a connection is free for one more mail. */
gboolean submission_pool_has_room(const SubmissionPool *pool);

typedef struct {
	const char *envelope_from, *recipient;
	GBytes *bytes;
	gpointer tag; /* the caller's, given back with the result */
	gint *progress; /* set atomically: to one of these as the mail gets on; outlives it */
	gint begun, sent, over;
} SubmissionJob;

/* Start a submission as submit() does it, or have it wait for a free connection; what job
 * points to is copied, but progress. */
void submission_pool_start(SubmissionPool *pool, const SubmissionJob *job);

/* Take back a mail that still waits for a connection: it has not begun. FALSE: none does. */
gboolean submission_pool_withdraw(SubmissionPool *pool, gpointer *tag);

/* Let none begin any more that waits; a connection that meets trouble (the server's, or a mail
 * of unknown fate) does the same at once, before it takes the next. And the opposite. */
void submission_pool_halt(SubmissionPool *pool);
void submission_pool_resume(SubmissionPool *pool);

/* Readable while a result waits. */
int submission_pool_fd(const SubmissionPool *pool);

/* Take a result; FALSE when none waits. *result is the caller's to clear; *began (may be
 * NULL) is when it got its connection (clock_monotonic()). */
gboolean submission_pool_take(
        SubmissionPool *pool, gpointer *tag, SubmissionResult *result, gint64 *began);
