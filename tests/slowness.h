/*
 * How many times slower a test runs than a bare program does, for limits of time: sanitizers
 * set it at compile time, tests/valgrind/run by its environment.
 */
#pragma once

#include "config.h"

#include <stdlib.h>

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
