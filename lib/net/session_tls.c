#include <curl/curl.h>
#include <string.h>

#include "base/clock.h"
#include "net/session_core.h"

#define VERSION_WORDS "SSL connection using "
#define END_FIELD "Expire date:"
#define SOON_DAYS 21 /* before its end a certificate should be renewed long since */

/* libcurl tells the version nowhere else: CURLINFO_TLS_SSL_PTR is empty after
 * CURLOPT_CONNECT_ONLY. What was sent and received is not looked at. */
static int
note_version(CURL *curl, curl_infotype type, char *text, size_t size, void *data)
{
	Session *session = data;
	gsize skipped = strlen(VERSION_WORDS);
	(void)curl;
	if (type != CURLINFO_TEXT || size <= skipped ||
	        strncmp(text, VERSION_WORDS, skipped) != 0)
		return 0;
	g_autofree char *rest = g_strndup(text + skipped, size - skipped);
	rest[strcspn(rest, " \r\n")] = '\0';
	g_free(session->tls_version);
	session->tls_version = g_steal_pointer(&rest);
	return 0;
}

void
session_watch_tls(Session *session)
{
	if (!session->endpoint->inspect)
		return;
	curl_easy_setopt(session->curl, CURLOPT_VERBOSE, 1L);
	curl_easy_setopt(session->curl, CURLOPT_DEBUGFUNCTION, note_version);
	curl_easy_setopt(session->curl, CURLOPT_DEBUGDATA, session);
	curl_easy_setopt(session->curl, CURLOPT_CERTINFO, 1L);
}

/* The first certificate is the server's own. 0: not told. */
static gint64
certificate_end(const Session *session)
{
	struct curl_certinfo *chain = NULL;
	if (!session->endpoint->inspect ||
	        curl_easy_getinfo(session->curl, CURLINFO_CERTINFO, &chain) !=
	                CURLE_OK ||
	        chain == NULL || chain->num_of_certs == 0)
		return 0;
	for (const struct curl_slist *field = chain->certinfo[0]; field != NULL;
	        field = field->next)
		if (g_str_has_prefix(field->data, END_FIELD))
			return MAX(
			        curl_getdate(field->data + strlen(END_FIELD), NULL), 0);
	return 0;
}

char *
session_describe_tls(const Session *session)
{
	gint64 end = certificate_end(session);
	gint64 days = (end - clock_now() / G_USEC_PER_SEC) / 86400;
	if (!session->encrypted)
		return g_strdup("connection not encrypted");
	g_autoptr(GDateTime) moment = g_date_time_new_from_unix_utc(end);
	g_autofree char *day = g_date_time_format(moment, "%Y-%m-%d");
	g_autofree char *until =
	        end == 0 ? NULL
	                 : g_strdup_printf(", certificate until %s (%" G_GINT64_FORMAT
	                                   " days%s)",
	                           day, days, days < SOON_DAYS ? ": RENEW IT" : "");
	return g_strdup_printf("connection encrypted (%s)%s",
	        session->tls_version != NULL ? session->tls_version : "TLS",
	        until != NULL ? until : "");
}
