#include "desk/token.h"

#include <jansson.h>
#include <string.h>

#define EXPIRES_IN "expires_in="
#define LIFETIME_MOST (30 * 86400) /* seconds; beyond that it is a mistake */

/* RFC 4648 5: "-" and "_", and no padding. */
static guchar *
decode_url(const char *text, gsize length, gsize *decoded)
{
	g_autofree char *plain = g_malloc(length + 4);
	for (gsize i = 0; i < length; i++)
		plain[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
	while (length % 4 != 0)
		plain[length++] = '=';
	plain[length] = '\0';
	return g_base64_decode(plain, decoded);
}

/* The claims are the second of three parts. They are only read, not believed: whether the
 * token is good is the server's to say. */
static gint64
jwt_expiry(const char *token)
{
	gsize line = strcspn(token, "\r\n"), length = 0;
	const char *first = memchr(token, '.', line);
	const char *second = first != NULL ? memchr(first + 1, '.',
	                                             line - (gsize)(first + 1 - token))
	                                   : NULL;
	if (second == NULL)
		return -1;
	g_autofree guchar *claims =
	        decode_url(first + 1, (gsize)(second - first - 1), &length);
	json_t *object = json_loadb((const char *)claims, length, 0, NULL);
	const json_t *expiry = json_object_get(object, "exp");
	gint64 at = json_is_number(expiry) ? (gint64)json_number_value(expiry) : -1;
	json_decref(object);
	return at;
}

static gint64
told_lifetime(const char *printed)
{
	const char *line = printed;
	while ((line = strchr(line, '\n')) != NULL)
		if (g_str_has_prefix(++line, EXPIRES_IN))
			return g_ascii_strtoll(line + strlen(EXPIRES_IN), NULL, 10);
	return -1;
}

gint64
token_lifetime(const char *printed, gint64 now)
{
	gint64 lifetime = told_lifetime(printed);
	if (lifetime < 0) {
		gint64 expiry = jwt_expiry(printed);
		if (expiry < 0)
			return -1;
		lifetime = expiry - now;
	}
	return CLAMP(lifetime, 0, LIFETIME_MOST);
}
