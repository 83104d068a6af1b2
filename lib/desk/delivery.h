/*
 * A delivery: one attempt to hand a reply to the SMTP server, and what follows from it.
 *
 * Surprising rule: the outcome, the mail's new state and tag, the copy for the Sent folder and
 * the closing of a refused address are recorded in one transaction, the caller's.
 */
#pragma once

#include <glib.h>

#include "net/submission.h"
#include "rules/settings.h"
#include "store/outbox.h"

typedef struct {
	Effect *effect;
	gboolean withdrawn; /* it never got a connection: given back untouched */
	SubmissionResult result;
	gboolean
	        again; /* our login was old: nobody's fault, to be tried anew at once */
	EffectState state; /* what the reply is in once the result is recorded */
} Delivery;

/* Takes effect. */
Delivery *delivery_new(Effect *effect);
void delivery_free(Delivery *delivery);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Delivery, delivery_free)

/* Whether it failed for a reason that would meet any other mail, or in a way (lost after the
 * dot) that must not be let happen to a whole queue: the others had better wait. */
gboolean delivery_is_trouble(const Delivery *delivery);

typedef struct {
	Store *store;
	const Settings *settings;
	gboolean resend; /* an unknown one is sent once more: smtp.on_unknown */
	gboolean cut;    /* we are to stop: what had no answer was cut by us */
} DeliveryDesk;

/* Record the attempt (or that there was none) and its result, and set state. */
gboolean delivery_record(const DeliveryDesk *desk, Delivery *delivery, GError **error);

/* The journal line of one that is recorded. */
void delivery_log(const Delivery *delivery);

/* Give the reply's mail the outcome and tag that its state means. */
gboolean delivery_settle(
        Store *store, const Effect *effect, EffectState state, GError **error);
