/*
 * Where we may listen: on this host alone.
 *
 * "127.0.0.1:9762", "[::1]:9762", "localhost:9762" (the former) or "unix:/path". No other
 * name is looked up and no other address taken: what is served has no login.
 */
#pragma once

#include <glib.h>

#include <sys/socket.h>

/* Read an address for bind(2). False when it is none, or one that others can reach. */
gboolean listen_address_parse(
        const char *text, struct sockaddr_storage *address, socklen_t *length);
