#include "desk/credential.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errors.h"
#include "desk/secret_command.h"
#include "desk/token.h"

#define SECRET_MAX 65536 /* bytes; Microsoft's tokens take several thousand */

#define EXPIRY_MARGIN 60 /* seconds: clocks differ, and a login takes its time */

/* Take the first line of bytes as the secret, and wipe bytes. */
static Secret *
secret_take(char *bytes, const char *source, GError **error)
{
	Secret *secret = NULL;
	gsize line = strcspn(bytes, "\r\n");
	if (line > 0)
		secret = secret_new(bytes, (gssize)line);
	explicit_bzero(bytes, SECRET_MAX);
	if (secret == NULL)
		g_set_error(error, TRIAGED_ERROR, ERROR_CONFIG,
		        "%s: no secret in its first line", source);
	return secret;
}

static gboolean
file_is_private(int fd, const char *file, GError **error)
{
	struct stat status;
	if (fstat(fd, &status) != 0) {
		g_set_error(error, TRIAGED_ERROR, ERROR_CONFIG, "%s: %s", file,
		        g_strerror(errno));
		return FALSE;
	}
	if ((status.st_mode & (S_IROTH | S_IWOTH | S_IWGRP)) == 0)
		return TRUE;
	g_set_error(error, TRIAGED_ERROR, ERROR_CONFIG,
	        "%s: the password file is open to others (mode %04o): chmod 0600 it",
	        file, (unsigned)(status.st_mode & 07777));
	return FALSE;
}

static Secret *
read_descriptor(int fd, const char *source, GError **error)
{
	g_autofree char *buffer = g_malloc0(SECRET_MAX + 1);
	gsize length = 0;
	ssize_t got;
	while (length < SECRET_MAX &&
	        ((got = read(fd, buffer + length, SECRET_MAX - length)) > 0 ||
	                (got < 0 && errno == EINTR)))
		length += got > 0 ? (gsize)got : 0;
	return secret_take(buffer, source, error);
}

static Secret *
read_file(const char *file, GError **error)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		g_set_error(error, TRIAGED_ERROR, ERROR_CONFIG, "%s: %s", file,
		        g_strerror(errno));
		return NULL;
	}
	Secret *secret = NULL;
	if (file_is_private(fd, file, error))
		secret = read_descriptor(fd, file, error);
	close(fd);
	return secret;
}

/* systemd.exec(5): LoadCredential= puts files into $CREDENTIALS_DIRECTORY. */
static Secret *
read_systemd(const char *name, GError **error)
{
	const char *directory = g_getenv("CREDENTIALS_DIRECTORY");
	if (directory == NULL || strchr(name, '/') != NULL) {
		g_set_error(error, TRIAGED_ERROR, ERROR_CONFIG,
		        "credential '%s': systemd passed none (LoadCredential= in the "
		        "unit)",
		        name);
		return NULL;
	}
	g_autofree char *file = g_build_filename(directory, name, NULL);
	return read_file(file, error);
}

/* The first line of a command's output is the secret. *lifetime is what it says of a token's. */
static Secret *
read_command(const SecretCommand *command, gint64 *lifetime, GError **error)
{
	g_autofree char *buffer = g_malloc0(SECRET_MAX + 1);
	if (secret_command_run(command, buffer, SECRET_MAX, error)) {
		*lifetime = token_lifetime(buffer, clock_now() / G_USEC_PER_SEC);
		return secret_take(buffer, command->command, error);
	}
	explicit_bzero(buffer, SECRET_MAX);
	return NULL;
}

static Secret *
credential_read(
        const ServerSettings *server, int stop_fd, gint64 *lifetime, GError **error)
{
	SecretCommand command = { .seconds = server->command_seconds,
		.stop_fd = stop_fd };
	*lifetime = -1;
	if (server->password_file != NULL)
		return read_file(server->password_file, error);
	command.command = server->password_command != NULL ? server->password_command
	                                                   : server->token_command;
	if (command.command != NULL)
		return read_command(&command, lifetime, error);
	return read_systemd(server->credential, error);
}

static gboolean
server_has_credential(const ServerSettings *server)
{
	return server->password_file != NULL || server->password_command != NULL ||
	       server->token_command != NULL || server->credential != NULL;
}

struct Credential {
	const ServerSettings *server;
	int stop_fd;
	Secret *token;     /* NULL: none is kept */
	gint64 expires_at; /* monotonic; G_MAXINT64: when the server says so */
	gboolean fresh;    /* the token was never accepted yet */
	gint refusals;     /* atomic: connections count here */
};

Credential *
credential_new(const ServerSettings *server, int stop_fd)
{
	Credential *credential = g_new0(Credential, 1);
	credential->server = server;
	credential->stop_fd = stop_fd;
	return credential;
}

void
credential_free(Credential *credential)
{
	if (credential == NULL)
		return;
	secret_free(credential->token);
	g_free(credential);
}

gboolean
credential_has_expired(const Credential *credential)
{
	return credential->token != NULL && clock_monotonic() >= credential->expires_at;
}

/* Fetch a token and keep it as long as it lasts, less a margin. */
static gboolean
fetch_token(Credential *credential, GError **error)
{
	gint64 lifetime;
	g_clear_pointer(&credential->token, secret_free);
	credential->token = credential_read(
	        credential->server, credential->stop_fd, &lifetime, error);
	if (credential->token == NULL)
		return FALSE;
	gint64 margin = MIN(EXPIRY_MARGIN, lifetime / 2);
	credential->fresh = TRUE;
	credential->expires_at =
	        lifetime < 0 ? G_MAXINT64
	                     : clock_monotonic() + (lifetime - margin) * G_USEC_PER_SEC;
	return TRUE;
}

static Secret *
take_token(Credential *credential, GError **error)
{
	if ((credential->token == NULL || credential_has_expired(credential)) &&
	        !fetch_token(credential, error))
		return NULL;
	return secret_new(secret_text(credential->token), -1);
}

Endpoint *
credential_log_in(Credential *credential, GError **error)
{
	const ServerSettings *server = credential->server;
	g_autoptr(Endpoint) endpoint = endpoint_new(server->url);
	gint64 lifetime;
	endpoint->ca_file = g_strdup(server->ca_file);
	endpoint->tls_none = server->tls_none;
	endpoint->cancel_fd = credential->stop_fd;
	endpoint->refusals = &credential->refusals;
	g_atomic_int_set(&credential->refusals, 0);
	if (!server_has_credential(server))
		return g_steal_pointer(&endpoint);
	gboolean token = server->token_command != NULL;
	Secret *secret =
	        token ? take_token(credential, error)
	              : credential_read(server, credential->stop_fd, &lifetime, error);
	if (secret == NULL)
		return NULL;
	endpoint_set_login(endpoint, server->user, secret, token);
	return g_steal_pointer(&endpoint);
}

void
credential_accept(Credential *credential)
{
	credential->fresh = FALSE;
}

gboolean
credential_forget_refused(Credential *credential)
{
	gboolean refused = g_atomic_int_get(&credential->refusals) > 0;
	g_atomic_int_set(&credential->refusals, 0);
	if (!refused || credential->token == NULL)
		return FALSE;
	g_clear_pointer(&credential->token, secret_free);
	return !credential->fresh;
}

Endpoint *
credential_endpoint(const ServerSettings *server, GError **error)
{
	g_autoptr(Credential) credential = credential_new(server, -1);
	Endpoint *endpoint = credential_log_in(credential, error);
	if (endpoint != NULL)
		endpoint->refusals = NULL;
	return endpoint;
}
