/* The inside of the courier: what its parts share. */
#pragma once

#include "desk/credential.h"
#include "desk/pace.h"
#include "desk/role.h"
#include "net/submission_pool.h"
#include "store/begun.h"
#include "store/outbox.h"

#define PAUSE_FIRST 1000           /* ms while the server is in trouble */
#define PAUSE_MOST (5 * 60 * 1000) /* the same, after it has doubled some times */

typedef struct {
	Role *role;
	char *owner;
	Store *store;
	Credential *credential;
	Endpoint *endpoint;
	SubmissionPool *pool;
	Begun *begun;
	Pace *pace;
	gint64 heard_at;     /* monotonic: when an answer came last, or all was idle */
	GPtrArray *chosen;   /* of char *: the recipients to begin with in this turn */
	GPtrArray *answered; /* of Delivery: over, but not yet recorded */
	gint64 answered_at;  /* monotonic: the first of these */
	gint64 pause;        /* ms between tries of a server in trouble; 0: it is not */
	gint64 paused_until; /* monotonic */
	gboolean
	        login_is_old; /* no connection could be opened: perhaps the credential's fault */
} Courier;

/* Whether nothing may begin now. */
gboolean courier_rests(const Courier *courier);

/* What this process takes from the outbox. */
OutboxClaim courier_claim(const Courier *courier);

/* After trouble: whether the server refused a token that was good until now. A new one is
 * fetched before the next connection, and what could not go out with the old one is due again
 * at once. */
gboolean courier_renews_token(Courier *courier);

/* Whether something is to go out now, and not with a credential that is known to be no good. */
gboolean courier_needs_login(const Courier *courier);

/* Tokens expire, and passwords are changed: where something is due, and the login is old, read
 * the credential anew while no connection uses the old one. */
void courier_renew_login(Courier *courier);
