#include "triaged/master.h"

#include "config.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

#include "base/clock.h"
#include "base/log.h"
#include "desk/exporter.h"
#include "desk/sandbox.h"
#include "triaged/credential_check.h"

#define PAUSE_FIRST ((gint64)G_USEC_PER_SEC) /* before a role is restarted */
#define PAUSE_MOST (60 * (gint64)G_USEC_PER_SEC)
#define LOOK (5 * (gint64)G_USEC_PER_SEC) /* between two looks at the roles */
#define HEALTHY                                                                        \
	(60 * (gint64)G_USEC_PER_SEC) /* a role that ran so long starts afresh */

typedef struct {
	const char *file;
	Generation *generation;
	GPtrArray *children; /* of Child */
	sigset_t signals;
	gint64 watchdog; /* microseconds between two signs of life to systemd; or G_MAXINT64 */
	gint64 fed; /* when the last one was given, monotonic */
} Master;

static void
tell_service_manager(const char *state)
{
#ifdef HAVE_SYSTEMD
	sd_notify(0, state);
#else
	(void)state;
#endif
}

/* How often the service manager wants to hear that all goes well (sd_watchdog_enabled(3)). */
static gint64
watchdog_interval(void)
{
	guint64 limit = 0;
#ifdef HAVE_SYSTEMD
	if (sd_watchdog_enabled(0, &limit) <= 0)
		limit = 0;
#endif
	return limit > 0 ? (gint64)(limit / 3) : G_MAXINT64;
}

static GPtrArray *
children_of(const Generation *generation)
{
	GPtrArray *children =
	        g_ptr_array_new_with_free_func((GDestroyNotify)child_free);
	if (generation->settings->smtp.server.url != NULL)
		g_ptr_array_add(children, child_new_courier());
	for (guint i = 0; i < generation->settings->mailboxes->len; i++)
		g_ptr_array_add(children, child_new_watcher(generation, i));
	return children;
}

/* The exporter comes first: where it replaces another one, that one has let go of the address
 * before. A single pass has none. */
static GPtrArray *
service_of(const Generation *generation)
{
	GPtrArray *children = children_of(generation);
	if (exporter_is_wanted(generation->settings))
		g_ptr_array_insert(children, 0, child_new_exporter(generation));
	return children;
}

static void
signals_block(sigset_t *signals)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD };
	sigemptyset(signals);
	for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++)
		sigaddset(signals, numbers[i]);
	sigprocmask(SIG_BLOCK, signals, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* Start what is due. Returns how many microseconds until the next one is. */
static gint64
start_due(Master *master)
{
	gint64 wait = PAUSE_MOST, now = clock_monotonic();
	for (guint i = 0; i < master->children->len; i++) {
		Child *child = g_ptr_array_index(master->children, i);
		if (child->pid > 0)
			continue;
		if (child->restart_at <= now &&
		        child_start(child, master->generation, WATCH_SERVICE))
			continue;
		wait = MIN(wait, MAX(child->restart_at - now, PAUSE_FIRST / 10));
	}
	return wait;
}

static void
child_ended(Child *child, int status)
{
	gint64 now = clock_monotonic();
	gboolean healthy = now - child->started > HEALTHY;
	child->pid = 0;
	child->pause = healthy || child->pause == 0 ? PAUSE_FIRST
	                                            : MIN(child->pause * 2, PAUSE_MOST);
	child->restart_at = now + child->pause;
	g_autofree char *seconds =
	        g_strdup_printf("%" G_GINT64_FORMAT, child->pause / G_USEC_PER_SEC);
	g_autofree char *how =
	        WIFSIGNALED(status)
	                ? g_strdup_printf("signal %s", strsignal(WTERMSIG(status)))
	                : g_strdup_printf("status %d", WEXITSTATUS(status));
	log_line(LOG_LEVEL_WARNING, "a role ended and is started again", "role",
	        child->name, "ended", how, "in-seconds", seconds, NULL);
}

static void
reap(Master *master)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (guint i = 0; i < master->children->len; i++) {
			Child *child = g_ptr_array_index(master->children, i);
			if (child->pid == pid)
				child_ended(child, status);
		}
}

