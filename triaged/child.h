/* The service's children: one process per role, forked from the master with the settings in
 * memory, so that nothing is read twice and everybody works by the same. */
#pragma once

#include <glib.h>

#include <sys/types.h>

#include "desk/role.h"
#include "desk/watcher.h"

/* What is in force: a reload makes a new one whole. */
typedef struct {
	Settings *settings;
	Catalogue *catalogue;
	Bells *bells;
	Pulse *pulse; /* a cell per role: Child.cell */
} Generation;

/* Read and check the configuration. NULL: every problem, one per line, in *error. */
Generation *generation_load(const char *file, GError **error);
void generation_free(Generation *generation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Generation, generation_free)

/* One role of one generation. */
typedef struct {
	enum { CHILD_COURIER, CHILD_WATCHER, CHILD_EXPORTER } kind;
	guint index;       /* a watcher's mailbox */
	guint cell;        /* of the generation's pulse */
	char *name;        /* "courier", "watcher/assistenza", "exporter" */
	pid_t pid;         /* 0: not running */
	int status;        /* of its last run that was waited for */
	gint64 started;    /* monotonic */
	gint64 restart_at; /* monotonic; 0: now */
	gint64 pause;      /* microseconds before the next restart */
} Child;

Child *child_new_courier(void);
Child *child_new_exporter(const Generation *generation);
Child *child_new_watcher(const Generation *generation, guint index);
void child_free(Child *child);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Child, child_free)

/* Fork the role as kind says (others than watchers: WATCH_SERVICE stays, else once). */
gboolean child_start(Child *child, const Generation *generation, WatchKind kind);

/* Whether it runs and has given no sign of life for too long. */
gboolean child_is_stuck(const Child *child, const Generation *generation);

/* Wait for its end; its exit status, 70 when it was killed. */
int child_wait(Child *child);

/* Wait for the next of the children to end. NULL: none is running any more. */
Child *children_wait(GPtrArray *children);

/* SIGTERM, and SIGKILL after STOP_SECONDS; everything it does is safe to be cut off. */
void children_stop(GPtrArray *children);

#define STOP_SECONDS 4
