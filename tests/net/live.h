/* What the tests against real servers share; the variables are those of tests/live/servers. */
#pragma once

#include "net/endpoint.h"

/* A variable; the test fails when it is not set. */
const char *live_variable(const char *name);

/* An endpoint of the throw-away servers: "imap", "IMAP_PORT" ... */
Endpoint *live_endpoint(const char *scheme, const char *port, const char *user);

/* A mail of at least size bytes, the same for the same number; "<NUMBER@live.test>". */
GBytes *live_mail(guint number, gsize size);

/* tests/live/servers VERB */
void live_servers(const char *verb);
