#include "config.h"

#include <curl/curl.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>

#include "base/errors.h"
#include "base/text.h"
#include "net/session_core.h"

#define LINES_MAX 200       /* of what the server said while opening */
#define LINE_MAX_CHARS 1000 /* of each */
#define WORDS_MAX_CHARS 300 /* of a line quoted in an error */
#define SECRET_PART 20      /* characters of a secret that tell too much of it */
#define KEEPALIVE_IDLE 60L  /* seconds of silence before the first TCP probe */
#define KEEPALIVE_INTERVAL 30L

/* What libcurl frees may have been a password: wipe it. */
static void
wiping_free(void *memory)
{
	if (memory == NULL)
		return;
	explicit_bzero(memory, malloc_usable_size(memory));
	free(memory);
}

static void *
wiping_realloc(void *memory, size_t size)
{
	void *larger = malloc(size);
	if (larger == NULL || memory == NULL)
		return larger;
	size_t old = malloc_usable_size(memory);
	memcpy(larger, memory, MIN(old, size));
	wiping_free(memory);
	return larger;
}

static void
prepare_process(void)
{
	static gsize once;
	if (!g_once_init_enter(&once))
		return;
	curl_global_init_mem(
	        CURL_GLOBAL_ALL, malloc, wiping_free, wiping_realloc, strdup, calloc);
	signal(SIGPIPE, SIG_IGN);
	g_once_init_leave(&once, 1);
}

/* Whether text holds the secret, or so much of a long one that it must not be shown. */
static gboolean
holds_secret(const char *text, gsize length, const char *secret)
{
	gsize size = strlen(secret), window = MIN(size, SECRET_PART);
	for (gsize at = 0; at + window <= size; at++)
		if (memmem(text, length, secret + at, window) != NULL)
			return TRUE;
	return FALSE;
}

/* A server that says our password or token back must not get it into a log: neither as it is,
 * nor in base64 as SASL has it (PLAIN, XOAUTH2 and OAUTHBEARER wrap it in more). */
static gboolean
tells_secret(const Endpoint *endpoint, const char *line)
{
	if (endpoint->secret == NULL || secret_text(endpoint->secret)[0] == '\0')
		return FALSE;
	const char *secret = secret_text(endpoint->secret);
	gboolean tells = holds_secret(line, strlen(line), secret);
	g_auto(GStrv) words = g_strsplit_set(line, " \t\"'()<>[]{},;:", -1);
	for (char **word = words; !tells && *word != NULL; word++) {
		gsize length;
		g_autofree guchar *decoded = g_base64_decode(*word, &length);
		tells = holds_secret((const char *)decoded, length, secret);
		explicit_bzero(decoded, length);
	}
	return tells;
}

static size_t
keep_line(char *bytes, size_t size, size_t count, void *data)
{
	Session *session = data;
	if (session->lines->len < LINES_MAX) {
		g_autofree char *text = text_to_utf8(bytes, (gssize)(size * count));
		/* Looked at whole: a token may be longer than what is kept of a line. */
		g_ptr_array_add(session->lines,
		        tells_secret(session->endpoint, g_strchomp(text))
		                ? g_strdup("(a line with the password, left out)")
		                : text_one_line(text, LINE_MAX_CHARS));
	}
	return size * count;
}

/* A resolver thread that hangs must not keep a cancelled session: CURLOPT_QUICK_EXIT leaves it. */
static int
watch_cancel(void *data, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	Session *session = data;
	(void)a, (void)b, (void)c, (void)d;
	if (!session_is_cancelled(session->endpoint))
		return 0;
	curl_easy_setopt(session->curl, CURLOPT_QUICK_EXIT, 1L);
	return 1;
}

static long
tls_demand(const Endpoint *endpoint)
{
	if (endpoint->tls_none)
		return CURLUSESSL_NONE;
	return endpoint_is_loopback(endpoint) ? CURLUSESSL_TRY : CURLUSESSL_ALL;
}

static void
set_login(Session *session, gboolean any_mechanism)
{
	const Endpoint *endpoint = session->endpoint;
	CURL *curl = session->curl;
	if (endpoint->user == NULL || endpoint->secret == NULL)
		return;
	curl_easy_setopt(curl, CURLOPT_USERNAME, endpoint->user);
	if (endpoint->token) {
		curl_easy_setopt(
		        curl, CURLOPT_XOAUTH2_BEARER, secret_text(endpoint->secret));
		curl_easy_setopt(
		        curl, CURLOPT_LOGIN_OPTIONS, "AUTH=OAUTHBEARER;AUTH=XOAUTH2");
		return;
	}
	curl_easy_setopt(curl, CURLOPT_PASSWORD, secret_text(endpoint->secret));
	curl_easy_setopt(curl, CURLOPT_LOGIN_OPTIONS,
	        any_mechanism ? NULL : "AUTH=PLAIN;AUTH=LOGIN");
}

