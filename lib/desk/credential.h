/*
 * Credentials: read from where the settings say, at the moment they are needed, by the one
 * process that needs them. They end in a Secret, and never appear in logs, messages or
 * arguments.
 */
#pragma once

#include <glib.h>

#include "net/endpoint.h"
#include "rules/settings.h"

/*
 * The credential of one server, as one process uses it over many connections. A password is
 * read for each; a token is kept until it expires, or until the server refuses it.
 */
typedef struct Credential Credential;

/* server is borrowed. Once stop_fd (-1: none) is readable no command is waited for. */
Credential *credential_new(const ServerSettings *server, int stop_fd);
void credential_free(Credential *credential);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Credential, credential_free)

/* An endpoint to log in with, good as long as credential. ERROR_CONFIG when a password file is
 * missing, empty or readable by others, or a command cannot be started; ERROR_TEMPORARY when
 * one fails, or takes too long and is killed. */
Endpoint *credential_log_in(Credential *credential, GError **error);

/* A login went well. */
void credential_accept(Credential *credential);

/* After connections failed: forget a token that a server refused. Whether it is worth to try
 * again at once: it had been accepted before, and may just be revoked or expired. */
gboolean credential_forget_refused(Credential *credential);

/* Whether a token is kept whose time is over. */
gboolean credential_has_expired(const Credential *credential);

/* An endpoint for a single connection; errors as above. */
Endpoint *credential_endpoint(const ServerSettings *server, GError **error);
