#include "net/session.h"

#include <curl/curl.h>
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/errors.h"
#include "net/session_core.h"

#define GRACE_LOOK_MS                                                                  \
	100 /* how often a wait within the grace looks whether it is over */

const GPtrArray *
session_lines(const Session *session)
{
	return session->lines;
}

gboolean
session_is_encrypted(const Session *session)
{
	return session->encrypted;
}

int
session_fd(const Session *session)
{
	return session->socket;
}

const Endpoint *
session_endpoint(const Session *session)
{
	return session->endpoint;
}

static void
set_lost(const Session *session, CURLcode code, GError **error)
{
	const char *words = code == CURLE_OK ? "the server closed the connection"
	                    : session->error_words[0] != '\0'
	                            ? session->error_words
	                            : curl_easy_strerror(code);
	g_set_error(
	        error, TRIAGED_ERROR, ERROR_TEMPORARY, "connection lost: %s", words);
}

gssize
session_read(Session *session, void *buffer, gsize size, GError **error)
{
	size_t got = 0;
	session->error_words[0] = '\0';
	CURLcode code = curl_easy_recv(session->curl, buffer, size, &got);
	if (code == CURLE_AGAIN)
		return 0;
	if (code == CURLE_OK && got > 0)
		return (gssize)got;
	set_lost(session, code, error);
	return -1;
}

gboolean
session_is_cancelled(const Endpoint *endpoint)
{
	struct pollfd cancel = { .fd = endpoint->cancel_fd, .events = POLLIN };
	return endpoint->cancel_fd >= 0 && poll(&cancel, 1, 0) > 0;
}

void
session_set_grace(Session *session, guint seconds)
{
	session->grace = (gint64)seconds * G_USEC_PER_SEC;
}

static gboolean
check_cancel(Session *session, GError **error)
{
	if (session->cancelled_since == 0 && session_is_cancelled(session->endpoint))
		session->cancelled_since = clock_monotonic();
	if (session->cancelled_since == 0 ||
	        clock_monotonic() < session->cancelled_since + session->grace)
		return TRUE;
	g_set_error(error, TRIAGED_ERROR, ERROR_TEMPORARY, "interrupted");
	return FALSE;
}

/* Within the grace nothing wakes us at its end: look again so often. */
static int
bound_wait(const Session *session, int milliseconds)
{
	gboolean hurried = session->cancelled_since != 0 && session->grace > 0;
	return hurried && (milliseconds < 0 || milliseconds > GRACE_LOOK_MS)
	               ? GRACE_LOOK_MS
	               : milliseconds;
}

/* Poll the socket for events beside cancel_fd and others. A signal looks like a time-out. */
static int
wait_for(Session *session, short events, struct pollfd *others, guint count,
        int milliseconds)
{
	g_autofree struct pollfd *all = g_new0(struct pollfd, count + 2);
	int cancel_fd =
	        session->cancelled_since == 0 ? session->endpoint->cancel_fd : -1;
	all[0] = (struct pollfd){ .fd = session->socket, .events = events };
	all[1] = (struct pollfd){ .fd = cancel_fd, .events = POLLIN };
	if (count > 0)
		memcpy(all + 2, others, count * sizeof *others);
	int ready = poll(all, count + 2, bound_wait(session, milliseconds));
	for (guint i = 0; i < count; i++)
		others[i].revents = ready > 0 ? all[2 + i].revents : 0;
	return ready < 0 && errno == EINTR ? 0 : ready;
}

int
session_wait(Session *session, struct pollfd *others, guint count, gint64 milliseconds,
        GError **error)
{
	int bounded = (int)CLAMP(milliseconds, -1, G_MAXINT);
	int ready = wait_for(session, POLLIN, others, count, bounded);
	if (!check_cancel(session, error))
		return -1;
	if (ready < 0)
		g_set_error(error, TRIAGED_ERROR, ERROR_TEMPORARY, "cannot wait: %s",
		        g_strerror(errno));
	return ready;
}

static int
milliseconds_left(gint64 deadline)
{
	gint64 left = (deadline - clock_monotonic() + 999) / 1000;
	return (int)CLAMP(left, 0, G_MAXINT);
}

/* Wait until events or the deadline. */
static gboolean
wait_until(Session *session, short events, gint64 deadline, GError **error)
{
	int left = milliseconds_left(deadline);
	if (left == 0) {
		g_set_error(error, TRIAGED_ERROR, ERROR_TEMPORARY,
		        "the server does not answer");
		return FALSE;
	}
	wait_for(session, events, NULL, 0, left);
	return check_cancel(session, error);
}

gboolean
session_write(Session *session, const void *bytes, gsize size, GError **error)
{
	const char *rest = bytes;
	gint64 patience = (gint64)session->endpoint->answer_seconds * G_USEC_PER_SEC;
	gint64 deadline = clock_monotonic() + patience;
	session->written = 0;
	while (size > 0) {
		size_t sent = 0;
		session->error_words[0] = '\0';
		CURLcode code = curl_easy_send(session->curl, rest, size, &sent);
		if (code != CURLE_OK && code != CURLE_AGAIN) {
			set_lost(session, code, error);
			return FALSE;
		}
		if (sent > 0)
			deadline = clock_monotonic() + patience;
		else if (!wait_until(session, POLLOUT, deadline, error))
			return FALSE;
		session->written += sent;
		rest += sent;
		size -= sent;
	}
	return TRUE;
}

gsize
session_written(const Session *session)
{
	return session->written;
}

gssize
session_await(Session *session, void *buffer, gsize size, guint seconds, GError **error)
{
	gint64 deadline = clock_monotonic() + (gint64)seconds * G_USEC_PER_SEC;
	gssize got;
	while ((got = session_read(session, buffer, size, error)) == 0)
		if (!wait_until(session, POLLIN, deadline, error))
			return -1;
	return got;
}

void
session_free(Session *session)
{
	if (session == NULL)
		return;
	curl_easy_cleanup(session->curl);
	g_ptr_array_unref(session->lines);
	g_free(session->tls_version);
	g_free(session);
}
