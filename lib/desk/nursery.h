/*
 * The nursery: forked early, holds the compiled catalogue and nothing else, and forks a
 * sandboxed analyst for every socket it is handed.
 */
#pragma once

#include <glib.h>

#include "triage/analyse.h"

/* What a watcher asks of an analyst: this record, then size bytes. */
typedef struct {
	guint64 size;
	gint64 received;
	guint32 truncated;
	guint32 unused;
} AnalystQuestion;

/* What it answers: this record, then length bytes: a packed case, or a message. */
typedef struct {
	guint32 length;
	guint32 failed;
	gint64 took; /* microseconds */
} AnalystAnswer;

/* Fork the nursery; its control socket, over which wire_give_fd() hands it analysts' ends,
 * or -1. The nursery ends with the socket. */
int nursery_start(const AnalyseContext *context, GError **error);

/* Answer questions over fd until it is closed. Never returns. For the nursery and the tests. */
void analyst_run(const AnalyseContext *context, int fd) G_GNUC_NORETURN;
