#include "config.h"

#include "desk/metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errors.h"
#include "desk/health.h"
#include "store/journal_list.h"
#include "store/outbox_admin.h"
#include "store/tally.h"

#define FILE_MODE 0644 /* node_exporter is another user */
#define NOT_ANALYSED "not-analysed"

/* What is written from. */
typedef struct {
	Store *store;
	const Settings *settings;
	HealthFacts facts;
	GPtrArray *troubles; /* of Trouble */
	Exposition *out;
} Metrics;

static void
metrics_clear(Metrics *metrics)
{
	health_facts_clear(&metrics->facts);
	g_clear_pointer(&metrics->troubles, g_ptr_array_unref);
	exposition_free(metrics->out);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Metrics, metrics_clear)

/* The tallies that are shown as counters, and their labels. */
static const struct counter {
	TallyName tally;
	const char *name, *label, *other; /* other: NULL, there is one label */
	const char *none;                 /* what an empty label is shown as */
	const char *help;
} counters[] = {
	{ TALLY_MAIL, "triaged_mails_total", "class", "action", NOT_ANALYSED,
	        "Mails recorded, by class and by what was decided." },
	{ TALLY_GATE, "triaged_gates_total", "gate", NULL, "none",
	        "Mails that are not answered by themselves, by the gate that said "
	        "so." },
	{ TALLY_EFFECT, "triaged_attempts_total", "kind", "result", "none",
	        "Attempts to send, tag, draft or copy, by kind and result." },
	{ TALLY_FAILURE, "triaged_analysis_failures_total", "how", NULL, "none",
	        "Mails that could not be analysed: the analyst died, they could not be "
	        "read or fetched." },
	{ TALLY_START, "triaged_role_starts_total", "role", "mailbox", "none",
	        "Starts of the service's processes." },
	{ TALLY_OUTAGE, "triaged_outages_total", "role", "mailbox", "none",
	        "Outages of the servers, counted when they begin." },
};

static gboolean
add_counter(Metrics *metrics, const struct counter *counter, GError **error)
{
	g_autoptr(GPtrArray) tallies =
	        tally_list(metrics->store, counter->tally, error);
	if (tallies == NULL)
		return FALSE;
	exposition_begin(metrics->out, counter->name, METRIC_COUNTER, counter->help);
	for (guint i = 0; i < tallies->len; i++) {
		const Tally *tally = g_ptr_array_index(tallies, i);
		const char *label =
		        tally->label[0] != '\0' ? tally->label : counter->none;
		exposition_add(metrics->out, (double)tally->count, counter->label,
		        label, counter->other, tally->other, NULL);
	}
	return TRUE;
}

static const struct histogram {
	TallyName tally;
	const char *name, *help;
} histograms[] = {
	{ TALLY_ANALYSIS, "triaged_analysis_duration_seconds",
	        "How long the analysis of one mail took." },
	{ TALLY_PICKUP, "triaged_pickup_duration_seconds",
	        "From a mail's arrival in the mailbox to the decision about it." },
	{ TALLY_REPLY, "triaged_reply_duration_seconds",
	        "From when a reply was ready to its acceptance by the server." },
};

static gboolean
add_histogram(Metrics *metrics, const struct histogram *histogram, GError **error)
{
	TallyTimes times;
	if (!tally_read_times(metrics->store, histogram->tally, &times, error))
		return FALSE;
	exposition_begin(
	        metrics->out, histogram->name, METRIC_HISTOGRAM, histogram->help);
	exposition_add_times(metrics->out, tally_bucket_ends, TALLY_BUCKETS,
	        times.counts, times.seconds);
	return TRUE;
}

/* How many mails stand where, all classes together. */
static gboolean
add_journal(Metrics *metrics, GError **error)
{
	gint64 mails[JOURNAL_ERROR + 1] = { 0 };
	g_autoptr(GPtrArray) counts = journal_counts(metrics->store, 0, error);
	if (counts == NULL)
		return FALSE;
	for (guint i = 0; i < counts->len; i++) {
		const JournalCount *count = g_ptr_array_index(counts, i);
		mails[count->outcome] += count->count;
	}
	exposition_begin(metrics->out, "triaged_journal_mails", METRIC_GAUGE,
	        "Mails in the journal, by what has become of them.");
	for (guint i = 0; i <= JOURNAL_ERROR; i++)
		exposition_add(metrics->out, (double)mails[i], "outcome",
		        journal_outcome_name(i), NULL);
	return TRUE;
}

static const OutboxCount *
find_count(const GPtrArray *counts, EffectKind kind, EffectState state)
{
	for (guint i = 0; i < counts->len; i++) {
		const OutboxCount *count = g_ptr_array_index(counts, i);
		if (count->kind == kind && count->state == state)
			return count;
	}
	return NULL;
}

static gboolean
is_open(EffectState state)
{
	return state != EFFECT_DONE && state != EFFECT_CANCELLED;
}

/* Every series stands there from the beginning, at 0: what appears with the first trouble
 * cannot be seen to rise. */
static void
add_outbox_depth(Metrics *metrics, const GPtrArray *counts)
{
	exposition_begin(metrics->out, "triaged_outbox_effects", METRIC_GAUGE,
	        "What the outbox holds, by kind and state.");
	for (EffectKind kind = 0; kind < EFFECT_COUNT; kind++)
		for (EffectState state = 0; state < EFFECT_STATE_COUNT; state++) {
			const OutboxCount *count = find_count(counts, kind, state);
			if (is_open(state))
				exposition_add(metrics->out,
				        count != NULL ? (double)count->count : 0,
				        "kind", effect_kind_name(kind), "state",
				        effect_state_name(kind, state), NULL);
		}
}

