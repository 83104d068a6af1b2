#include "base/clock.h"

static gint64 pinned;

gint64
clock_now(void)
{
	return pinned != 0 ? pinned : g_get_real_time();
}

gint64
clock_monotonic(void)
{
	return g_get_monotonic_time();
}

void
clock_pin(gint64 microseconds)
{
	pinned = microseconds;
}
