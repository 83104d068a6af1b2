/*
 * The aftermath of a decision: what is done for agents once a mail's outcome is known. A copy
 * is handed over, the mail moves, a note is put beside it.
 *
 * Surprising rule: all of it is queued with the decision, in its transaction, and becomes due
 * with the outcome: nobody reads what is not finished, and a crash forgets nothing. Mail that
 * was there before the first start is left as it is.
 */
#pragma once

#include "desk/intake.h"
#include "store/place.h"

/* A mail that was just recorded. */
typedef struct {
	gint64 mail;
	gint64 conversation; /* 0: no ticket, no note */
	gboolean begins;     /* its conversation, or it has none */
	const Place *place;
	const char *class; /* the finest that was named; NULL: not analysed */
	gboolean backlog;
} Aftermath;

/* Queue it. Needs the transaction that records the mail. */
gboolean aftermath_queue(
        const Intake *intake, const Aftermath *aftermath, GError **error);
