#include "desk/exporter.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errors.h"
#include "base/log.h"
#include "desk/health.h"
#include "desk/listener.h"
#include "desk/metrics.h"
#include "desk/wire.h"

#define RETRY_MS 1000 /* for a store that is not there yet, an address that is taken */
#define PATIENCE_MS 10000 /* a first start makes the store, an upgrade migrates it */
#define FRESH_MS 500      /* so long a text is good for whoever asks again */
#define ANSWER_SECONDS 5  /* the listener's, to take an answer */

typedef struct {
	Role *role;
	Store *store; /* NULL: not open */
	int listening;
	pid_t listener; /* 0: none runs */
	int questions;
	gint64 listen_at; /* monotonic: when to try again */
	gint64 write_at;
	gint64 written_at;                   /* last, or when we began */
	gboolean told_file, told_listener;   /* the present trouble is logged already */
	GBytes *texts[FORM_OPENMETRICS + 1]; /* rendered at text_at */
	gint64 text_at[FORM_OPENMETRICS + 1];
} Exporter;

static void
stop_listener(Exporter *exporter)
{
	if (exporter->listener > 0) {
		kill(exporter->listener, SIGKILL);
		waitpid(exporter->listener, NULL, 0);
	}
	if (exporter->questions >= 0)
		close(exporter->questions);
	exporter->listener = 0;
	exporter->questions = -1;
}

static void
exporter_clear(Exporter *exporter)
{
	const char *address = exporter->role->settings->metrics_listen;
	stop_listener(exporter);
	if (exporter->listening >= 0) {
		close(exporter->listening);
		if (g_str_has_prefix(address, "unix:"))
			unlink(address + strlen("unix:"));
	}
	for (gsize i = 0; i < G_N_ELEMENTS(exporter->texts); i++)
		g_clear_pointer(&exporter->texts[i], g_bytes_unref);
	store_close(exporter->store);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Exporter, exporter_clear)

gboolean
exporter_is_wanted(const Settings *settings)
{
	return settings->metrics_file != NULL || settings->metrics_listen != NULL;
}

/* The watchers make the store; until then, and after it broke, it is tried anew each time. */
static gboolean
exporter_open(Exporter *exporter, GError **error)
{
	if (exporter->store == NULL)
		exporter->store = store_open(
		        exporter->role->settings->state, STORE_READING, error);
	return exporter->store != NULL;
}

static GBytes *
render(Exporter *exporter, ExpositionForm form, GError **error)
{
	gint64 now = clock_monotonic();
	GBytes **text = &exporter->texts[form];
	if (*text != NULL && now - exporter->text_at[form] < FRESH_MS * 1000)
		return g_bytes_ref(*text);
	g_clear_pointer(text, g_bytes_unref);
	if (!exporter_open(exporter, error))
		return NULL;
	*text = metrics_render(exporter->store, exporter->role->settings, form, error);
	if (*text == NULL) {
		g_clear_pointer(&exporter->store, store_close);
		return NULL;
	}
	exporter->text_at[form] = now;
	return g_bytes_ref(*text);
}

static gboolean
write_file(Exporter *exporter, GError **error)
{
	g_autoptr(GBytes) text = render(exporter, FORM_PROMETHEUS, error);
	return text != NULL &&
	       metrics_write(exporter->role->settings->metrics_file, text, error);
}

/* Say trouble with the file once, and its end. */
static void
tell_writing(Exporter *exporter, gint64 now, const GError *error)
{
	if (error == NULL) {
		if (exporter->told_file)
			log_line(LOG_LEVEL_NOTICE, "the metrics are written again",
			        NULL);
		exporter->told_file = FALSE;
		exporter->written_at = now;
	} else if (!exporter->told_file &&
	           now - exporter->written_at > PATIENCE_MS * 1000) {
		log_error(LOG_LEVEL_WARNING, "the metrics cannot be written", error);
		exporter->told_file = TRUE;
	}
}

static void
write_if_due(Exporter *exporter)
{
	const Settings *settings = exporter->role->settings;
	gint64 now = clock_monotonic();
	g_autoptr(GError) error = NULL;
	if (settings->metrics_file == NULL || now < exporter->write_at)
		return;
	gboolean written = write_file(exporter, &error);
	tell_writing(exporter, now, error);
	exporter->write_at =
	        now +
	        (written ? (gint64)settings->metrics_seconds * 1000 : RETRY_MS) * 1000;
}

