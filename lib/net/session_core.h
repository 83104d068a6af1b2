/* The inside of a session, for opening and for using it. */
#pragma once

#include <curl/curl.h>

#include "net/session.h"

struct Session {
	const Endpoint *endpoint;
	CURL *curl;
	curl_socket_t socket;
	gboolean encrypted;
	char *tls_version; /* "TLSv1.3", where the endpoint wants to know */
	GPtrArray *lines;
	gsize written; /* by the last session_write() */
	gint64 grace;           /* microseconds */
	gint64 cancelled_since; /* monotonic; 0: not seen */
	char error_words[CURL_ERROR_SIZE];
};

/* Before opening: let libcurl tell of TLS where the endpoint wants to know. */
void session_watch_tls(Session *session);

gboolean session_is_cancelled(const Endpoint *endpoint);
