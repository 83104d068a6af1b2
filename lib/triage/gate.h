/* May we answer, by the top-level header and structure alone (RFC 3834 2, 4). The first gate
 * that shuts, in the order of the enumeration, or GATE_NONE. A gate whose setting is absent
 * does not apply. */
#pragma once

#include "mail/mail.h"
#include "rules/settings.h"
#include "triage/case.h"

/* *why names the field that shut it. */
Gate gate_of_header(const Mail *mail, const Settings *settings, char **why);
