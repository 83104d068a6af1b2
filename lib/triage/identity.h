/* Which addresses are our own: the settings' identity and its aliases, and its agents'. */
#pragma once

#include "rules/settings.h"

/* Compared in any case; "help+tag@" is "help@". FALSE when no identity is set. */
gboolean identity_is_own(const Settings *settings, const char *address);

/* Whether an address is an agent's: one of those listed, or at a domain listed as "*@domain". */
gboolean identity_is_agent(const Settings *settings, const char *address);

gboolean identity_is_set(const Settings *settings);
