#include "config.h"

#include "desk/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/errors.h"
#include "base/log.h"
#include "desk/exposition.h"
#include "desk/role.h"
#include "desk/sandbox.h"
#include "desk/wire.h"
#include "rules/listen_address.h"

#define BACKLOG 16
#define CONNECTIONS_MAX 32
#define CONNECTION_SECONDS 10 /* of silence */
#define CONNECTION_BYTES (32 * 1024)
#define ANSWER_SECONDS 10 /* the exporter's, for one question */
#define LOOP_MS 1000
#define LISTEN_FD 3
#define QUESTIONS_FD 4
/* Whoever may enter its directory may ask, as everybody on the host may ask on loopback. */
#define SOCKET_MODE 0666

static void
set_error(GError **error, const char *address)
{
	g_set_error(error, TRIAGED_ERROR, ERROR_TEMPORARY, "'%s': %s", address,
	        g_strerror(errno));
}

/* Left behind by one that was killed: nothing else would keep a new one from its place. */
static void
remove_abandoned(const struct sockaddr_un *address)
{
	struct stat status;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	if (lstat(address->sun_path, &status) == 0 && S_ISSOCK(status.st_mode) &&
	        connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 &&
	        errno == ECONNREFUSED)
		unlink(address->sun_path);
	close(fd);
}

static gboolean
bind_and_listen(int fd, const struct sockaddr_storage *address, socklen_t length)
{
	const int on = 1;
	if (address->ss_family != AF_UNIX) {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
		return bind(fd, (const struct sockaddr *)address, length) == 0 &&
		       listen(fd, BACKLOG) == 0;
	}
	struct sockaddr_un local;
	memcpy(&local, address, sizeof local);
	remove_abandoned(&local);
	return bind(fd, (const struct sockaddr *)address, length) == 0 &&
	       chmod(local.sun_path, SOCKET_MODE) == 0 && listen(fd, BACKLOG) == 0;
}

int
listener_bind(const char *address, GError **error)
{
	struct sockaddr_storage parsed;
	socklen_t length;
	if (!listen_address_parse(address, &parsed, &length)) {
		g_set_error(error, TRIAGED_ERROR, ERROR_CONFIG,
		        "'%s' is no address of this host alone", address);
		return -1;
	}
	int fd =
	        socket(parsed.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && bind_and_listen(fd, &parsed, length))
		return fd;
	set_error(error, address);
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Ask the exporter. False when it does not answer: the two are out of step then, and only a
 * new listener mends that. */
static gboolean
ask(int questions, ListenerQuestion question, ListenerAnswer *answer, char **text)
{
	const char byte = (char)question;
	if (!wire_write(questions, &byte, 1) ||
	        !wire_read(questions, answer, sizeof *answer) ||
	        answer->length > LISTENER_ANSWER_MAX)
		return FALSE;
	*text = malloc(answer->length + 1);
	return *text != NULL && wire_read(questions, *text, answer->length);
}

/* What can be asked for. */
static const struct page {
	const char *path;
	ListenerQuestion question;
	ExpositionForm form;
} pages[] = {
	{ "/metrics", ASK_PROMETHEUS, FORM_PROMETHEUS },
	{ "/metrics", ASK_OPENMETRICS, FORM_OPENMETRICS },
	{ "/healthz", ASK_HEALTH, FORM_PROMETHEUS },
};

static const struct page *
find_page(const char *path, const char *accept)
{
	gboolean open = accept != NULL &&
	                strstr(accept, "application/openmetrics-text") != NULL;
	for (gsize i = 0; i < G_N_ELEMENTS(pages); i++) {
		const struct page *page = &pages[i];
		gboolean other_form =
		        page->question == (open ? ASK_PROMETHEUS : ASK_OPENMETRICS);
		if (strcmp(page->path, path) == 0 && !other_form)
			return page;
	}
	return NULL;
}

static enum MHD_Result
respond(struct MHD_Connection *connection, unsigned status, const char *media_type,
        struct MHD_Response *response)
{
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, media_type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	enum MHD_Result queued = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return queued;
}

static enum MHD_Result
refuse(struct MHD_Connection *connection, unsigned status, char *words)
{
	return respond(connection, status, "text/plain; charset=utf-8",
	        MHD_create_response_from_buffer(
	                strlen(words), words, MHD_RESPMEM_PERSISTENT));
}

static enum MHD_Result
show(struct MHD_Connection *connection, const struct page *page, int questions)
{
	ListenerAnswer answer;
	char *text = NULL;
	if (!ask(questions, page->question, &answer, &text))
		_exit(1);
	const char *type = page->question == ASK_HEALTH
	                           ? "text/plain; charset=utf-8"
	                           : exposition_media_type(page->form);
	return respond(connection,
	        answer.well ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE, type,
	        MHD_create_response_from_buffer(
	                answer.length, text, MHD_RESPMEM_MUST_FREE));
}

/* libmicrohttpd calls first for the header, then when the request is whole. */
static enum MHD_Result
handle(void *data, struct MHD_Connection *connection, const char *path,
        const char *method, const char *version, const char *body, size_t *body_size,
        void **request)
{
	static char bad_method[] = "only GET and HEAD\n",
	            nothing[] = "/metrics and /healthz are here\n";
	static int begun;
	const int *questions = data;
	(void)version, (void)body;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
	        strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED, bad_method);
	if (*request == NULL) {
		*request = &begun;
		return MHD_YES;
	}
	*body_size = 0;
	const struct page *page =
	        find_page(path, MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
	                                MHD_HTTP_HEADER_ACCEPT));
	if (page == NULL)
		return refuse(connection, MHD_HTTP_NOT_FOUND, nothing);
	return show(connection, page, *questions);
}

