/*
 * Health: whether the service does its work, told from what the roles have recorded. The
 * same facts that `triagectl status` shows, judged.
 *
 * Messages go to whoever may ask for /healthz: addresses in them are left out.
 */
#pragma once

#include "rules/settings.h"
#include "store/store.h"

/* What is recorded, read in one go. */
typedef struct {
	GPtrArray *notes;   /* of Note */
	gint64 due_replies; /* since when the oldest reply that is due waits; 0: none */
	gint64 due_effects; /* likewise of tags, drafts, notes ... */
	gint64 breaker_since; /* 0: closed */
} HealthFacts;

gboolean health_read(Store *store, HealthFacts *facts, GError **error);
void health_facts_clear(HealthFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HealthFacts, health_facts_clear)

/* When a mailbox, or with NULL the SMTP server, was last used with success; 0: never. */
gint64 health_last_success(const HealthFacts *facts, const char *mailbox);

/* What is wrong with a mailbox, or with the SMTP server; NULL: nothing. */
char *health_mailbox_problem(const Settings *settings, const HealthFacts *facts,
        const MailboxSettings *mailbox, gint64 now);
char *health_smtp_problem(const HealthFacts *facts);

/* All problems, one line each. Of char *. */
GPtrArray *health_problems(
        const Settings *settings, const HealthFacts *facts, gint64 now);
