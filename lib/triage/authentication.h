/*
 * Did the mail's sender fail authentication, as our own server saw it (RFC 8601)?
 *
 * Only the top-most Authentication-Results field that bears the configured authserv-id is
 * believed: anything below it, or by another name, may have been written by the sender.
 */
#pragma once

#include "mail/header.h"

/* What failed ("dmarc=fail"), or NULL: DMARC failed, or SPF did while neither DKIM nor
 * DMARC passed. The caller frees it. */
char *authentication_failure(const Header *header, const char *authserv_id);
