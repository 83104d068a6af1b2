/* Tokens: how long an OAuth2 bearer token lasts, as far as it or its command says. */
#pragma once

#include <glib.h>

/* Seconds that a token lasts from now (seconds since the epoch) on, by what its command printed:
 * a further line "expires_in=SECONDS", else the "exp" of a JSON Web Token (RFC 7519 4.1.4).
 * -1: it does not say; 0: it has expired already. */
gint64 token_lifetime(const char *printed, gint64 now);
