#include "desk/credential.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/errors.h"

#define SECRET_MAX 65536 /* bytes; Microsoft's tokens take several thousand */

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

/* Run a command without a shell; its first line of output is the secret. */
static Secret *
read_command(const char *command, GError **error)
{
	g_auto(GStrv) arguments = NULL;
	g_autoptr(GError) failed = NULL;
	int output = -1, status = 0;
	GPid pid;
	if (!g_shell_parse_argv(command, NULL, &arguments, &failed) ||
	        !g_spawn_async_with_pipes(NULL, arguments, NULL,
	                G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
	                &pid, NULL, &output, NULL, &failed)) {
		g_set_error(error, TRIAGED_ERROR, ERROR_CONFIG,
		        "password or token command: %s", failed->message);
		return NULL;
	}
	g_autoptr(Secret) secret = read_descriptor(output, arguments[0], error);
	close(output);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	/* One that fails mostly prints nothing: its status is the reason then. */
	if (!g_spawn_check_wait_status(status, &failed)) {
		g_clear_error(error);
		g_set_error(error, TRIAGED_ERROR, ERROR_TEMPORARY, "%s: %s",
		        arguments[0], failed->message);
		return NULL;
	}
	return g_steal_pointer(&secret);
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

static Secret *
credential_read(const ServerSettings *server, GError **error)
{
	if (server->password_file != NULL)
		return read_file(server->password_file, error);
	if (server->password_command != NULL)
		return read_command(server->password_command, error);
	if (server->token_command != NULL)
		return read_command(server->token_command, error);
	return read_systemd(server->credential, error);
}

static gboolean
server_has_credential(const ServerSettings *server)
{
	return server->password_file != NULL || server->password_command != NULL ||
	       server->token_command != NULL || server->credential != NULL;
}

Endpoint *
credential_endpoint(const ServerSettings *server, GError **error)
{
	g_autoptr(Endpoint) endpoint = endpoint_new(server->url);
	endpoint->ca_file = g_strdup(server->ca_file);
	endpoint->tls_none = server->tls_none;
	if (server_has_credential(server)) {
		Secret *secret = credential_read(server, error);
		if (secret == NULL)
			return NULL;
		endpoint_set_login(
		        endpoint, server->user, secret, server->token_command != NULL);
	}
	return g_steal_pointer(&endpoint);
}
