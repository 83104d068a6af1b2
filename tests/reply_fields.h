/*
 * The reply to a case, parsed back: whether anything of the customer's mail got out of its
 * place. For the hostile mails and the fuzz targets.
 */
#pragma once

#include <glib.h>

#include "rules/settings.h"
#include "triage/case.h"

/* Decide and compose as the service does, and read the bytes with GMime. What is wrong with
 * them, or NULL: nothing, or there is nothing to answer. *text becomes the decoded text
 * with LF ends, or NULL without a reply; text may be NULL. */
char *reply_fields_check(const Case *kase, const Catalogue *catalogue,
        const Settings *settings, char **text);
