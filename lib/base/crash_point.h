/*
 * Named places where the crash tests stop the program: before and after every commit and
 * every effect on the network. No code at all unless configured with --enable-crash-points.
 *
 * Built in: TRIAGED_CRASH_AT=n ends the process with _exit(CRASH_POINT_STATUS) at the n-th
 * point passed. With TRIAGED_CRASH_LOG=FILE each point appends its name to FILE and n counts
 * the lines of FILE, so that it runs over all processes that share it; a process that comes
 * back afterwards is beyond n and goes on.
 */
#pragma once

#include "config.h"

#define CRASH_POINT_STATUS 99

#ifdef WITH_CRASH_POINTS
void crash_point(const char *name);
#else
#define crash_point(name) ((void)0)
#endif
