#include "desk/health.h"

#include <string.h>
#include <sys/statvfs.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/moment.h"
#include "base/text.h"
#include "store/note.h"
#include "store/outbox_admin.h"
#include "store/upkeep.h"

/* A mailbox that gives no sign for so many polls, and as long as a role may hang. */
#define POLLS_MISSED 3
#define SILENCE_LEAST (10 * G_TIME_SPAN_MINUTE) /* and not earlier than this */
/* What is due waits at most 5 minutes for a server in trouble (courier.c), then this is odd. */
#define DUE_MOST (15 * G_TIME_SPAN_MINUTE)
#define QUEUED_MOST (2 * G_TIME_SPAN_HOUR) /* greylisting is over by then */
#define DISK_BYTES_LEAST (64 * 1024 * 1024)
#define LOG_BYTES_MOST (256 * 1024 * 1024)
#define WORDS_CHARS 200
#define ADDRESS_SHOWN "<address>"

#define SMTP_SCOPE "courier"
#define LAST_SUCCESS "last-success"
#define LAST_ERROR "last-error"

static const struct {
	int status;
	const char *advice;
} kinds[] = {
	[TROUBLE_MAILBOX_ERROR] = { EX_UNAVAILABLE,
	        "triaged --check-config --online tries it now; nothing is lost, it "
	        "goes on by itself" },
	[TROUBLE_MAILBOX_SILENT] = { EX_UNAVAILABLE,
	        "the service is about to, or hangs: see its log" },
	[TROUBLE_MAILBOX_UNWATCHED] = { EX_UNAVAILABLE,
	        "is the service running? systemctl status triaged" },
	[TROUBLE_SMTP] = { EX_UNAVAILABLE,
	        "triaged --check-config --online tries it now; replies wait and go out "
	        "by themselves" },
	[TROUBLE_BREAKER] = { EX_TEMPFAIL,
	        "a loop, or an error that many have at once: triagectl list --held; it "
	        "ends by itself" },
	[TROUBLE_UNKNOWN_FATE] = { EX_TEMPFAIL,
	        "look into the server's log, then triagectl outbox release or cancel "
	        "ID" },
	[TROUBLE_OVERDUE] = { EX_TEMPFAIL,
	        "is the service running? systemctl status triaged; else it waits for a "
	        "mailbox or server: triagectl outbox list" },
	[TROUBLE_PUT_OFF] = { EX_TEMPFAIL, "triagectl outbox list says why" },
	[TROUBLE_DISK_FULL] = { EX_TEMPFAIL,
	        "free some space; what cannot be recorded is not done" },
	[TROUBLE_LOG_LARGE] = { EX_TEMPFAIL, "fuser names who reads triaged.db" },
};

int
trouble_status(const Trouble *trouble)
{
	return kinds[trouble->kind].status;
}

const char *
trouble_advice(const Trouble *trouble)
{
	return kinds[trouble->kind].advice;
}

void
health_facts_clear(HealthFacts *facts)
{
	g_clear_pointer(&facts->notes, g_ptr_array_unref);
	g_clear_pointer(&facts->outbox, g_ptr_array_unref);
	g_clear_pointer(&facts->watched, g_ptr_array_unref);
	g_clear_pointer(&facts->directory, g_free);
	breaker_clear(&facts->breaker);
}

static void
read_watched(Store *store, HealthFacts *facts)
{
	const GPtrArray *mailboxes = facts->settings->mailboxes;
	facts->watched = g_ptr_array_new();
	for (guint i = 0; i < mailboxes->len; i++) {
		const MailboxSettings *mailbox = g_ptr_array_index(mailboxes, i);
		g_autofree char *job = g_strconcat("watcher/", mailbox->name, NULL);
		if (store_lease_is_held(store, job))
			g_ptr_array_add(facts->watched, mailbox->name);
	}
}

static void
read_disk(Store *store, HealthFacts *facts)
{
	struct statvfs disk;
	const char *directory = store_directory(store);
	facts->log_bytes = store_log_bytes(store);
	if (directory == NULL || statvfs(directory, &disk) != 0)
		return;
	facts->directory = g_strdup(directory);
	facts->disk_left = (guint64)disk.f_bavail * disk.f_frsize;
}

gboolean
health_read(Store *store, const Settings *settings, HealthFacts *facts, GError **error)
{
	facts->settings = settings;
	facts->now = clock_now();
	if ((facts->notes = note_list(store, NULL, error)) == NULL ||
	        (facts->outbox = outbox_counts(store, error)) == NULL ||
	        !breaker_get(store, &facts->breaker, error))
		return FALSE;
	read_watched(store, facts);
	read_disk(store, facts);
	return TRUE;
}