/* What /healthz says; *well whether all is. */
static GBytes *
tell_health(Exporter *exporter, gboolean *well)
{
	g_autoptr(GError) error = NULL;
	g_auto(HealthFacts) facts = { 0 };
	char *page;
	*well = FALSE;
	if (!exporter_open(exporter, &error) ||
	        !health_read(
	                exporter->store, exporter->role->settings, &facts, &error)) {
		g_clear_pointer(&exporter->store, store_close);
		page = g_strdup_printf("unhealthy\n%s\n", error->message);
	} else {
		g_autoptr(GPtrArray) troubles = health_judge(&facts);
		*well = troubles->len == 0;
		page = health_page(troubles);
	}
	return g_bytes_new_take(page, strlen(page));
}

static GBytes *
answer_for(Exporter *exporter, char question, gboolean *well)
{
	g_autoptr(GError) error = NULL;
	GBytes *text = NULL;
	switch ((ListenerQuestion)question) {
	case ASK_PROMETHEUS: text = render(exporter, FORM_PROMETHEUS, &error); break;
	case ASK_OPENMETRICS: text = render(exporter, FORM_OPENMETRICS, &error); break;
	case ASK_HEALTH: return tell_health(exporter, well);
	}
	*well = text != NULL;
	if (text == NULL)
		text = g_bytes_new(error != NULL ? error->message : "",
		        error != NULL ? strlen(error->message) : 0);
	return text;
}

/* False when the listener has gone. */
static gboolean
answer_listener(Exporter *exporter)
{
	char question;
	gboolean well = FALSE;
	if (!wire_read(exporter->questions, &question, 1))
		return FALSE;
	g_autoptr(GBytes) text = answer_for(exporter, question, &well);
	ListenerAnswer answer = { .length = (guint32)g_bytes_get_size(text),
		.well = well };
	return wire_write(exporter->questions, &answer, sizeof answer) &&
	       wire_write(exporter->questions, g_bytes_get_data(text, NULL),
	               answer.length);
}

static gboolean
start_listener(Exporter *exporter, GError **error)
{
	const struct timeval limit = { .tv_sec = ANSWER_SECONDS };
	const char *address = exporter->role->settings->metrics_listen;
	if (exporter->listening < 0)
		exporter->listening = listener_bind(address, error);
	if (exporter->listening < 0)
		return FALSE;
	exporter->listener =
	        listener_start(exporter->listening, &exporter->questions, error);
	if (exporter->listener < 0) {
		exporter->listener = 0;
		return FALSE;
	}
	setsockopt(exporter->questions, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	return TRUE;
}

static void
listen_if_due(Exporter *exporter)
{
	g_autoptr(GError) error = NULL;
	gint64 now = clock_monotonic();
	if (exporter->role->settings->metrics_listen == NULL ||
	        exporter->listener > 0 || now < exporter->listen_at)
		return;
	/* Forked without the store: SQLite's locks are not to be carried over. */
	g_clear_pointer(&exporter->store, store_close);
	exporter->listen_at = now + RETRY_MS * 1000;
	if (start_listener(exporter, &error)) {
		exporter->told_listener = FALSE;
		return;
	}
	if (!exporter->told_listener)
		log_error(LOG_LEVEL_WARNING,
		        "the metrics cannot be served, trying again", error);
	exporter->told_listener = TRUE;
}

/* Until something is to be written, tried again, or asked. */
static void
exporter_wait(Exporter *exporter)
{
	const Settings *settings = exporter->role->settings;
	gint64 now = clock_monotonic(), until = G_MAXINT64;
	if (settings->metrics_file != NULL)
		until = MIN(until, exporter->write_at);
	if (settings->metrics_listen != NULL && exporter->listener == 0)
		until = MIN(until, exporter->listen_at);
	gint64 wait = CLAMP((until - now) / 1000 + 1, 0, 3600 * 1000);
	struct pollfd fds[] = { { .fd = exporter->role->stop_fd, .events = POLLIN },
		{ .fd = exporter->questions, .events = POLLIN } };
	role_beat(exporter->role, wait);
	if (poll(fds, G_N_ELEMENTS(fds), (int)wait) <= 0 || fds[1].revents == 0)
		return;
	role_beat(exporter->role, 0);
	if (answer_listener(exporter))
		return;
	stop_listener(exporter);
	log_line(LOG_LEVEL_WARNING, "the metrics listener ended and is started again",
	        NULL);
}

int
exporter_run(Role *role, gboolean once)
{
	g_autoptr(GError) error = NULL;
	g_auto(Exporter) exporter = { .role = role,
		.listening = -1,
		.questions = -1,
		.written_at = clock_monotonic() };
	role->stop_fd = role_begin();
	if (once) {
		if (role->settings->metrics_file == NULL ||
		        write_file(&exporter, &error))
			return EX_OK;
		log_error(LOG_LEVEL_WARNING, "the metrics cannot be written", error);
		return error_exit_status(error);
	}
	while (!role_stopping(role)) {
		listen_if_due(&exporter);
		write_if_due(&exporter);
		exporter_wait(&exporter);
	}
	return EX_OK;
}
