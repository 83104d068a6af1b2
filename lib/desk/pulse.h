/*
 * Signs of life: every role says until when it will have shown the next one, and the master
 * sees who is late. A process that hangs is neither dead nor answering, so that no signal and
 * no closed socket would tell.
 *
 * The cells are shared memory made before any fork. A role that begins keeps them from its own
 * children: an analyst that a mail has taken over cannot speak for its watcher.
 */
#pragma once

#include <glib.h>

typedef struct Pulse Pulse;

/* patience: how many seconds a role may be late. */
Pulse *pulse_new(guint cells, guint patience);
void pulse_free(Pulse *pulse);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pulse, pulse_free)

/* In the role, after the fork: its own children will not have the cells. */
void pulse_keep_private(Pulse *pulse);

/* The next sign will follow within milliseconds, and the patience. Nothing when pulse is NULL. */
void pulse_beat(Pulse *pulse, guint cell, gint64 milliseconds);

/* Whether the time that was promised is over. */
gboolean pulse_is_late(const Pulse *pulse, guint cell);
