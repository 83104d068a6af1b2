/*
 * The sandbox of an analyst: what is left to a process that reads hostile mail.
 *
 * Inside, only memory, the one socket it was given, and the charset modules of the C library
 * are in reach: no other file, no network, no exec, no new process. A refused call fails with
 * EPERM; it does not kill, so that a library's harmless attempt costs nothing.
 */
#pragma once

#include <glib.h>

/* Open the charset converters that mail uses, once, so that forked analysts have them. */
void sandbox_preload_charsets(void);

/* Shut this process in, for good. memory_bytes is what it may still allocate (RLIMIT_AS on
 * top of what it has; 0, and sanitizer builds: no limit). ERROR_TEMPORARY when the kernel
 * refuses the system call filter; a kernel without Landlock is no error. */
gboolean sandbox_enter(gsize memory_bytes, GError **error);

/* The same for the process that serves metrics: it may also take connections of a socket that
 * listens already, and open no file at all. */
gboolean sandbox_enter_listener(GError **error);

/* Make this process undumpable and unable to gain rights: every role calls it. */
void sandbox_harden(void);

/* Which protections this kernel gives: "seccomp, Landlock (ABI 7), ..." for --check-config. */
char *sandbox_describe(void);
