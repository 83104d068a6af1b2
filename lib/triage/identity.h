/* Which addresses are our own: the settings' identity and its aliases, and its agents'. */
#pragma once

#include "mail/header.h"
#include "rules/settings.h"

/* Compared in any case; "help+tag@" is "help@". FALSE when no identity is set. */
gboolean identity_is_own(const Settings *settings, const char *address);

/* Whether an address is an agent's: one of those listed, or at a domain listed as "*@domain". */
gboolean identity_is_agent(const Settings *settings, const char *address);

gboolean identity_is_set(const Settings *settings);

/* Whether any field of that name holds one of our own addresses as an addressee. A field that
 * RFC 5322 does not allow ("Help <help@ours.example", "help@ours.example>>") is read as text:
 * its author wrote to us all the same. The name before another address is no addressee. */
gboolean identity_in_field(
        const Settings *settings, const Header *header, const char *field);
