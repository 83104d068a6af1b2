/* Whether the secrets that the settings name can be read by the service. */
#pragma once

#include "rules/problems.h"
#include "rules/settings.h"

/* Add what is wrong with a server's password file, or credential of systemd where that hands some
 * out; commands are not run. place: "FILE:LINE" of the setting. */
void credential_check_server(const Settings *settings, const ServerSettings *server,
        const char *place, Problems *problems);

/* The same for all servers. FALSE: every problem, one per line, in *error. */
gboolean credential_check(const Settings *settings, GError **error);
