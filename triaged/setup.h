/*
 * What "triagectl init" asks for, and the configuration that it makes of it.
 */
#pragma once

#include <glib.h>

typedef struct {
	char *address; /* of the support mailbox; its user, unless set */
	char *name;    /* that replies are signed with */
	char *user;
	char *imap, *smtp; /* URLs */
	char *password_file;
	char *ca_file; /* or NULL */
	char *state;   /* or NULL: the default */
} Setup;

void setup_clear(Setup *setup);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Setup, setup_clear)

/* The URL of a server of the address's domain: what the domain announces (RFC 6186, RFC 8314),
 * else the usual name, "imaps://imap.DOMAIN". service: "imaps" or "submissions". */
char *setup_guess_server(const char *address, const char *service);

/* The text of a commented configuration in mode "observe". */
char *setup_compose(const Setup *setup);

/* Write a secret that only the service may read: 0600, the service's user's when root writes. */
gboolean setup_write_secret(const char *file, const char *secret, GError **error);
