/*
 * Repeats: a line that says the very same again and again fills a disk and hides the others.
 * After REPEATS_MOST of them within REPEATS_SECONDS it is left out, and counted; what differs
 * in a single value, as the lines of different mails do, is never left out.
 */
#pragma once

#include <glib.h>

#define REPEATS_MOST 5
#define REPEATS_SECONDS 60
#define REPEATS_LINES                                                                  \
	16 /* different lines that are remembered; older ones are forgotten */

typedef struct {
	char *line;
	gint64 since; /* monotonic: when the first of these was written */
	guint written, left_out;
} Repeat;

typedef struct {
	Repeat lines[REPEATS_LINES];
} Repeats;

/* Whether a line may be written now. */
gboolean repeats_may_write(Repeats *repeats, const char *line, gint64 now);

/* Take a line that was left out and whose time is over: how often it was; 0: there is none.
 * *line is the caller's. */
guint repeats_take(Repeats *repeats, gint64 now, char **line);

/* Forget all. */
void repeats_clear(Repeats *repeats);
