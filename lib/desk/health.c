#include "desk/health.h"

#include <string.h>

#include "base/text.h"
#include "store/note.h"
#include "store/outbox.h"
#include "store/reply_limit.h"

#define WORDS_CHARS 200
#define ADDRESS_SHOWN "<address>"
/* A mailbox that gives no sign for so many polls, and as long as a role may hang. */
#define POLLS_MISSED 3
/* What is due waits at most 5 minutes for a server in trouble (courier.c), then this is odd. */
#define DUE_PATIENCE (15 * G_TIME_SPAN_MINUTE)

void
health_facts_clear(HealthFacts *facts)
{
	g_clear_pointer(&facts->notes, g_ptr_array_unref);
}

gboolean
health_read(Store *store, HealthFacts *facts, GError **error)
{
	OutboxClaim replies = { .kinds = EFFECTS_OF_COURIER };
	OutboxClaim others = { .kinds = EFFECTS_OF_WATCHER };
	g_auto(Breaker) breaker = { 0 };
	if ((facts->notes = note_list(store, NULL, error)) == NULL ||
	        !outbox_next_time(store, &replies, &facts->due_replies, error) ||
	        !outbox_next_time(store, &others, &facts->due_effects, error) ||
	        !breaker_get(store, &breaker, error))
		return FALSE;
	facts->breaker_since = breaker.since;
	return TRUE;
}

static const Note *
find_note(const HealthFacts *facts, const char *mailbox, const char *key)
{
	g_autofree char *scope = mailbox != NULL
	                                 ? g_strconcat("mailbox/", mailbox, NULL)
	                                 : g_strdup("courier");
	for (guint i = 0; i < facts->notes->len; i++) {
		const Note *note = g_ptr_array_index(facts->notes, i);
		if (strcmp(note->scope, scope) == 0 && strcmp(note->key, key) == 0)
			return note;
	}
	return NULL;
}

gint64
health_last_success(const HealthFacts *facts, const char *mailbox)
{
	const Note *note = find_note(facts, mailbox, "last-success");
	return note != NULL ? note->at : 0;
}

static char *
show_time(gint64 at)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(at / G_USEC_PER_SEC);
	return g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ");
}

/* A server may name a customer in its refusal; whoever asks after our health need not know. */
static char *
without_addresses(const char *words)
{
	g_autofree char *line = text_one_line(words, WORDS_CHARS);
	g_auto(GStrv) parts = g_strsplit(line, " ", -1);
	for (char **part = parts; *part != NULL; part++) {
		if (strchr(*part, '@') == NULL)
			continue;
		g_free(*part);
		*part = g_strdup(ADDRESS_SHOWN);
	}
	return g_strjoinv(" ", parts);
}

static char *
tell_error(const char *what, const Note *trouble)
{
	g_autofree char *words = without_addresses(trouble->value);
	g_autofree char *since = show_time(trouble->at);
	return g_strdup_printf("%s, last tried at %s: %s", what, since, words);
}

char *
health_mailbox_problem(const Settings *settings, const HealthFacts *facts,
        const MailboxSettings *mailbox, gint64 now)
{
	const Note *trouble = find_note(facts, mailbox->name, "last-error");
	gint64 at = health_last_success(facts, mailbox->name);
	gint64 patience = POLLS_MISSED * (gint64)mailbox->poll_seconds +
	                  settings->stall_seconds + settings->limits.analyse_seconds;
	if (trouble != NULL) {
		g_autofree char *what = g_strdup_printf(
		        "mailbox \"%s\" is out of reach", mailbox->name);
		return tell_error(what, trouble);
	}
	if (at == 0)
		return g_strdup_printf(
		        "mailbox \"%s\" was not reached yet", mailbox->name);
	if (now - at <= patience * G_USEC_PER_SEC)
		return NULL;
	g_autofree char *since = show_time(at);
	return g_strdup_printf(
	        "mailbox \"%s\" was looked at last at %s", mailbox->name, since);
}

char *
health_smtp_problem(const HealthFacts *facts)
{
	const Note *trouble = find_note(facts, NULL, "last-error");
	return trouble == NULL ? NULL
	                       : tell_error("the SMTP server is in trouble", trouble);
}

/* For how long something is due and not begun. */
static void
add_overdue(GPtrArray *problems, const char *what, gint64 due, gint64 now)
{
	if (due == 0 || now - due <= DUE_PATIENCE)
		return;
	g_autofree char *since = show_time(due);
	g_ptr_array_add(problems, g_strdup_printf("%s are due since %s", what, since));
}

GPtrArray *
health_problems(const Settings *settings, const HealthFacts *facts, gint64 now)
{
	GPtrArray *problems = g_ptr_array_new_with_free_func(g_free);
	char *problem;
	for (guint i = 0; i < settings->mailboxes->len; i++) {
		problem = health_mailbox_problem(settings, facts,
		        g_ptr_array_index(settings->mailboxes, i), now);
		if (problem != NULL)
			g_ptr_array_add(problems, problem);
	}
	if (settings->smtp.server.url != NULL &&
	        (problem = health_smtp_problem(facts)) != NULL)
		g_ptr_array_add(problems, problem);
	if (facts->breaker_since != 0) {
		g_autofree char *since = show_time(facts->breaker_since);
		g_ptr_array_add(problems,
		        g_strdup_printf(
		                "the breaker holds all replies since %s", since));
	}
	add_overdue(problems, "replies", facts->due_replies, now);
	add_overdue(problems, "tags or drafts", facts->due_effects, now);
	return problems;
}
