/*
 * What every role of the service is started with: the settings in force, the bells by which
 * the roles wake each other, and the word to stop.
 */
#pragma once

#include <glib.h>

#include "desk/pulse.h"
#include "rules/settings.h"

/* Bells are eventfds made by the master before any fork: whoever is woken may already be the
 * successor of the one that was meant. */
typedef struct {
	int courier;
	int *watchers; /* one per mailbox, in the settings' order */
	int flood; /* rung, and never silenced, when a pass has more to do than a batch */
	int finished; /* rung, and never silenced, when no watcher will add to a pass any more */
	guint count;
} Bells;

Bells *bells_new(guint mailboxes);
void bells_free(Bells *bells);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Bells, bells_free)
void bell_ring(int bell);
void bell_silence(int bell);
gboolean bell_is_rung(int bell);

typedef struct {
	const Settings *settings;
	const Catalogue *catalogue;
	const Bells *bells;
	int stop_fd;  /* readable once SIGTERM came */
	Pulse *pulse; /* NULL: nobody looks after this role */
	guint cell;   /* this role's, of pulse */
} Role;

/* From now on SIGTERM makes *stop_fd readable; SIGHUP and SIGINT are the master's. Also the
 * usual hardening. Called first thing in each child. */
int role_begin(void);

/* First thing in a process that a role, whose pid is given, forks for itself: it dies with the
 * role, and forgets what the role does on signals. A terminal's ^C is for the master. */
void role_begin_servant(pid_t role);
gboolean role_stopping(const Role *role);

/* Show a sign of life; the next follows when what is waited for now, at most milliseconds,
 * is over. Between two of them stands one step of work that has a time-out of its own. */
void role_beat(const Role *role, gint64 milliseconds);

/* Wait until milliseconds are over, the bell rings (-1: none) or the role is to stop. */
void role_wait(const Role *role, int bell, gint64 milliseconds);