static void
forget_login(CURL *curl)
{
	curl_easy_setopt(curl, CURLOPT_USERNAME, NULL);
	curl_easy_setopt(curl, CURLOPT_PASSWORD, NULL);
	curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, NULL);
}

static void
set_transport(Session *session)
{
	const Endpoint *endpoint = session->endpoint;
	CURL *curl = session->curl;
	curl_easy_setopt(curl, CURLOPT_URL, endpoint->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "imap,imaps,smtp,smtps");
	curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)endpoint->connect_seconds);
	curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(curl, CURLOPT_TCP_KEEPIDLE, KEEPALIVE_IDLE);
	curl_easy_setopt(curl, CURLOPT_TCP_KEEPINTVL, KEEPALIVE_INTERVAL);
	curl_easy_setopt(curl, CURLOPT_USE_SSL, tls_demand(endpoint));
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
	if (endpoint->ca_file != NULL)
		curl_easy_setopt(curl, CURLOPT_CAINFO, endpoint->ca_file);
	if (endpoint_is_loopback(endpoint))
		curl_easy_setopt(curl, CURLOPT_PROXY, "");
}

static void
set_watchers(Session *session)
{
	CURL *curl = session->curl;
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, session->error_words);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, keep_line);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, session);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch_cancel);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, session);
}

/* The remedy of a libcurl error; what is not here is TEMPORARY. */
static const struct {
	CURLcode curl;
	ErrorCode remedy;
	const char *words;  /* NULL: libcurl's */
	const char *advice; /* or NULL */
} remedies[] = {
	{ CURLE_URL_MALFORMAT, ERROR_CONFIG, "not a usable url", NULL },
	{ CURLE_UNSUPPORTED_PROTOCOL, ERROR_CONFIG, "not an imap or smtp url", NULL },
	{ CURLE_SSL_CACERT_BADFILE, ERROR_CONFIG, "the CA file cannot be read", NULL },
	{ CURLE_USE_SSL_FAILED, ERROR_REFUSED, "the server does not offer STARTTLS",
	        "use an imaps:// or smtps:// url, or tls = \"none\" on a network "
	        "that is safe" },
	{ CURLE_PEER_FAILED_VERIFICATION, ERROR_REFUSED, NULL, NULL },
	{ CURLE_LOGIN_DENIED, ERROR_REFUSED, "login refused",
	        "check user and password" },
	{ CURLE_ABORTED_BY_CALLBACK, ERROR_TEMPORARY, "interrupted", NULL },
};

/* A login that failed for a reason that passes (RFC 5530 3, RFC 4954 6, RFC 3463). */
static gboolean
is_passing_refusal(const char *line)
{
	static const char *const marks[] = { "[UNAVAILABLE]", "[INUSE]", "[LIMIT]",
		"[SERVERBUG]", "* BYE" };
	for (gsize i = 0; i < G_N_ELEMENTS(marks); i++)
		if (strstr(line, marks[i]) != NULL)
			return TRUE;
	return line[0] == '4' && g_ascii_isdigit(line[1]) && g_ascii_isdigit(line[2]);
}

/* What helps against a certificate that was refused. */
static const char *
advise_of_certificate(const char *words)
{
	if (strstr(words, "does not match") != NULL || strstr(words, "subject name") != NULL)
		return "name the server in the url as its certificate does";
	if (strstr(words, "expired") != NULL)
		return "the server's certificate must be renewed";
	return "set ca_file if the CA is your own";
}

static void
count_refusal(const Endpoint *endpoint)
{
	if (endpoint->refusals != NULL)
		g_atomic_int_inc(endpoint->refusals);
}

