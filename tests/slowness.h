/*
 * How many times slower a test runs than a bare program does, for limits of time: sanitizers
 * set it at compile time, tests/valgrind/run by its environment.
 */
#pragma once

#include "config.h"

#include <stdlib.h>
#include <time.h>

#ifdef WITH_SANITIZERS
#define SLOWNESS_OF_BUILD 8
#else
#define SLOWNESS_OF_BUILD 1
#endif
#define SLOWNESS_OF_VALGRIND 60

static inline int
slowness(void)
{
	return getenv("TRIAGED_SLOW") != NULL ? SLOWNESS_OF_VALGRIND
	                                      : SLOWNESS_OF_BUILD;
}

/* Seconds of processor time as clock() counts them. Other programs on the machine do not lengthen
 * it, and sanitizers get no more of it: only valgrind does. */
static inline clock_t
processor_seconds(int seconds)
{
	int factor = getenv("TRIAGED_SLOW") != NULL ? SLOWNESS_OF_VALGRIND : 1;
	return (clock_t)seconds * factor * CLOCKS_PER_SEC;
}
