#include "base/repeats.h"

#include <string.h>

#define WINDOW (REPEATS_SECONDS * (gint64)G_USEC_PER_SEC)

static gboolean
is_over(const Repeat *repeat, gint64 now)
{
	return now - repeat->since >= WINDOW;
}

/* The line's own place, or a free one, or that of the oldest with nothing to tell. */
static Repeat *
find_place(Repeats *repeats, const char *line, gint64 now)
{
	Repeat *place = NULL;
	for (guint i = 0; i < REPEATS_LINES; i++) {
		Repeat *repeat = &repeats->lines[i];
		if (g_strcmp0(repeat->line, line) == 0)
			return repeat;
		if (repeat->line != NULL && repeat->left_out > 0)
			continue;
		if (place == NULL || repeat->line == NULL ||
		        (place->line != NULL && repeat->since < place->since))
			place = repeat;
	}
	if (place == NULL)
		return NULL;
	g_free(place->line);
	*place = (Repeat){ .line = g_strdup(line), .since = now };
	return place;
}

gboolean
repeats_may_write(Repeats *repeats, const char *line, gint64 now)
{
	Repeat *repeat = find_place(repeats, line, now);
	/* All places are of lines that are being left out: this one is at least new. */
	if (repeat == NULL)
		return TRUE;
	if (is_over(repeat, now) && repeat->left_out == 0) {
		repeat->since = now;
		repeat->written = 0;
	}
	if (repeat->written < REPEATS_MOST) {
		repeat->written++;
		return TRUE;
	}
	repeat->left_out++;
	return FALSE;
}

guint
repeats_take(Repeats *repeats, gint64 now, char **line)
{
	for (guint i = 0; i < REPEATS_LINES; i++) {
		Repeat *repeat = &repeats->lines[i];
		guint count = repeat->left_out;
		if (count == 0 || !is_over(repeat, now))
			continue;
		*line = g_steal_pointer(&repeat->line);
		*repeat = (Repeat){ 0 };
		return count;
	}
	return 0;
}

void
repeats_clear(Repeats *repeats)
{
	for (guint i = 0; i < REPEATS_LINES; i++) {
		g_free(repeats->lines[i].line);
		repeats->lines[i] = (Repeat){ 0 };
	}
}
