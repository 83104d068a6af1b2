/*
 * A connection to an SMTP server: opened and logged in, asked what it can, spoken to.
 */
#pragma once

#include <glib.h>

#include "net/session.h"
#include "net/smtp_reply.h"

/* What EHLO announced. */
typedef enum {
	CAN_PIPELINING = 1 << 0,
	CAN_8BITMIME = 1 << 1,
	CAN_SMTPUTF8 = 1 << 2,
	CAN_SIZE = 1 << 3,
} SmtpAbilities;

typedef struct SmtpConnection SmtpConnection;

/* Connect; the endpoint is borrowed. A server that offers no AUTH to an endpoint with a user
 * is ERROR_REFUSED. */
SmtpConnection *smtp_connection_open(const Endpoint *endpoint, GError **error);

/* Close without QUIT. */
void smtp_connection_free(SmtpConnection *connection);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SmtpConnection, smtp_connection_free)

gboolean smtp_connection_can(const SmtpConnection *connection, SmtpAbilities ability);

/* The largest mail it takes; 0: not told. */
guint64 smtp_connection_size_max(const SmtpConnection *connection);
Session *smtp_connection_session(SmtpConnection *connection);

/* FALSE when the server hung up, or said something unasked (421), since it was used last. */
gboolean smtp_connection_is_open(SmtpConnection *connection);

gboolean smtp_connection_say(
        SmtpConnection *connection, const char *text, GError **error);

/* Wait until something was said, or the time is over: FALSE. Errors show when it is heard. */
gboolean smtp_connection_await(SmtpConnection *connection, guint milliseconds);

/* The next reply, after at most so many seconds of silence; or NULL. */
SmtpReply *smtp_connection_hear(
        SmtpConnection *connection, guint seconds, GError **error);
