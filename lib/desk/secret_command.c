#include "config.h"

#include "desk/secret_command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errors.h"

/* One run. */
typedef struct {
	const SecretCommand *command;
	char *program; /* for messages: arguments may be secret */
	GPid pid;
	int output;
	int ended; /* readable once the program has ended (pidfd_open(2)) */
	gint64 deadline;
	char *buffer;
	gsize length, size;
} Run;

/* After the fork: only calls that signal handlers may make. */
static void
begin_group(gpointer data)
{
	(void)data;
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* What we ignore would stay ignored. */
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
}

static gboolean
run_start(Run *run, GError **error)
{
	g_auto(GStrv) arguments = NULL;
	g_autoptr(GError) failed = NULL;
	if (g_shell_parse_argv(run->command->command, NULL, &arguments, &failed) &&
	        g_spawn_async_with_pipes(NULL, arguments, NULL,
	                G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, begin_group,
	                NULL, &run->pid, NULL, &run->output, NULL, &failed)) {
		run->program = g_strdup(arguments[0]);
		run->ended = (int)syscall(SYS_pidfd_open, run->pid, 0);
		fcntl(run->output, F_SETFL, O_NONBLOCK);
		return TRUE;
	}
	g_set_error(error, TRIAGED_ERROR, ERROR_CONFIG, "password or token command: %s",
	        failed->message);
	return FALSE;
}

/* Read what is there. False at the end of the output. */
static gboolean
run_read(Run *run)
{
	char beyond[256];
	for (;;) {
		gboolean full = run->length + 1 >= run->size;
		ssize_t got = full ? read(run->output, beyond, sizeof beyond)
		                   : read(run->output, run->buffer + run->length,
		                             run->size - run->length - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 && errno == EAGAIN;
		if (!full)
			run->length += (gsize)got;
	}
}

static gboolean
fail(const Run *run, GError **error)
{
	g_set_error(error, TRIAGED_ERROR, ERROR_TEMPORARY,
	        "'%s' did not end within %u s and was killed", run->program,
	        run->command->seconds);
	return FALSE;
}

/* Until the program has ended. One that it left behind may hold the output open for ever. */
static gboolean
run_watch(Run *run, GError **error)
{
	gboolean open = TRUE;
	for (;;) {
		gint64 left = (run->deadline - clock_monotonic()) / 1000 + 1;
		struct pollfd fds[] = { { .fd = run->ended, .events = POLLIN },
			{ .fd = open ? run->output : -1, .events = POLLIN },
			{ .fd = run->command->stop_fd, .events = POLLIN } };
		int ready = left <= 0 ? 0 : poll(fds, G_N_ELEMENTS(fds), (int)left);
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return fail(run, error);
		if (fds[2].revents != 0) {
			g_set_error(error, TRIAGED_ERROR, ERROR_TEMPORARY,
			        "'%s' was interrupted", run->program);
			return FALSE;
		}
		open = open && run_read(run);
		if (fds[0].revents != 0)
			return TRUE;
	}
}

/* Its group is killed before it is buried: until then nobody else can have its number. */
static gboolean
run_bury(Run *run, gboolean done, GError **error)
{
	g_autoptr(GError) failed = NULL;
	int status = 0;
	kill(-run->pid, SIGKILL);
	while (waitpid(run->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(run->output);
	if (run->ended >= 0)
		close(run->ended);
	if (!done || g_spawn_check_wait_status(status, &failed))
		return done;
	g_set_error(error, TRIAGED_ERROR, ERROR_TEMPORARY, "'%s': %s", run->program,
	        failed->message);
	return FALSE;
}

gboolean
secret_command_run(
        const SecretCommand *command, char *buffer, gsize size, GError **error)
{
	Run run = { .command = command,
		.buffer = buffer,
		.size = size,
		.deadline =
		        clock_monotonic() + command->seconds * (gint64)G_USEC_PER_SEC };
	buffer[0] = '\0';
	if (!run_start(&run, error))
		return FALSE;
	gboolean done = run_bury(&run, run_watch(&run, error), error);
	buffer[run.length] = '\0';
	g_free(run.program);
	return done;
}
