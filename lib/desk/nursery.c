#include "config.h"

#include "desk/nursery.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errors.h"
#include "base/log.h"
#include "desk/role.h"
#include "desk/sandbox.h"
#include "desk/wire.h"
#include "triage/case_pack.h"

#define SOCKET_FD 3 /* the only descriptor an analyst has beside stderr */
#define ANALYST_MEMORY (768u * 1024 * 1024) /* beyond what the nursery holds */

static GBytes *
answer_for(GBytes *bytes, const AnalyseContext *context, guint32 *failed)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Case) kase = analyse(bytes, context, &error);
	*failed = kase == NULL;
	if (kase == NULL)
		return g_bytes_new(error->message, strlen(error->message));
	return case_pack(kase);
}

/* A loop that alarm(2) does not see, since the machine is starved, still ends by its CPU. */
static void
limit_cpu(guint seconds)
{
	struct timespec used;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	struct rlimit limit = { .rlim_cur = (rlim_t)used.tv_sec + seconds + 1,
		.rlim_max = RLIM_INFINITY };
	setrlimit(RLIMIT_CPU, &limit);
}

static gboolean
answer_one(const AnalyseContext *context, int fd)
{
	AnalystQuestion question;
	if (!wire_read(fd, &question, sizeof question))
		return FALSE;
	char *mail = g_malloc(question.size + 1);
	if (!wire_read(fd, mail, question.size)) {
		g_free(mail);
		return FALSE;
	}
	g_autoptr(GBytes) bytes = g_bytes_new_take(mail, question.size);
	AnalyseContext own = *context;
	own.truncated = question.truncated != 0;
	own.received = question.received;
	AnalystAnswer answer = { 0 };
	gint64 started = clock_monotonic();
	/* The default action of SIGALRM ends the process: no parser can catch it. */
	limit_cpu(context->settings->limits.analyse_seconds);
	alarm(context->settings->limits.analyse_seconds);
	g_autoptr(GBytes) said = answer_for(bytes, &own, &answer.failed);
	alarm(0);
	gsize length;
	const void *data = g_bytes_get_data(said, &length);
	answer.length = (guint32)length;
	answer.took = clock_monotonic() - started;
	return wire_write_two(fd, &answer, sizeof answer, data, length);
}

/* Nothing of the watcher's is in reach: no terminal, no bell, no other socket. */
static int
keep_only(int fd)
{
	int null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	        dup2(fd, SOCKET_FD) < 0 || close_range(SOCKET_FD + 1, ~0u, 0) < 0)
		_exit(1);
	return SOCKET_FD;
}

void
analyst_run(const AnalyseContext *context, int fd)
{
	g_autoptr(GError) error = NULL;
	if (!sandbox_enter(ANALYST_MEMORY, &error)) {
		log_error(LOG_LEVEL_ERROR, "an analyst cannot be shut in", error);
		_exit(1);
	}
	while (answer_one(context, fd))
		;
	_exit(0);
}

/* Say how an analyst ended; the watcher only sees its socket close. */
static void
reap_analysts(void)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		g_autofree char *number = g_strdup_printf("%d", (int)pid);
		if (!WIFSIGNALED(status))
			continue;
		log_line(LOG_LEVEL_WARNING, "an analyst died", "pid", number, "signal",
		        strsignal(WTERMSIG(status)), NULL);
	}
}

static void nursery_run(const AnalyseContext *context, int control) G_GNUC_NORETURN;

static void
nursery_run(const AnalyseContext *context, int control)
{
	int fd;
	while ((fd = wire_take_fd(control)) >= 0) {
		reap_analysts();
		pid_t nursery = getpid();
		pid_t child = fork();
		if (child == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (getppid() != nursery)
				_exit(0);
			analyst_run(context, keep_only(fd));
		}
		/* Better no nursery than mails that seem to kill their analysts. */
		if (child < 0)
			_exit(1);
		close(fd);
	}
	_exit(0);
}

int
nursery_start(const AnalyseContext *context, GError **error)
{
	int sockets[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) {
		g_set_error(error, TRIAGED_ERROR, ERROR_TEMPORARY, "socketpair: %s",
		        g_strerror(errno));
		return -1;
	}
	pid_t watcher = getpid();
	pid_t child = fork();
	if (child == 0) {
		role_begin_servant(watcher);
		close(sockets[0]);
		sandbox_harden();
		sandbox_preload_charsets();
		nursery_run(context, sockets[1]);
	}
	close(sockets[1]);
	if (child > 0)
		return sockets[0];
	g_set_error(
	        error, TRIAGED_ERROR, ERROR_TEMPORARY, "fork: %s", g_strerror(errno));
	close(sockets[0]);
	return -1;
}
