#include "net/endpoint.h"

#include <curl/curl.h>
#include <gio/gio.h>
#include <string.h>

#define CONNECT_SECONDS 30
#define ANSWER_SECONDS 60
#define ACCEPT_SECONDS 300

Endpoint *
endpoint_new(const char *url)
{
	Endpoint *endpoint = g_new0(Endpoint, 1);
	endpoint->url = g_strdup(url);
	endpoint->connect_seconds = CONNECT_SECONDS;
	endpoint->answer_seconds = ANSWER_SECONDS;
	endpoint->accept_seconds = ACCEPT_SECONDS;
	endpoint->cancel_fd = -1;
	return endpoint;
}

void
endpoint_set_login(Endpoint *endpoint, const char *user, Secret *secret, gboolean token)
{
	g_free(endpoint->user);
	secret_free(endpoint->secret);
	endpoint->user = g_strdup(user);
	endpoint->secret = secret;
	endpoint->token = token;
}

/* libcurl's own parser, so that no host is taken for another one than it will connect to
 * ("imap://127.0.0.1@example.org"). */
static char *
url_host(const char *url)
{
	CURLU *parsed = curl_url();
	char *part = NULL;
	char *host = NULL;
	if (curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
	        curl_url_get(parsed, CURLUPART_HOST, &part, 0) == CURLUE_OK)
		host = g_ascii_strdown(part, -1);
	curl_free(part);
	curl_url_cleanup(parsed);
	return host;
}

static gboolean
is_loopback_address(const char *host)
{
	gsize length = strlen(host);
	g_autofree char *bare = host[0] == '[' && host[length - 1] == ']'
	                                ? g_strndup(host + 1, length - 2)
	                                : g_strdup(host);
	g_autoptr(GInetAddress) address = g_inet_address_new_from_string(bare);
	return address != NULL && g_inet_address_get_is_loopback(address);
}

gboolean
endpoint_is_loopback(const Endpoint *endpoint)
{
	g_autofree char *host = url_host(endpoint->url);
	if (host == NULL)
		return FALSE;
	return g_str_equal(host, "localhost") || g_str_has_suffix(host, ".localhost") ||
	       is_loopback_address(host);
}

void
endpoint_free(Endpoint *endpoint)
{
	if (endpoint == NULL)
		return;
	g_free(endpoint->url);
	g_free(endpoint->user);
	secret_free(endpoint->secret);
	g_free(endpoint->ca_file);
	g_free(endpoint);
}