/* Kill the roles that hang: what they had in hand is done again by their successors. Tell the
 * service manager that all goes well only while none does. */
static void
look_after(Master *master)
{
	gint64 now = clock_monotonic();
	gboolean all_well = TRUE;
	for (guint i = 0; i < master->children->len; i++) {
		const Child *child = g_ptr_array_index(master->children, i);
		if (!child_is_stuck(child, master->generation))
			continue;
		all_well = FALSE;
		log_line(LOG_LEVEL_ERROR, "a role hangs and is killed", "role",
		        child->name, NULL);
		kill(child->pid, SIGKILL);
	}
	if (!all_well || now - master->fed < master->watchdog)
		return;
	tell_service_manager("WATCHDOG=1");
	master->fed = now;
}

static void
log_problems(const char *words, const GError *error)
{
	g_auto(GStrv) lines = g_strsplit(error->message, "\n", 0);
	for (char **line = lines; *line != NULL; line++)
		if (**line != '\0')
			log_line(LOG_LEVEL_ERROR, words, "problem", *line, NULL);
}

/* Replace the children one by one by those of a new generation. */
static void
replace_children(Master *master, Generation *generation)
{
	g_autoptr(GPtrArray) old = g_steal_pointer(&master->children);
	g_autoptr(GPtrArray) one = g_ptr_array_new();
	master->children = service_of(generation);
	for (guint i = 0; i < MAX(old->len, master->children->len); i++) {
		g_ptr_array_set_size(one, 0);
		if (i < old->len)
			g_ptr_array_add(one, g_ptr_array_index(old, i));
		children_stop(one);
		if (i < master->children->len)
			child_start(g_ptr_array_index(master->children, i), generation,
			        WATCH_SERVICE);
	}
	generation_free(master->generation);
	master->generation = generation;
}

static void
reload(Master *master)
{
	g_autoptr(GError) error = NULL;
	tell_service_manager("RELOADING=1");
	g_autoptr(Generation) generation = generation_load(master->file, &error);
	/* At the start a server without its password is tried again and again, beside the
	 * others; here there is a configuration that works. */
	if (generation == NULL || !credential_check(generation->settings, &error)) {
		log_problems("the new configuration is bad, the old one stays in force",
		        error);
	} else {
		replace_children(master, g_steal_pointer(&generation));
		log_line(LOG_LEVEL_NOTICE, "the configuration was reloaded", "file",
		        master->file, NULL);
	}
	tell_service_manager("READY=1");
}

/* SIGUSR1: everybody looks now, whatever the polls say. */
static void
ring_all(const Master *master)
{
	const Bells *bells = master->generation->bells;
	bell_ring(bells->courier);
	for (guint i = 0; i < bells->count; i++)
		bell_ring(bells->watchers[i]);
}

static void
master_loop(Master *master)
{
	for (;;) {
		gint64 wait = MIN(start_due(master), MIN(LOOK, master->watchdog));
		look_after(master);
		struct timespec limit = { .tv_sec = wait / G_USEC_PER_SEC,
			.tv_nsec = (wait % G_USEC_PER_SEC) * 1000 };
		switch (sigtimedwait(&master->signals, NULL, &limit)) {
		case SIGTERM:
		case SIGINT: return;
		case SIGHUP: reload(master); break;
		case SIGUSR1: ring_all(master); break;
		case SIGCHLD: reap(master); break;
		}
	}
}

void
master_hold_signals(void)
{
	sigset_t signals;
	signals_block(&signals);
}

