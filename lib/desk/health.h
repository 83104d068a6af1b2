/*
 * Health: whether the service does its work, judged from what its processes have recorded.
 * `triagectl status`, /healthz and the metrics all ask here, so that they cannot disagree.
 *
 * Surprising rule: a trouble's words may hold what a server said, and so a customer's address;
 * whoever may ask for /healthz gets them by health_page(), which leaves addresses out.
 */
#pragma once

#include "rules/settings.h"
#include "store/reply_limit.h"
#include "store/store.h"

/* What is recorded, and how the machine stands, read in one go. */
typedef struct {
	const Settings *settings; /* borrowed */
	gint64 now;
	GPtrArray *notes;  /* of Note */
	GPtrArray *outbox; /* of OutboxCount */
	GPtrArray
	        *watched; /* names of the mailboxes that a process watches; borrowed */
	Breaker breaker;
	char *directory; /* of the state; NULL: in memory, or its disk cannot be asked */
	guint64 disk_left; /* bytes; with a directory */
	gint64 log_bytes;
} HealthFacts;

/* settings must outlive facts, which are to be cleared also after a failure. */
gboolean health_read(
        Store *store, const Settings *settings, HealthFacts *facts, GError **error);
void health_facts_clear(HealthFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HealthFacts, health_facts_clear)

/* When a mailbox, or with NULL the SMTP server, was last used with success; 0: never. */
gint64 health_last_success(const HealthFacts *facts, const char *mailbox);

typedef enum {
	TROUBLE_MAILBOX_ERROR,  /* its server is out of reach */
	TROUBLE_MAILBOX_SILENT, /* nobody looked for long, though a process watches it */
	TROUBLE_MAILBOX_UNWATCHED, /* nobody looked for long, and no process watches it */
	TROUBLE_SMTP,
	TROUBLE_BREAKER,
	TROUBLE_UNKNOWN_FATE,
	TROUBLE_OVERDUE, /* due, and nobody begins it */
	TROUBLE_PUT_OFF, /* tried, and put off for long */
	TROUBLE_DISK_FULL,
	TROUBLE_LOG_LARGE,
} TroubleKind;

typedef struct {
	TroubleKind kind;
	const char *mailbox; /* of which it is, borrowed from the settings; or NULL */
	char *words;         /* what is stuck, and why */
} Trouble;

/* What is wrong, the worst first. Of Trouble; empty: healthy. */
GPtrArray *health_judge(const HealthFacts *facts);

/* EX_UNAVAILABLE: a server or the service itself is away; EX_TEMPFAIL: something is stuck. */
int trouble_status(const Trouble *trouble);

/* What a person does about it. */
const char *trouble_advice(const Trouble *trouble);

/* Whether no trouble is about reaching a mailbox, or with NULL the SMTP server. */
gboolean health_is_in_reach(const GPtrArray *troubles, const char *mailbox);

/* What /healthz says: "healthy", or "unhealthy" and a line for each trouble. */
char *health_page(const GPtrArray *troubles);