/* Nothing of the exporter's is in reach. */
static void
keep_only(int listening, int questions)
{
	int null = open("/dev/null", O_RDWR);
	int one = fcntl(listening, F_DUPFD, QUESTIONS_FD + 1);
	int other = fcntl(questions, F_DUPFD, QUESTIONS_FD + 1);
	if (null < 0 || one < 0 || other < 0 || dup2(null, STDIN_FILENO) < 0 ||
	        dup2(null, STDOUT_FILENO) < 0 || dup2(one, LISTEN_FD) < 0 ||
	        dup2(other, QUESTIONS_FD) < 0 ||
	        close_range(QUESTIONS_FD + 1, ~0u, 0) < 0)
		_exit(1);
}

static void listener_run(void) G_GNUC_NORETURN;

static void
listener_run(void)
{
	int questions = QUESTIONS_FD;
	const struct timeval limit = { .tv_sec = ANSWER_SECONDS };
	g_autoptr(GError) error = NULL;
	setsockopt(questions, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	setsockopt(questions, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL,
	        handle, &questions, MHD_OPTION_LISTEN_SOCKET, LISTEN_FD,
	        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
	        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)CONNECTION_SECONDS,
	        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
	        MHD_OPTION_END);
	if (daemon == NULL || !sandbox_enter_listener(&error)) {
		log_line(LOG_LEVEL_ERROR, "the metrics listener cannot be shut in",
		        "error", error != NULL ? error->message : NULL, NULL);
		_exit(1);
	}
	while (MHD_run_wait(daemon, LOOP_MS) == MHD_YES)
		;
	_exit(1);
}

pid_t
listener_start(int listening, int *questions, GError **error)
{
	int sockets[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) {
		set_error(error, "socketpair");
		return -1;
	}
	pid_t exporter = getpid(), child = fork();
	if (child == 0) {
		role_begin_servant(exporter);
		signal(SIGPIPE,
		        SIG_IGN); /* a scraper that goes away is nobody's death */
		keep_only(listening, sockets[1]);
		listener_run();
	}
	close(sockets[1]);
	if (child > 0) {
		*questions = sockets[0];
		return child;
	}
	set_error(error, "fork");
	close(sockets[0]);
	return -1;
}
