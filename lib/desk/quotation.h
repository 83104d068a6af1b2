/* What of a customer's mail is said back in the reply word for word. */
#pragma once

#include "triage/case.h"

/* The error as it was recognised, one line; NULL when all there is is the customer's own
 * sentence, which would read oddly, quoted back. */
char *quotation_error(const Case *kase);

/* Whether a display name reads as one. Whoever forges an author could else have us send him
 * "Visit evil.example": an address, a link, a piece of code is not greeted. */
gboolean quotation_is_name(const char *name);