static void
add_outbox_age(Metrics *metrics, const GPtrArray *counts)
{
	exposition_begin(metrics->out, "triaged_outbox_oldest_age_seconds",
	        METRIC_GAUGE,
	        "Age of the oldest entry of the outbox, by kind and state.");
	for (guint i = 0; i < counts->len; i++) {
		const OutboxCount *count = g_ptr_array_index(counts, i);
		double age =
		        (double)(metrics->facts.now - count->oldest) / G_USEC_PER_SEC;
		exposition_add(metrics->out, MAX(age, 0), "kind",
		        effect_kind_name(count->kind), "state",
		        effect_state_name(count->kind, count->state), NULL);
	}
}

static void
add_mailboxes(Metrics *metrics)
{
	const GPtrArray *mailboxes = metrics->settings->mailboxes;
	exposition_begin(metrics->out, "triaged_mailbox_up", METRIC_GAUGE,
	        "Whether the mailbox is in reach and looked at.");
	for (guint i = 0; i < mailboxes->len; i++) {
		const MailboxSettings *mailbox = g_ptr_array_index(mailboxes, i);
		gboolean up = health_is_in_reach(metrics->troubles, mailbox->name);
		exposition_add(metrics->out, up, "mailbox", mailbox->name, NULL);
	}
	exposition_begin(metrics->out, "triaged_mailbox_last_success_timestamp_seconds",
	        METRIC_GAUGE, "When the mailbox was in step with the server last.");
	for (guint i = 0; i < mailboxes->len; i++) {
		const MailboxSettings *mailbox = g_ptr_array_index(mailboxes, i);
		gint64 at = health_last_success(&metrics->facts, mailbox->name);
		exposition_add(metrics->out, (double)at / G_USEC_PER_SEC, "mailbox",
		        mailbox->name, NULL);
	}
}

static void
add_smtp(Metrics *metrics)
{
	gint64 at = health_last_success(&metrics->facts, NULL);
	if (metrics->settings->smtp.server.url == NULL)
		return;
	exposition_begin(metrics->out, "triaged_smtp_up", METRIC_GAUGE,
	        "Whether the SMTP server took the last reply, or none went out yet.");
	exposition_add(metrics->out, health_is_in_reach(metrics->troubles, NULL), NULL);
	exposition_begin(metrics->out, "triaged_smtp_last_success_timestamp_seconds",
	        METRIC_GAUGE, "When a reply was accepted last; 0: never.");
	exposition_add(metrics->out, (double)at / G_USEC_PER_SEC, NULL);
}

static void
add_health(Metrics *metrics)
{
	exposition_begin(metrics->out, "triaged_breaker_open", METRIC_GAUGE,
	        "Whether all replies are held, since too many went out.");
	exposition_add(metrics->out, metrics->facts.breaker.since != 0, NULL);
	exposition_begin(metrics->out, "triaged_healthy", METRIC_GAUGE,
	        "Whether /healthz has nothing to complain of.");
	exposition_add(metrics->out, metrics->troubles->len == 0, NULL);
	exposition_begin(metrics->out, "triaged_build_info", METRIC_GAUGE,
	        "The version, and the mode of the service.");
	exposition_add(metrics->out, 1, "version", PACKAGE_VERSION, "mode",
	        mode_name(metrics->settings->mode), NULL);
}

static gboolean
metrics_add_all(Metrics *metrics, GError **error)
{
	for (guint i = 0; i < G_N_ELEMENTS(counters); i++)
		if (!add_counter(metrics, &counters[i], error))
			return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(histograms); i++)
		if (!add_histogram(metrics, &histograms[i], error))
			return FALSE;
	if (!add_journal(metrics, error))
		return FALSE;
	add_outbox_depth(metrics, metrics->facts.outbox);
	add_outbox_age(metrics, metrics->facts.outbox);
	add_mailboxes(metrics);
	add_smtp(metrics);
	add_health(metrics);
	return TRUE;
}

GBytes *
metrics_render(
        Store *store, const Settings *settings, ExpositionForm form, GError **error)
{
	gint64 started = clock_monotonic();
	g_auto(Metrics) metrics = {
		.store = store, .settings = settings, .out = exposition_new(form)
	};
	if (!health_read(store, settings, &metrics.facts, error))
		return NULL;
	metrics.troubles = health_judge(&metrics.facts);
	if (!metrics_add_all(&metrics, error))
		return NULL;
	exposition_begin(metrics.out, "triaged_collect_duration_seconds", METRIC_GAUGE,
	        "How long it took to collect these metrics.");
	exposition_add(metrics.out,
	        (double)(clock_monotonic() - started) / G_USEC_PER_SEC, NULL);
	return exposition_end(metrics.out);
}

static gboolean
write_all(int fd, GBytes *text)
{
	gsize left;
	const char *at = g_bytes_get_data(text, &left);
	while (left > 0) {
		ssize_t written = write(fd, at, left);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return FALSE;
		at += written;
		left -= (gsize)written;
	}
	return TRUE;
}

/* Beside the file, so that it can be renamed; node_exporter overlooks the other suffix. */
gboolean
metrics_write(const char *file, GBytes *text, GError **error)
{
	g_autofree char *fresh = g_strconcat(file, ".new", NULL);
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
	        FILE_MODE);
	gboolean written = fd >= 0 && fchmod(fd, FILE_MODE) == 0 && write_all(fd, text);
	if (written && rename(fresh, file) == 0) {
		close(fd);
		return TRUE;
	}
	error_set_disk(error, errno, file);
	if (fd >= 0) {
		close(fd);
		unlink(fresh);
	}
	return FALSE;
}
