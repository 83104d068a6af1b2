/* Whether all goes well, by what the service noted in its store: what is stuck, why, and what to
 * do. */
#pragma once

#include "rules/settings.h"
#include "store/note.h"
#include "store/outbox_admin.h"
#include "store/reply_limit.h"

typedef struct {
	const Settings *settings;
	Store *store;
	const GPtrArray *notes;  /* of Note */
	const GPtrArray *outbox; /* of OutboxCount */
	const Breaker *breaker;
	gint64 now;
} HealthFacts;

typedef struct {
	int status; /* EX_UNAVAILABLE: a server, or the service itself; EX_TEMPFAIL: stuck */
	char *words;  /* what is stuck, and why */
	char *advice; /* what to do */
} Ailment;

/* What is wrong, the worst first; of Ailment. Empty: healthy. */
GPtrArray *health_examine(const HealthFacts *facts);