int
master_serve(const char *file, Generation *generation)
{
	Master master = {
		.file = file, .generation = generation, .watchdog = watchdog_interval()
	};
	sandbox_harden();
	signals_block(&master.signals);
	master.children = service_of(generation);
	g_autofree char *mailboxes =
	        g_strdup_printf("%u", generation->settings->mailboxes->len);
	log_line(LOG_LEVEL_NOTICE, "started", "instance",
	        generation->settings->instance, "mode",
	        mode_name(generation->settings->mode), "mailboxes", mailboxes, NULL);
	start_due(&master);
	tell_service_manager("READY=1");
	master_loop(&master);
	tell_service_manager("STOPPING=1");
	children_stop(master.children);
	log_line(LOG_LEVEL_NOTICE, "stopped", NULL);
	g_ptr_array_unref(master.children);
	generation_free(master.generation);
	return EX_OK;
}

/* The worse of two statuses: a real failure before "try again" before success. */
static int
worse(int one, int other)
{
	if (one == EX_OK || (one == EX_TEMPFAIL && other != EX_OK))
		return other;
	return one;
}

/* Start the watchers side by side. Who has failed before is left out: its server is in
 * trouble, and that has been said. */
static void
start_watchers(GPtrArray *children, const Generation *generation, WatchKind kind)
{
	for (guint i = 0; i < children->len; i++) {
		Child *child = g_ptr_array_index(children, i);
		if (child->kind == CHILD_WATCHER && child->status == EX_OK &&
		        !child_start(child, generation, kind))
			child->status = EX_TEMPFAIL;
	}
}

static int
worst_of(const GPtrArray *children)
{
	int status = EX_OK;
	for (guint i = 0; i < children->len; i++)
		status = worse(
		        status, ((Child *)g_ptr_array_index(children, i))->status);
	return status;
}

static int
run_watchers(GPtrArray *children, const Generation *generation, WatchKind kind)
{
	start_watchers(children, generation, kind);
	while (children_wait(children) != NULL)
		;
	return worst_of(children);
}

static Child *
find_courier(const GPtrArray *children)
{
	for (guint i = 0; i < children->len; i++) {
		Child *child = g_ptr_array_index(children, i);
		if (child->kind == CHILD_COURIER)
			return child;
	}
	return NULL;
}

static guint
count_watching(const GPtrArray *children)
{
	guint count = 0;
	for (guint i = 0; i < children->len; i++) {
		const Child *child = g_ptr_array_index(children, i);
		count += child->pid > 0 && child->kind == CHILD_WATCHER;
	}
	return count;
}

/* The courier works beside the watchers once there is much to do, or one of them has ended:
 * replies of one mailbox do not wait for the server of another. When all are done it drains
 * what is left. */
static void
run_with_courier(GPtrArray *children, const Generation *generation)
{
	const Bells *bells = generation->bells;
	Child *courier = find_courier(children);
	start_watchers(children, generation, WATCH_ONCE);
	if (courier != NULL && !child_start(courier, generation, WATCH_ONCE))
		courier->status = EX_TEMPFAIL;
	for (;;) {
		if (count_watching(children) == 0)
			bell_ring(bells->finished);
		bell_ring(bells->courier);
		if (children_wait(children) == NULL)
			return;
		bell_ring(bells->flood);
	}
}

/* For node_exporter, also where a timer calls us. What it comes to is no part of the pass. */
static void
write_metrics(const Generation *generation)
{
	g_autoptr(Child) exporter = child_new_exporter(generation);
	if (generation->settings->metrics_file != NULL &&
	        child_start(exporter, generation, WATCH_ONCE))
		child_wait(exporter);
}

int
master_once(const Generation *generation)
{
	g_autoptr(GPtrArray) children = children_of(generation);
	sandbox_harden();
	run_with_courier(children, generation);
	int status = run_watchers(children, generation, WATCH_EFFECTS);
	write_metrics(generation);
	return status;
}

int
master_dry_run(const Generation *generation)
{
	g_autoptr(GPtrArray) children = children_of(generation);
	sandbox_harden();
	return run_watchers(children, generation, WATCH_DRY);
}