/* With mailbox NULL one of the SMTP server. */
static const Note *
find_note(const HealthFacts *facts, const char *mailbox, const char *key)
{
	g_autofree char *scope = mailbox != NULL
	                                 ? g_strconcat("mailbox/", mailbox, NULL)
	                                 : g_strdup(SMTP_SCOPE);
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
	const Note *note = find_note(facts, mailbox, LAST_SUCCESS);
	return note != NULL ? note->at : 0;
}

static void
trouble_free(gpointer pointer)
{
	Trouble *trouble = pointer;
	g_free(trouble->words);
	g_free(trouble);
}

/* Takes words. */
static void
add_trouble(GPtrArray *troubles, TroubleKind kind, const char *mailbox, char *words)
{
	Trouble *trouble = g_new0(Trouble, 1);
	trouble->kind = kind;
	trouble->mailbox = mailbox;
	trouble->words = words;
	g_ptr_array_add(troubles, trouble);
}

/* A time ahead is one that the clock was set back from: as long ago. */
static gboolean
is_longer_ago(const HealthFacts *facts, gint64 at, gint64 span)
{
	return ABS(facts->now - at) > span;
}

static gint64
patience_with(const Settings *settings, const MailboxSettings *mailbox)
{
	gint64 seconds = POLLS_MISSED * (gint64)mailbox->poll_seconds +
	                 settings->stall_seconds + settings->limits.analyse_seconds;
	return MAX(SILENCE_LEAST, seconds * G_USEC_PER_SEC);
}

static void
judge_error(const MailboxSettings *mailbox, const char *since, const Note *error,
        GPtrArray *troubles)
{
	g_autofree char *said = text_one_line(error->value, WORDS_CHARS);
	add_trouble(troubles, TROUBLE_MAILBOX_ERROR, mailbox->name,
	        g_strdup_printf("mailbox '%s' is out of reach%s%s: %s", mailbox->name,
	                since != NULL ? " since " : "", since != NULL ? since : "",
	                said));
}

/* Through a supervisor, or by cron and --once: what counts is when it looked last. */
static void
judge_mailbox(
        const HealthFacts *facts, const MailboxSettings *mailbox, GPtrArray *troubles)
{
	const Note *error = find_note(facts, mailbox->name, LAST_ERROR);
	gint64 at = health_last_success(facts, mailbox->name);
	g_autofree char *since = moment_show(at);
	gboolean watched = g_ptr_array_find_with_equal_func(
	        facts->watched, mailbox->name, g_str_equal, NULL);
	if (error != NULL)
		judge_error(mailbox, since, error, troubles);
	else if (at == 0 ||
	         is_longer_ago(facts, at, patience_with(facts->settings, mailbox)))
		add_trouble(troubles,
		        watched ? TROUBLE_MAILBOX_SILENT : TROUBLE_MAILBOX_UNWATCHED,
		        mailbox->name,
		        g_strdup_printf("mailbox '%s' %s%s%s", mailbox->name,
		                at == 0 ? "was never looked into"
		                        : "was looked into last at ",
		                at == 0 ? "" : since,
		                watched ? "" : ", and no process watches it"));
}

static void
judge_smtp(const HealthFacts *facts, GPtrArray *troubles)
{
	const Note *error = find_note(facts, NULL, LAST_ERROR);
	if (error == NULL || facts->settings->smtp.server.url == NULL)
		return;
	g_autofree char *since = moment_show(error->at);
	g_autofree char *said = text_one_line(error->value, WORDS_CHARS);
	add_trouble(troubles, TROUBLE_SMTP, NULL,
	        g_strdup_printf("no reply goes out, at %s the SMTP server said: %s",
	                since, said));
}

static void
judge_breaker(const HealthFacts *facts, GPtrArray *troubles)
{
	const char *reason = facts->breaker.reason;
	if (facts->breaker.since == 0)
		return;
	g_autofree char *since = moment_show(facts->breaker.since);
	add_trouble(troubles, TROUBLE_BREAKER, NULL,
	        g_strdup_printf("ALL REPLIES ARE HELD since %s: %s", since,
	                reason != NULL ? reason : "no reason given"));
}

/* What waits for a mail's outcome (a note, a copy, a move) waits as long as that. */
static gboolean
waits_by_itself(EffectKind kind)
{
	return kind == EFFECT_NOTE || kind == EFFECT_HANDOVER || kind == EFFECT_MOVE;
}

