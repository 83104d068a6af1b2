/* What a dead courier had in hand: each reply is sent, not begun, or of unknown fate. */
#pragma once

#include "rules/settings.h"
#include "store/begun.h"
#include "store/outbox.h"

typedef struct {
	Store *store;
	Begun *begun;
	const Settings *settings;
	OutboxClaim claim;
	gboolean resend; /* smtp.on_unknown */
} Recovery;

/* Record it, in one commit; what may have been sent is held for an agent, or sent once more
 * with resend. *found: some mail has an outcome now. */
gboolean recovery_run(const Recovery *recovery, gboolean *found, GError **error);
