/* The clock: a seam for the tests. Nothing else reads the time. */
#pragma once

#include <glib.h>

/* Microseconds since the epoch; what clock_pin() said last in tests. */
gint64 clock_now(void);

/* Microseconds of a clock that never steps; for time-outs and backoff. */
gint64 clock_monotonic(void);

/* Make clock_now() answer with a fixed time; 0 unpins. */
void clock_pin(gint64 microseconds);
