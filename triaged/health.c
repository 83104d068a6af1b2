#include "triaged/health.h"

#include <sys/statvfs.h>
#include <sysexits.h>

#include "base/text.h"
#include "store/upkeep.h"
#include "triaged/moment.h"

#define STALE_POLLS 3 /* looks into a mailbox that were missed */
#define STALE_LEAST (10 * G_TIME_SPAN_MINUTE) /* and not earlier than this */
#define QUEUED_MOST (2 * G_TIME_SPAN_HOUR)    /* greylisting is over by then */
#define DISK_BYTES_LEAST (64 * 1024 * 1024)
#define LOG_BYTES_ILL (256 * 1024 * 1024)
#define WORDS_CHARS 160

typedef struct {
	const HealthFacts *facts;
	GPtrArray *ailments;
} Examination;

static void
ailment_free(gpointer pointer)
{
	Ailment *ailment = pointer;
	g_free(ailment->words);
	g_free(ailment->advice);
	g_free(ailment);
}

/* Takes words. */
static void
add(const Examination *examination, int status, char *words, const char *advice)
{
	Ailment *ailment = g_new0(Ailment, 1);
	ailment->status = status;
	ailment->words = words;
	ailment->advice = g_strdup(advice);
	g_ptr_array_add(examination->ailments, ailment);
}

static const Note *
find_note(const HealthFacts *facts, const char *scope, const char *key)
{
	for (guint i = 0; i < facts->notes->len; i++) {
		const Note *note = facts->notes->pdata[i];
		if (g_str_equal(note->scope, scope) && g_str_equal(note->key, key))
			return note;
	}
	return NULL;
}

/* Through a supervisor, or by cron and --once: what counts is when it looked last. */
static void
examine_mailbox(const Examination *examination, const MailboxSettings *mailbox)
{
	const HealthFacts *facts = examination->facts;
	g_autofree char *scope = g_strconcat("mailbox/", mailbox->name, NULL);
	g_autofree char *job = g_strconcat("watcher/", mailbox->name, NULL);
	const Note *success = find_note(facts, scope, "last-success");
	const Note *error = find_note(facts, scope, "last-error");
	g_autofree char *since = success != NULL ? moment_show(success->at) : NULL;
	gint64 patience = MAX(STALE_LEAST,
	        STALE_POLLS * mailbox->poll_seconds * (gint64)G_USEC_PER_SEC);
	if (error != NULL) {
		g_autofree char *words = text_one_line(error->value, WORDS_CHARS);
		add(examination, EX_UNAVAILABLE,
		        g_strdup_printf("mailbox '%s' is out of reach%s%s: %s",
		                mailbox->name, since != NULL ? " since " : "",
		                since != NULL ? since : "", words),
		        "triaged --check-config --online tries it now; nothing is "
		        "lost, "
		        "it goes on by itself");
	} else if (success == NULL || ABS(facts->now - success->at) > patience) {
		gboolean held = store_lease_is_held(facts->store, job);
		add(examination, EX_UNAVAILABLE,
		        g_strdup_printf("mailbox '%s' %s%s%s", mailbox->name,
		                success == NULL ? "was never looked into"
		                                : "was looked into last at ",
		                since != NULL ? since : "",
		                held ? "" : ", and no process watches it"),
		        held ? "the service is about to, or hangs: see its log"
		             : "is the service running? systemctl status triaged");
	}
}

static void
examine_courier(const Examination *examination)
{
	const HealthFacts *facts = examination->facts;
	const Note *error = find_note(facts, "courier", "last-error");
	if (error == NULL || facts->settings->smtp.server.url == NULL)
		return;
	g_autofree char *since = moment_show(error->at);
	g_autofree char *words = text_one_line(error->value, WORDS_CHARS);
	add(examination, EX_UNAVAILABLE,
	        g_strdup_printf("no reply goes out, at %s the SMTP server said: %s",
	                since, words),
	        "triaged --check-config --online tries it now; replies wait and go out "
	        "by themselves");
}

static void
examine_breaker(const Examination *examination)
{
	const Breaker *breaker = examination->facts->breaker;
	if (breaker->since == 0)
		return;
	g_autofree char *since = moment_show(breaker->since);
	add(examination, EX_TEMPFAIL,
	        g_strdup_printf("ALL REPLIES ARE HELD since %s: %s", since,
	                breaker->reason != NULL ? breaker->reason : "no reason given"),
	        "a loop, or an error that many have at once: triagectl list --held; it "
	        "ends by itself");
}

/* What waits for a mail's outcome (a note, a copy, a move) waits as long as that. */
static gboolean
waits_by_itself(const OutboxCount *count)
{
	return count->kind == EFFECT_NOTE || count->kind == EFFECT_HANDOVER ||
	       count->kind == EFFECT_MOVE;
}

static void
examine_effects(const Examination *examination, const OutboxCount *count)
{
	g_autofree char *oldest = moment_show(count->oldest);
	const char *kind = effect_kind_name(count->kind);
	/* A time ahead is one that the clock was set back from. */
	gboolean old = ABS(examination->facts->now - count->oldest) > QUEUED_MOST;
	if (count->state == EFFECT_UNKNOWN)
		add(examination, EX_TEMPFAIL,
		        g_strdup_printf(
		                "outbox: %" G_GINT64_FORMAT
		                " %s of unknown fate since %s",
		                count->count, kind, oldest),
		        "look into the server's log, then triagectl outbox release or "
		        "cancel ID");
	else if (count->state == EFFECT_QUEUED && old && !waits_by_itself(count))
		add(examination, EX_TEMPFAIL,
		        g_strdup_printf("outbox: %" G_GINT64_FORMAT
		                        " %s queued since %s",
		                count->count, kind, oldest),
		        "triagectl outbox list says why");
}

static void
examine_disk(const Examination *examination)
{
	const char *state = store_directory(examination->facts->store);
	struct statvfs disk;
	if (state == NULL || statvfs(state, &disk) != 0)
		return;
	guint64 left = (guint64)disk.f_bavail * disk.f_frsize;
	gint64 log = store_log_bytes(examination->facts->store);
	if (left < DISK_BYTES_LEAST)
		add(examination, EX_TEMPFAIL,
		        g_strdup_printf("the disk of '%s' is full: %d MB are left",
		                state, (int)(left >> 20)),
		        "free some space; what cannot be recorded is not done");
	if (log > LOG_BYTES_ILL)
		add(examination, EX_TEMPFAIL,
		        g_strdup_printf("the store's log has grown to %d MB: a process "
		                        "reads for long",
		                (int)(log >> 20)),
		        "fuser names who reads triaged.db");
}

static gint
compare(gconstpointer one, gconstpointer other)
{
	const Ailment *first = *(const Ailment *const *)one;
	const Ailment *second = *(const Ailment *const *)other;
	return first->status - second->status;
}

GPtrArray *
health_examine(const HealthFacts *facts)
{
	Examination examination = { facts,
		g_ptr_array_new_with_free_func(ailment_free) };
	for (guint i = 0; i < facts->settings->mailboxes->len; i++)
		examine_mailbox(&examination, facts->settings->mailboxes->pdata[i]);
	examine_courier(&examination);
	examine_breaker(&examination);
	for (guint i = 0; i < facts->outbox->len; i++)
		examine_effects(&examination, facts->outbox->pdata[i]);
	examine_disk(&examination);
	g_ptr_array_sort(examination.ailments, compare);
	return examination.ailments;
}
