/*
 * A session: one authenticated connection. libcurl opens it (TCP, proxy, TLS or STARTTLS,
 * certificate, SASL), then bytes go both ways and somebody else gives them a meaning.
 *
 * Surprising rules: opening ignores SIGPIPE for the whole process (OpenSSL writes without
 * MSG_NOSIGNAL). A readable socket is no promise of bytes and a silent one no promise of
 * none, since TLS buffers: always session_read() until it gives 0 before polling
 * session_fd(). After any error the session can only be freed.
 */
#pragma once

#include <glib.h>
#include <poll.h>

#include "net/endpoint.h"

typedef struct Session Session;

/*
 * Connect and log in. Errors: ERROR_REFUSED (login refused, no STARTTLS, certificate not
 * trusted, no such AUTH), ERROR_CONFIG (ca_file cannot be read, bad url), ERROR_TEMPORARY
 * (everything else). endpoint is borrowed and must outlive the session.
 */
Session *session_open(const Endpoint *endpoint, GError **error);

/* The lines the server said while libcurl opened, in order; of char *; borrowed. */
const GPtrArray *session_lines(const Session *session);

/* Whether TLS protects the connection. */
gboolean session_is_encrypted(const Session *session);

/* "connection encrypted (TLSv1.3), certificate until 2027-01-31 (70 days)"; version and end only
 * where the endpoint is set to inspect. */
char *session_describe_tls(const Session *session);

/* Read what is there without waiting. Returns 0 when there is nothing yet, -1 on an error
 * (the end of the connection is one: ERROR_TEMPORARY). */
gssize session_read(Session *session, void *buffer, gsize size, GError **error);

/* Write all of it, waiting for the peer at most the endpoint's answer_seconds. */
gboolean session_write(Session *session, const void *bytes, gsize size, GError **error);

/* How many bytes of the last session_write() went out, all or, after an error, fewer. */
gsize session_written(const Session *session);

/* Wait until the socket or one of others is readable. Returns the number of readable ones,
 * 0 at the time-out, -1 when cancelled or failed. */
int session_wait(Session *session, struct pollfd *others, guint count,
        gint64 milliseconds, GError **error);

/* session_read() that waits: 0 never; ERROR_TEMPORARY after seconds of silence. */
gssize session_await(
        Session *session, void *buffer, gsize size, guint seconds, GError **error);

/* Let a wait go on for so many seconds after cancel_fd became readable: for an answer whose
 * absence would cost more than a late exit. */
void session_set_grace(Session *session, guint seconds);

int session_fd(const Session *session);
const Endpoint *session_endpoint(const Session *session);

/* Close without a word. */
void session_free(Session *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Session, session_free)
