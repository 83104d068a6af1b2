/*
 * Secret commands: programs that print a password or a token.
 *
 * Each runs without a shell, in a process group of its own that is killed as a whole when it
 * takes too long, when we are to stop, and for what it leaves behind. What it prints goes
 * through a pipe and nowhere else; what it says on stderr goes where our own lines go.
 */
#pragma once

#include <glib.h>

typedef struct {
	const char *command; /* split like a shell's words */
	guint seconds;
	int stop_fd; /* when readable, it is interrupted; -1: none */
} SecretCommand;

/* Run it, and put what it printed, NUL-terminated and cut to size, into buffer, which the
 * caller wipes. ERROR_CONFIG when it cannot be started, ERROR_TEMPORARY when it fails. */
gboolean secret_command_run(
        const SecretCommand *command, char *buffer, gsize size, GError **error);
