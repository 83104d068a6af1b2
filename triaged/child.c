#include "triaged/child.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "desk/courier.h"
#include "desk/exporter.h"

/* The cells of the generation's pulse: the courier's, one per watcher, the exporter's. */
#define COURIER_CELL 0
#define WATCHER_CELLS 1

Generation *
generation_load(const char *file, GError **error)
{
	g_autoptr(Generation) generation = g_new0(Generation, 1);
	generation->settings = settings_load(file, error);
	if (generation->settings == NULL)
		return NULL;
	generation->catalogue = settings_load_catalogue(generation->settings, error);
	if (generation->catalogue == NULL)
		return NULL;
	const Settings *settings = generation->settings;
	generation->bells = bells_new(settings->mailboxes->len);
	generation->pulse = pulse_new(WATCHER_CELLS + settings->mailboxes->len + 1,
	        settings->stall_seconds + settings->limits.analyse_seconds);
	return g_steal_pointer(&generation);
}

void
generation_free(Generation *generation)
{
	if (generation == NULL)
		return;
	bells_free(generation->bells);
	pulse_free(generation->pulse);
	catalogue_free(generation->catalogue);
	settings_free(generation->settings);
	g_free(generation);
}

Child *
child_new_courier(void)
{
	Child *child = g_new0(Child, 1);
	child->kind = CHILD_COURIER;
	child->cell = COURIER_CELL;
	child->name = g_strdup("courier");
	return child;
}

Child *
child_new_exporter(const Generation *generation)
{
	Child *child = g_new0(Child, 1);
	child->kind = CHILD_EXPORTER;
	child->cell = WATCHER_CELLS + generation->settings->mailboxes->len;
	child->name = g_strdup("exporter");
	return child;
}

Child *
child_new_watcher(const Generation *generation, guint index)
{
	const MailboxSettings *mailbox =
	        g_ptr_array_index(generation->settings->mailboxes, index);
	Child *child = g_new0(Child, 1);
	child->kind = CHILD_WATCHER;
	child->index = index;
	child->cell = WATCHER_CELLS + index;
	child->name = g_strdup_printf("watcher/%s", mailbox->name);
	return child;
}

void
child_free(Child *child)
{
	if (child == NULL)
		return;
	g_free(child->name);
	g_free(child);
}

static void
child_run(const Child *child, const Generation *generation, WatchKind kind)
{
	Role role = { .settings = generation->settings,
		.catalogue = generation->catalogue,
		.bells = generation->bells,
		.stop_fd = -1,
		.pulse = generation->pulse,
		.cell = child->cell };
	log_set_role(child->name);
	pulse_keep_private(generation->pulse);
	switch (child->kind) {
	case CHILD_COURIER: _exit(courier_run(&role, kind != WATCH_SERVICE));
	case CHILD_WATCHER: _exit(watcher_run(&role, child->index, kind));
	case CHILD_EXPORTER: _exit(exporter_run(&role, kind != WATCH_SERVICE));
	}
}

gboolean
child_start(Child *child, const Generation *generation, WatchKind kind)
{
	pid_t master = getpid();
	child->started = clock_monotonic();
	pulse_beat(generation->pulse, child->cell, 0);
	child->pid = fork();
	if (child->pid == 0) {
		/* A master that dies takes its children along: its successor starts anew. */
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != master)
			_exit(EX_TEMPFAIL);
		child_run(child, generation, kind);
	}
	if (child->pid > 0)
		return TRUE;
	child->pid = 0;
	log_line(LOG_LEVEL_ERROR, "fork failed", "role", child->name, "error",
	        g_strerror(errno), NULL);
	return FALSE;
}

gboolean
child_is_stuck(const Child *child, const Generation *generation)
{
	return child->pid > 0 && pulse_is_late(generation->pulse, child->cell);
}

/* Note the end of a child that was waited for. */
static void
child_bury(Child *child, int status)
{
	child->pid = 0;
	child->status = WIFEXITED(status) ? WEXITSTATUS(status) : EX_SOFTWARE;
}

int
child_wait(Child *child)
{
	int status = 0;
	while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		;
	child_bury(child, status);
	return child->status;
}

static Child *
children_find(GPtrArray *children, pid_t pid)
{
	for (guint i = 0; i < children->len; i++) {
		Child *child = g_ptr_array_index(children, i);
		if (child->pid == pid)
			return child;
	}
	return NULL;
}

Child *
children_wait(GPtrArray *children)
{
	for (;;) {
		int status = 0;
		pid_t pid = waitpid(-1, &status, 0);
		if (pid < 0 && errno == EINTR)
			continue;
		Child *child = pid > 0 ? children_find(children, pid) : NULL;
		if (child != NULL)
			child_bury(child, status);
		if (child != NULL || pid < 0)
			return child;
	}
}

/* Whether all have ended by the deadline. */
static gboolean
children_ended(GPtrArray *children, gint64 deadline)
{
	for (;;) {
		gboolean running = FALSE;
		for (guint i = 0; i < children->len; i++) {
			Child *child = g_ptr_array_index(children, i);
			if (child->pid > 0 &&
			        waitpid(child->pid, NULL, WNOHANG) == child->pid)
				child->pid = 0;
			running = running || child->pid > 0;
		}
		gint64 left = deadline - clock_monotonic();
		if (!running || left <= 0)
			return !running;
		sigset_t ended;
		sigemptyset(&ended);
		sigaddset(&ended, SIGCHLD);
		struct timespec wait = { .tv_sec = left / G_USEC_PER_SEC,
			.tv_nsec = (left % G_USEC_PER_SEC) * 1000 };
		sigtimedwait(&ended, NULL, &wait);
	}
}

void
children_stop(GPtrArray *children)
{
	for (guint i = 0; i < children->len; i++) {
		const Child *child = g_ptr_array_index(children, i);
		if (child->pid > 0)
			kill(child->pid, SIGTERM);
	}
	gint64 deadline = clock_monotonic() + STOP_SECONDS * (gint64)G_USEC_PER_SEC;
	if (children_ended(children, deadline))
		return;
	for (guint i = 0; i < children->len; i++) {
		Child *child = g_ptr_array_index(children, i);
		if (child->pid <= 0)
			continue;
		log_line(LOG_LEVEL_WARNING, "a role did not stop in time and is killed",
		        "role", child->name, NULL);
		kill(child->pid, SIGKILL);
		child_wait(child);
	}
}
