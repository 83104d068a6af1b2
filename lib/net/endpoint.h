/*
 * How to reach one server: what an open connection needs to know, and nothing else.
 *
 * imap:// and smtp:// are upgraded with STARTTLS and refused without it, except towards a
 * loopback address (127.0.0.0/8, ::1, localhost), where it is used when offered, or with
 * tls_none, where it is never tried. A certificate is always verified.
 */
#pragma once

#include <glib.h>

#include "net/secret.h"

typedef struct {
	char *url;             /* imaps://host[:port], imap://, smtps://, smtp:// */
	char *user;            /* NULL: no AUTH */
	Secret *secret;        /* password or bearer token; NULL without user */
	gboolean token;        /* secret is an OAuth2 bearer token */
	char *ca_file;         /* trusted besides the system's; or NULL */
	gboolean tls_none;     /* plain allowed towards anybody */
	gboolean inspect;      /* let session_describe_tls() tell all */
	guint connect_seconds; /* TCP, TLS and AUTH together */
	guint answer_seconds;  /* silence of the server after which it counts as dead */
	guint accept_seconds; /* the same after a mail's final dot (RFC 5321 4.5.3.2.6) */
	int cancel_fd; /* when readable, any wait ends with ERROR_TEMPORARY; -1: none */
	gint *refusals; /* atomic: where refused logins are counted; NULL: nowhere */
} Endpoint;

/* An endpoint with the default time-outs (30, 60, 300 s), no user and no cancel_fd. */
Endpoint *endpoint_new(const char *url);

/* Take a copy of user and the secret itself (either may be NULL). */
void endpoint_set_login(
        Endpoint *endpoint, const char *user, Secret *secret, gboolean token);

/* Whether the url names a loopback address. */
gboolean endpoint_is_loopback(const Endpoint *endpoint);

void endpoint_free(Endpoint *endpoint);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Endpoint, endpoint_free)