static gboolean
is_overdue(const HealthFacts *facts, const OutboxCount *count)
{
	return count->state == EFFECT_QUEUED && facts->now - count->due > DUE_MOST;
}

static gboolean
is_put_off(const HealthFacts *facts, const OutboxCount *count)
{
	return count->state == EFFECT_QUEUED && !waits_by_itself(count->kind) &&
	       is_longer_ago(facts, count->oldest, QUEUED_MOST);
}

static void
add_stuck(GPtrArray *troubles, TroubleKind kind, const OutboxCount *count,
        const char *how, gint64 at)
{
	g_autofree char *since = moment_show(at);
	add_trouble(troubles, kind, NULL,
	        g_strdup_printf("outbox: %" G_GINT64_FORMAT " %s %s since %s",
	                count->count, effect_kind_name(count->kind), how, since));
}

static void
judge_effects(const HealthFacts *facts, const OutboxCount *count, GPtrArray *troubles)
{
	if (count->state == EFFECT_UNKNOWN)
		add_stuck(troubles, TROUBLE_UNKNOWN_FATE, count, "of unknown fate",
		        count->oldest);
	else if (is_overdue(facts, count))
		add_stuck(troubles, TROUBLE_OVERDUE, count, "queued, due and not begun",
		        count->due);
	else if (is_put_off(facts, count))
		add_stuck(troubles, TROUBLE_PUT_OFF, count, "queued", count->oldest);
}

static void
judge_disk(const HealthFacts *facts, GPtrArray *troubles)
{
	if (facts->directory != NULL && facts->disk_left < DISK_BYTES_LEAST)
		add_trouble(troubles, TROUBLE_DISK_FULL, NULL,
		        g_strdup_printf("the disk of '%s' is full: %d MB are left",
		                facts->directory, (int)(facts->disk_left >> 20)));
	if (facts->log_bytes > LOG_BYTES_MOST)
		add_trouble(troubles, TROUBLE_LOG_LARGE, NULL,
		        g_strdup_printf("the store's log has grown to %d MB: a process "
		                        "reads for long",
		                (int)(facts->log_bytes >> 20)));
}

/* What hides the rest first; of the same weight as they were found, by mailbox. */
static gint
compare(gconstpointer one, gconstpointer other)
{
	return trouble_status(*(const Trouble *const *)one) -
	       trouble_status(*(const Trouble *const *)other);
}

GPtrArray *
health_judge(const HealthFacts *facts)
{
	const GPtrArray *mailboxes = facts->settings->mailboxes;
	GPtrArray *troubles = g_ptr_array_new_with_free_func(trouble_free);
	for (guint i = 0; i < mailboxes->len; i++)
		judge_mailbox(facts, g_ptr_array_index(mailboxes, i), troubles);
	judge_smtp(facts, troubles);
	judge_breaker(facts, troubles);
	for (guint i = 0; i < facts->outbox->len; i++)
		judge_effects(facts, g_ptr_array_index(facts->outbox, i), troubles);
	judge_disk(facts, troubles);
	g_ptr_array_sort(troubles, compare);
	return troubles;
}

gboolean
health_is_in_reach(const GPtrArray *troubles, const char *mailbox)
{
	for (guint i = 0; i < troubles->len; i++) {
		const Trouble *trouble = g_ptr_array_index(troubles, i);
		if (mailbox == NULL ? trouble->kind == TROUBLE_SMTP
		                    : g_strcmp0(trouble->mailbox, mailbox) == 0)
			return FALSE;
	}
	return TRUE;
}

/* A server may name a customer in its refusal, and a mailbox be called by its address: whoever
 * asks after our health need not know. */
static void
add_without_addresses(GString *page, const char *words)
{
	g_auto(GStrv) parts = g_strsplit(words, " ", -1);
	for (char **part = parts; *part != NULL; part++)
		g_string_append_printf(page, "%s%s", part == parts ? "" : " ",
		        strchr(*part, '@') != NULL ? ADDRESS_SHOWN : *part);
	g_string_append_c(page, '\n');
}

char *
health_page(const GPtrArray *troubles)
{
	GString *page = g_string_new(troubles->len == 0 ? "healthy\n" : "unhealthy\n");
	for (guint i = 0; i < troubles->len; i++) {
		const Trouble *trouble = g_ptr_array_index(troubles, i);
		add_without_addresses(page, trouble->words);
	}
	return g_string_free(page, FALSE);
}
