/* A conversation with tests/talks/peer, for the tests of the net floor. */
#pragma once

#include "net/endpoint.h"

#define TALK_PASSWORD "secret-word"

typedef struct Talk Talk;

/* Start the peer with tests/talks/NAME.talk; skips the test where python3 or openssl is missing. */
Talk *talk_start(const char *name);

/* An endpoint for the peer. scheme "smtp" ...; strict: by an address that does not count as
 * loopback; login: with user and TALK_PASSWORD. */
Endpoint *talk_endpoint(
        const Talk *talk, const char *scheme, gboolean strict, gboolean login);

/* Wait for the peer; fail the test unless everything was said and heard as written. */
void talk_finish(Talk *talk);
