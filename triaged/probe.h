/* What the servers of the settings say when they are asked: for --check-config --online. */
#pragma once

#include "rules/problems.h"
#include "rules/settings.h"

/* Log in to every server, print what each can and cannot do, send nothing, change nothing. What
 * does not work is a problem with the place of the setting to mend. */
void probe_servers(const Settings *settings, Problems *problems);