static void
explain_failure(const Session *session, CURLcode code, GError **error)
{
	ErrorCode remedy = ERROR_TEMPORARY;
	const char *words = NULL, *advice = NULL;
	for (gsize i = 0; i < G_N_ELEMENTS(remedies); i++)
		if (remedies[i].curl == code) {
			remedy = remedies[i].remedy;
			words = remedies[i].words;
			advice = remedies[i].advice;
		}
	if (words == NULL)
		words = session->error_words[0] != '\0' ? session->error_words
		                                        : curl_easy_strerror(code);
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		advice = advise_of_certificate(words);
	const char *line = session->lines->len > 0 ? g_ptr_array_index(session->lines,
	                                                     session->lines->len - 1)
	                                           : "";
	if (code == CURLE_LOGIN_DENIED && is_passing_refusal(line))
		remedy = ERROR_TEMPORARY;
	else if (code == CURLE_LOGIN_DENIED) {
		count_refusal(session->endpoint);
		if (session->endpoint->token)
			advice = "check user and token_command, and what the token is "
			         "good for";
	}
	if (remedy == ERROR_TEMPORARY)
		advice = NULL;
	gboolean quote = line[0] != '\0' && remedy != ERROR_CONFIG &&
	                 code != CURLE_PEER_FAILED_VERIFICATION;
	g_autofree char *one_line = text_one_line(words, WORDS_MAX_CHARS);
	g_autofree char *said = text_one_line(line, WORDS_MAX_CHARS);
	g_set_error(error, TRIAGED_ERROR, remedy, "cannot open \"%s\": %s%s%s%s%s%s",
	        session->endpoint->url, one_line, advice != NULL ? ": " : "",
	        advice != NULL ? advice : "", quote ? " (server: " : "",
	        quote ? said : "", quote ? ")" : "");
}

/* libcurl takes user and password out of a url, past our guarded memory. */
static gboolean
check_url(const Endpoint *endpoint, GError **error)
{
	CURLU *url = curl_url();
	char *user = NULL;
	CURLUcode code = curl_url_set(url, CURLUPART_URL, endpoint->url, 0);
	gboolean has_user = code == CURLUE_OK &&
	                    curl_url_get(url, CURLUPART_USER, &user, 0) == CURLUE_OK;
	curl_free(user);
	curl_url_cleanup(url);
	if (code == CURLUE_OK && !has_user)
		return TRUE;
	g_set_error(error, TRIAGED_ERROR, ERROR_CONFIG,
	        has_user ? "a url must not hold a user" : "not a usable url");
	return FALSE;
}

static CURLcode
try_open(Session *session, gboolean any_mechanism)
{
	session->error_words[0] = '\0';
	g_ptr_array_set_size(session->lines, 0);
	session->curl = curl_easy_init();
	set_transport(session);
	set_watchers(session);
	session_watch_tls(session);
	set_login(session, any_mechanism);
	CURLcode code = curl_easy_perform(session->curl);
	forget_login(session->curl);
	if (code == CURLE_OK)
		code = curl_easy_getinfo(
		        session->curl, CURLINFO_ACTIVESOCKET, &session->socket);
	return code;
}

/* libcurl 7.88 leaves no choice to say "PLAIN, LOGIN or else the LOGIN command": when the
 * server announced neither mechanism, a second attempt lets libcurl choose. */
static gboolean
has_no_usual_mechanism(const Session *session)
{
	for (guint i = 0; i < session->lines->len; i++) {
		g_autofree char *line =
		        g_ascii_strup(g_ptr_array_index(session->lines, i), -1);
		if (strstr(line, "AUTH=PLAIN") != NULL ||
		        strstr(line, "AUTH=LOGIN") != NULL ||
		        strstr(line, "AUTH PLAIN") != NULL ||
		        strstr(line, "AUTH LOGIN") != NULL)
			return FALSE;
	}
	return TRUE;
}

/* The time of the TLS handshake, 0 without one; CURLINFO_TLS_SSL_PTR tells nothing after
 * CURLOPT_CONNECT_ONLY. */
static gboolean
detect_encryption(const Session *session)
{
	curl_off_t handshake = 0;
	curl_easy_getinfo(session->curl, CURLINFO_APPCONNECT_TIME_T, &handshake);
	return handshake > 0;
}

Session *
session_open(const Endpoint *endpoint, GError **error)
{
	prepare_process();
	if (!check_url(endpoint, error))
		return NULL;
	g_autoptr(Session) session = g_new0(Session, 1);
	session->endpoint = endpoint;
	session->lines = g_ptr_array_new_with_free_func(g_free);
	CURLcode code = try_open(session, FALSE);
	if (code == CURLE_LOGIN_DENIED && !endpoint->token &&
	        has_no_usual_mechanism(session)) {
		curl_easy_cleanup(session->curl);
		code = try_open(session, TRUE);
	}
	if (code != CURLE_OK) {
		explain_failure(session, code, error);
		return NULL;
	}
	session->encrypted = detect_encryption(session);
	return g_steal_pointer(&session);
}
