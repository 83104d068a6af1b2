/*
 * Credentials: read from where the settings say, at the moment they are needed, by the one
 * process that needs them. They end in a Secret, and never appear in logs, messages or
 * arguments.
 */
#pragma once

#include <glib.h>

#include "net/endpoint.h"
#include "rules/settings.h"

/* An endpoint for a server's settings, its credential read. ERROR_CONFIG when a password
 * file is missing, empty or readable by others; ERROR_TEMPORARY when a command fails. */
Endpoint *credential_endpoint(const ServerSettings *server, GError **error);
