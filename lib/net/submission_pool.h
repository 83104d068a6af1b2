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
} SubmissionJob;

/* Start a submission as submit() does it; what job points to is copied. */
void submission_pool_start(SubmissionPool *pool, const SubmissionJob *job);

/* Readable while a result waits. */
int submission_pool_fd(const SubmissionPool *pool);

/* Take a result; FALSE when none waits. *result is the caller's to clear. */
gboolean submission_pool_take(
        SubmissionPool *pool, gpointer *tag, SubmissionResult *result);
