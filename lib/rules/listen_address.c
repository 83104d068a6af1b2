#include "rules/listen_address.h"

#include <string.h>
#include <sys/un.h>

#include <gio/gio.h>

#define UNIX_PREFIX "unix:"
#define PORT_MAX 65535
#define PORT_DIGITS 5

static gboolean
parse_unix(const char *path, struct sockaddr_storage *address, socklen_t *length)
{
	struct sockaddr_un local = { .sun_family = AF_UNIX };
	if (path[0] != '/' || strlen(path) >= sizeof local.sun_path)
		return FALSE;
	memcpy(local.sun_path, path, strlen(path));
	memcpy(address, &local, sizeof local);
	*length = sizeof local;
	return TRUE;
}

static gboolean
parse_port(const char *text, guint16 *port)
{
	gsize digits = strspn(text, "0123456789");
	guint64 number = g_ascii_strtoull(text, NULL, 10);
	*port = (guint16)number;
	return digits > 0 && digits <= PORT_DIGITS && text[digits] == '\0' &&
	       number > 0 && number <= PORT_MAX;
}

/* The host of "host:port" or "[host]:port". */
static GInetAddress *
parse_host(const char *text, gsize length)
{
	gboolean bracketed = length > 2 && text[0] == '[' && text[length - 1] == ']';
	g_autofree char *host =
	        bracketed ? g_strndup(text + 1, length - 2) : g_strndup(text, length);
	if (strcmp(host, "localhost") == 0)
		return g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
	GInetAddress *address = g_inet_address_new_from_string(host);
	/* "::1:9762" could mean two things. */
	if (address != NULL && bracketed != (strchr(host, ':') != NULL))
		g_clear_object(&address);
	return address;
}

gboolean
listen_address_parse(
        const char *text, struct sockaddr_storage *address, socklen_t *length)
{
	memset(address, 0, sizeof *address);
	if (g_str_has_prefix(text, UNIX_PREFIX))
		return parse_unix(text + strlen(UNIX_PREFIX), address, length);
	const char *colon = strrchr(text, ':');
	guint16 port;
	if (colon == NULL || !parse_port(colon + 1, &port))
		return FALSE;
	g_autoptr(GInetAddress) host = parse_host(text, (gsize)(colon - text));
	if (host == NULL || !g_inet_address_get_is_loopback(host))
		return FALSE;
	g_autoptr(GSocketAddress) socket = g_inet_socket_address_new(host, port);
	*length = (socklen_t)g_socket_address_get_native_size(socket);
	return g_socket_address_to_native(socket, address, sizeof *address, NULL);
}
