#include "desk/pulse.h"

#include <stdatomic.h>
#include <sys/mman.h>

#include "base/clock.h"

struct Pulse {
	gint64 patience; /* microseconds */
	gsize size;
	_Atomic gint64 *until; /* per cell, monotonic microseconds */
};

Pulse *
pulse_new(guint cells, guint patience)
{
	Pulse *pulse = g_new0(Pulse, 1);
	pulse->patience = patience * (gint64)G_USEC_PER_SEC;
	pulse->size = cells * sizeof *pulse->until;
	pulse->until = mmap(NULL, pulse->size, PROT_READ | PROT_WRITE,
	        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (pulse->until == MAP_FAILED)
		g_error("no memory to share for %u signs of life", cells);
	return pulse;
}

void
pulse_free(Pulse *pulse)
{
	if (pulse == NULL)
		return;
	munmap((void *)pulse->until, pulse->size);
	g_free(pulse);
}

void
pulse_keep_private(Pulse *pulse)
{
	if (pulse != NULL)
		madvise((void *)pulse->until, pulse->size, MADV_DONTFORK);
}

void
pulse_beat(Pulse *pulse, guint cell, gint64 milliseconds)
{
	if (pulse != NULL)
		atomic_store(&pulse->until[cell],
		        clock_monotonic() + milliseconds * 1000 + pulse->patience);
}

gboolean
pulse_is_late(const Pulse *pulse, guint cell)
{
	return clock_monotonic() > atomic_load(&pulse->until[cell]);
}
