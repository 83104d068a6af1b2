/*
 * Begun: how far the replies in hand have come, told by memory that outlives the process.
 *
 * The courier claims replies by the dozen in one commit. Which of them it had really begun to
 * send when it died stands here: a file that is mapped, never synced, and so kept by the kernel
 * whatever ends the process. Surprising rule: after another boot it says nothing (power may
 * have gone before it was written), and every reply that was claimed counts as begun.
 */
#pragma once

#include <glib.h>

typedef struct Begun Begun;

typedef enum {
	BEGUN_NOT,  /* no server can have it */
	BEGUN_YES,  /* nobody knows */
	BEGUN_SENT, /* it was accepted */
	BEGUN_OVER, /* it was not accepted */
} BegunState;

/* Open or make the file of a state directory, with a place for each of slots replies; only
 * whoever holds the job's lease may. */
Begun *begun_open(const char *directory, guint slots, GError **error);
void begun_close(Begun *begun);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Begun, begun_close)

/* What the predecessor left of a reply that it had claimed. */
BegunState begun_left(const Begun *begun, gint64 id);

/* Forget what the predecessor left: it is recorded now. */
void begun_reset(Begun *begun);

/* The slot of a reply that is in hand now, BEGUN_NOT until *slot (a BegunState, set atomically,
 * by any thread) says more. At most as many are in hand as there are slots. */
gint *begun_take(Begun *begun, gint64 id);

/* Its outcome is recorded. */
void begun_drop(Begun *begun, gint64 id);
