#include "desk/role.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "desk/sandbox.h"

static int stop_bell = -1;

Bells *
bells_new(guint mailboxes)
{
	Bells *bells = g_new0(Bells, 1);
	bells->count = mailboxes;
	bells->watchers = g_new0(int, mailboxes + 1);
	bells->courier = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	bells->flood = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	bells->finished = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	for (guint i = 0; i < mailboxes; i++)
		bells->watchers[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return bells;
}

void
bells_free(Bells *bells)
{
	if (bells == NULL)
		return;
	close(bells->courier);
	close(bells->flood);
	close(bells->finished);
	for (guint i = 0; i < bells->count; i++)
		close(bells->watchers[i]);
	g_free(bells->watchers);
	g_free(bells);
}

void
bell_ring(int bell)
{
	guint64 one = 1;
	ssize_t written = write(bell, &one, sizeof one);
	(void)written; /* full means that it rings already */
}

void
bell_silence(int bell)
{
	guint64 count;
	ssize_t got = read(bell, &count, sizeof count);
	(void)got;
}

gboolean
bell_is_rung(int bell)
{
	struct pollfd rung = { .fd = bell, .events = POLLIN };
	return poll(&rung, 1, 0) > 0;
}

static void
on_stop(int number)
{
	(void)number;
	bell_ring(stop_bell);
}

int
role_begin(void)
{
	stop_bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	struct sigaction stop = { .sa_handler = on_stop, .sa_flags = SA_RESTART };
	sigset_t none;
	sigaction(SIGTERM, &stop, NULL);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	/* A limit on file sizes is a full disk: told as an error, not by sudden death. */
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	sandbox_harden();
	return stop_bell;
}

void
role_begin_servant(pid_t role)
{
	sigset_t none;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != role)
		_exit(0);
	sigemptyset(&none);
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	signal(SIGINT, SIG_IGN);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

gboolean
role_stopping(const Role *role)
{
	struct pollfd fd = { .fd = role->stop_fd, .events = POLLIN };
	return role->stop_fd >= 0 && poll(&fd, 1, 0) > 0;
}

void
role_beat(const Role *role, gint64 milliseconds)
{
	pulse_beat(role->pulse, role->cell, milliseconds);
}

void
role_wait(const Role *role, int bell, gint64 milliseconds)
{
	struct pollfd fds[] = { { .fd = role->stop_fd, .events = POLLIN },
		{ .fd = bell, .events = POLLIN } };
	int wait = (int)CLAMP(milliseconds, 0, 3600 * 1000);
	role_beat(role, wait);
	if (poll(fds, G_N_ELEMENTS(fds), wait) > 0 && (fds[1].revents & POLLIN) != 0)
		bell_silence(bell);
}
