/*
 * Pace: which recipients dawdle, so that they cannot take every connection.
 *
 * A domain has one submission at a time until one of its own went quickly, and those known to
 * dawdle leave at least one connection to the others. Times are clock_monotonic()'s.
 */
#pragma once

#include <glib.h>

typedef struct Pace Pace;

Pace *pace_new(guint connections);
void pace_free(Pace *pace);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pace, pace_free)

/* Whether a submission to this recipient may take a free connection. */
gboolean pace_may_start(const Pace *pace, const char *recipient, gint64 now);

/* Say that one begins, and that the one which began at started has ended. */
void pace_start(Pace *pace, const char *recipient, gint64 now);
void pace_end(Pace *pace, const char *recipient, gint64 started, gint64 now);

/* Unsay pace_start(). */
void pace_cancel(Pace *pace, const char *recipient);
