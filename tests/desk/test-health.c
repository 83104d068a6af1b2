/* What is wrong in which state of the service: facts as they are recorded, and what is said. */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "desk/health.h"
#include "store/note.h"
#include "store/outbox_admin.h"
#include "tests/suite.h"

#define NOW (G_GINT64_CONSTANT(1793973600) * G_USEC_PER_SEC)
#define MINUTES(n) ((n) * (gint64)G_TIME_SPAN_MINUTE)
#define MEGABYTES(n) ((n)*G_GINT64_CONSTANT(1048576))
#define QUIET "2026-11-06 14:00:00" /* NOW */
#define NEVER (-1)
#define DEFAULTS_MISSED "'a' was looked into last at "
#define UNWATCHED ", and no process watches it"

/* A mailbox "a" in step, polled each minute, that a process watches; an SMTP server; nothing in
 * the outbox. A row says what is otherwise. */
typedef struct {
	const char *name;
	const char *mailbox;   /* its name */
	gint64 looked;         /* how long ago, negative: ahead; see never */
	gboolean never, alone; /* never looked into; no process watches it */
	guint poll_seconds;
	const char *error, *smtp_error; /* said NOW */
	gboolean no_smtp;               /* in the settings */
	OutboxCount count;              /* its times: how long ago */
	gint64 breaker;                 /* how long ago */
	const char *reason;
	gint64 disk_left, log_bytes; /* 0: plenty; none */
	const char *wanted;          /* the page of /healthz without its first line */
	TroubleKind kind;
	int status;
	const char *words; /* for an admin, if otherwise than wanted */
} Sample;

static const Sample samples[] = {
	{ "all is well", .wanted = "" },
	/* a mailbox */
	{ "never looked into", .never = TRUE,
	        .wanted = "mailbox 'a' was never looked into\n",
	        .kind = TROUBLE_MAILBOX_SILENT, .status = EX_UNAVAILABLE },
	{ "never, and not running", .never = TRUE, .alone = TRUE,
	        .wanted = "mailbox 'a' was never looked into" UNWATCHED "\n",
	        .kind = TROUBLE_MAILBOX_UNWATCHED, .status = EX_UNAVAILABLE },
	{ "looked into by cron", .looked = MINUTES(10), .alone = TRUE, .wanted = "" },
	{ "silent for ten minutes", .looked = MINUTES(10) + 1,
	        .wanted = "mailbox " DEFAULTS_MISSED "2026-11-06 13:49:59\n",
	        .kind = TROUBLE_MAILBOX_SILENT, .status = EX_UNAVAILABLE },
	{ "silent and alone", .looked = MINUTES(10) + 1, .alone = TRUE,
	        .wanted =
	                "mailbox " DEFAULTS_MISSED "2026-11-06 13:49:59" UNWATCHED "\n",
	        .kind = TROUBLE_MAILBOX_UNWATCHED, .status = EX_UNAVAILABLE },
	{ "looked into by a clock ahead", .looked = -MINUTES(10) - 1,
	        .wanted = "mailbox " DEFAULTS_MISSED "2026-11-06 14:10:00\n",
	        .kind = TROUBLE_MAILBOX_SILENT, .status = EX_UNAVAILABLE },
	/* three polls, stall_seconds 300 and analyse_seconds 10 */
	{ "rarely polled", .poll_seconds = 600,
	        .looked = MINUTES(35) + 10 * G_USEC_PER_SEC, .wanted = "" },
	{ "rarely polled, three times missed", .poll_seconds = 600,
	        .looked = MINUTES(35) + 10 * G_USEC_PER_SEC + 1,
	        .wanted = "mailbox " DEFAULTS_MISSED "2026-11-06 13:24:49\n",
	        .kind = TROUBLE_MAILBOX_SILENT, .status = EX_UNAVAILABLE },
	{ "out of reach", .looked = MINUTES(1),
	        .error = "login of anna@example.it\nrefused",
	        .wanted = "mailbox 'a' is out of reach since 2026-11-06 13:59:00: "
	                  "login of "
	                  "<address> refused\n",
	        .kind = TROUBLE_MAILBOX_ERROR, .status = EX_UNAVAILABLE,
	        .words = "mailbox 'a' is out of reach since 2026-11-06 13:59:00: login "
	                 "of "
	                 "anna@example.it refused" },
	{ "never in reach", .never = TRUE, .error = "no answer",
	        .wanted = "mailbox 'a' is out of reach: no answer\n",
	        .kind = TROUBLE_MAILBOX_ERROR, .status = EX_UNAVAILABLE },
	{ "called by its address", .mailbox = "help@example.it", .never = TRUE,
	        .wanted = "mailbox <address> was never looked into\n",
	        .kind = TROUBLE_MAILBOX_SILENT, .status = EX_UNAVAILABLE,
	        .words = "mailbox 'help@example.it' was never looked into" },
	/* sending */
	{ "no SMTP server", .smtp_error = "451 <anna@example.it> later",
	        .wanted = "no reply goes out, at " QUIET
	                  " the SMTP server said: 451 <address> later\n",
	        .kind = TROUBLE_SMTP, .status = EX_UNAVAILABLE,
	        .words = "no reply goes out, at " QUIET
	                 " the SMTP server said: 451 <anna@example.it> later" },
	{ "none is wanted", .smtp_error = "451 later", .no_smtp = TRUE, .wanted = "" },
	{ "breaker open", .breaker = MINUTES(1), .reason = "200 replies in 20 minutes",
	        .wanted = "ALL REPLIES ARE HELD since 2026-11-06 13:59:00: 200 replies "
	                  "in 20 "
	                  "minutes\n",
	        .kind = TROUBLE_BREAKER, .status = EX_TEMPFAIL },
	{ "breaker open without a reason", .breaker = MINUTES(1),
	        .wanted = "ALL REPLIES ARE HELD since 2026-11-06 13:59:00: no reason "
	                  "given\n",
	        .kind = TROUBLE_BREAKER, .status = EX_TEMPFAIL },
	/* the outbox */
	{ "of unknown fate",
	        .count = { EFFECT_REPLY, EFFECT_UNKNOWN, 2, MINUTES(1), 0 },
	        .wanted = "outbox: 2 reply of unknown fate since 2026-11-06 13:59:00\n",
	        .kind = TROUBLE_UNKNOWN_FATE, .status = EX_TEMPFAIL },
	{ "held for agents",
	        .count = { EFFECT_REPLY, EFFECT_HELD, 9, MINUTES(9000), 0 },
	        .wanted = "" },
	{ "refused", .count = { EFFECT_REPLY, EFFECT_REFUSED, 9, MINUTES(9000), 0 },
	        .wanted = "" },
	{ "due just now",
	        .count = { EFFECT_REPLY, EFFECT_QUEUED, 1, MINUTES(15), MINUTES(15) },
	        .wanted = "" },
	{ "due and not begun",
	        .count = { EFFECT_REPLY, EFFECT_QUEUED, 3, MINUTES(60),
	                MINUTES(15) + 1 },
	        .wanted = "outbox: 3 reply queued, due and not begun since "
	                  "2026-11-06 13:44:59\n",
	        .kind = TROUBLE_OVERDUE, .status = EX_TEMPFAIL },
	{ "due and not begun, of a watcher",
	        .count = { EFFECT_NOTE, EFFECT_QUEUED, 1, MINUTES(20), MINUTES(20) },
	        .wanted = "outbox: 1 note queued, due and not begun since "
	                  "2026-11-06 13:40:00\n",
	        .kind = TROUBLE_OVERDUE, .status = EX_TEMPFAIL },
	{ "put off by its server for two hours",
	        .count = { EFFECT_REPLY, EFFECT_QUEUED, 1, MINUTES(120), -MINUTES(60) },
	        .wanted = "" },
	{ "put off for longer",
	        .count = { EFFECT_REPLY, EFFECT_QUEUED, 1, MINUTES(120) + 1,
	                -MINUTES(60) },
	        .wanted = "outbox: 1 reply queued since 2026-11-06 11:59:59\n",
	        .kind = TROUBLE_PUT_OFF, .status = EX_TEMPFAIL },
	{ "queued by a clock ahead",
	        .count = { EFFECT_TAG, EFFECT_QUEUED, 1, -MINUTES(180), -MINUTES(180) },
	        .wanted = "outbox: 1 tag queued since 2026-11-06 17:00:00\n",
	        .kind = TROUBLE_PUT_OFF, .status = EX_TEMPFAIL },
	{ "waits for its mail's outcome",
	        .count = { EFFECT_MOVE, EFFECT_QUEUED, 1, MINUTES(9000),
	                NOW - EFFECT_AFTER_OUTCOME },
	        .wanted = "" },
	/* the machine */
	{ "little space", .disk_left = MEGABYTES(64), .wanted = "" },
	{ "no space", .disk_left = MEGABYTES(64) - 1,
	        .wanted = "the disk of '/state' is full: 63 MB are left\n",
	        .kind = TROUBLE_DISK_FULL, .status = EX_TEMPFAIL },
	{ "a long log", .log_bytes = MEGABYTES(256), .wanted = "" },
	{ "a log that nobody empties", .log_bytes = MEGABYTES(256) + 1,
	        .wanted = "the store's log has grown to 256 MB: a process reads for "
	                  "long\n",
	        .kind = TROUBLE_LOG_LARGE, .status = EX_TEMPFAIL },
};

static void
add_note(HealthFacts *facts, const char *scope, const char *key, const char *value,
        gint64 at)
{
	Note *note = g_new0(Note, 1);
	note->scope = g_strdup(scope);
	note->key = g_strdup(key);
	note->value = g_strdup(value);
	note->at = at;
	g_ptr_array_add(facts->notes, note);
}

static Settings *
make_settings(const char *name, guint poll_seconds, gboolean smtp)
{
	Settings *settings = settings_default();
	MailboxSettings *mailbox = g_new0(MailboxSettings, 1);
	mailbox->name = g_strdup(name);
	mailbox->poll_seconds = poll_seconds;
	g_ptr_array_add(settings->mailboxes, mailbox);
	if (smtp)
		settings->smtp.server.url = g_strdup("smtps://smtp.example.it");
	return settings;
}

static void
record_mailbox(HealthFacts *facts, const Sample *sample)
{
	const MailboxSettings *mailbox = facts->settings->mailboxes->pdata[0];
	g_autofree char *scope = g_strconcat("mailbox/", mailbox->name, NULL);
	facts->watched = g_ptr_array_new();
	if (!sample->alone)
		g_ptr_array_add(facts->watched, mailbox->name);
	if (!sample->never)
		add_note(facts, scope, "last-success", "in step", NOW - sample->looked);
	if (sample->error != NULL)
		add_note(facts, scope, "last-error", sample->error, NOW);
}

static void
record(HealthFacts *facts, const Settings *settings, const Sample *sample)
{
	facts->settings = settings;
	facts->now = NOW;
	facts->notes = g_ptr_array_new_with_free_func((GDestroyNotify)note_free);
	facts->outbox = g_ptr_array_new_with_free_func(g_free);
	record_mailbox(facts, sample);
	if (sample->smtp_error != NULL)
		add_note(facts, "courier", "last-error", sample->smtp_error, NOW);
	if (sample->breaker != 0)
		facts->breaker.since = NOW - sample->breaker;
	facts->breaker.reason = g_strdup(sample->reason);
	if (sample->count.count != 0) {
		OutboxCount *count = g_memdup2(&sample->count, sizeof *count);
		count->oldest = NOW - count->oldest;
		count->due = count->state == EFFECT_QUEUED ? NOW - count->due : 0;
		g_ptr_array_add(facts->outbox, count);
	}
	facts->directory = g_strdup("/state");
	facts->disk_left =
	        (guint64)(sample->disk_left != 0 ? sample->disk_left : MEGABYTES(5000));
	facts->log_bytes = sample->log_bytes;
}

static void
assert_trouble(const Sample *sample, const Trouble *trouble)
{
	g_autofree char *line = g_strconcat(trouble->words, "\n", NULL);
	assert_int_equal(trouble->kind, sample->kind);
	assert_int_equal(trouble_status(trouble), sample->status);
	if (sample->words != NULL)
		assert_string_equal(trouble->words, sample->words);
	else
		assert_string_equal(line, sample->wanted);
	assert_true(strlen(trouble_advice(trouble)) > 0);
}

static void
test_sample(void **state)
{
	const Sample *sample = *state;
	const char *name = sample->mailbox != NULL ? sample->mailbox : "a";
	g_autoptr(Settings) settings = make_settings(name,
	        sample->poll_seconds != 0 ? sample->poll_seconds : 60,
	        !sample->no_smtp);
	g_auto(HealthFacts) facts = { 0 };
	record(&facts, settings, sample);
	g_autoptr(GPtrArray) troubles = health_judge(&facts);
	gboolean well = sample->wanted[0] == '\0';
	g_autofree char *page = health_page(troubles);
	g_autofree char *wanted =
	        g_strconcat(well ? "healthy\n" : "unhealthy\n", sample->wanted, NULL);
	assert_string_equal(page, wanted);
	assert_int_equal(troubles->len, well ? 0 : 1);
	if (!well)
		assert_trouble(sample, troubles->pdata[0]);
	assert_int_equal(health_is_in_reach(troubles, name),
	        well || sample->kind > TROUBLE_MAILBOX_UNWATCHED);
	assert_true(health_is_in_reach(troubles, "another"));
	assert_int_equal(health_is_in_reach(troubles, NULL),
	        well || sample->kind != TROUBLE_SMTP);
}

/* What is out of reach is told before what is stuck behind it. */
static void
test_worst_first(void **state)
{
	static const Sample all = { "all at once", .never = TRUE,
		.smtp_error = "451 later",
		.count = { EFFECT_REPLY, EFFECT_UNKNOWN, 1, MINUTES(1), 0 },
		.breaker = MINUTES(1), .disk_left = 1, .log_bytes = MEGABYTES(1000) };
	static const TroubleKind wanted[] = { TROUBLE_MAILBOX_SILENT, TROUBLE_SMTP,
		TROUBLE_BREAKER, TROUBLE_UNKNOWN_FATE, TROUBLE_DISK_FULL,
		TROUBLE_LOG_LARGE };
	(void)state;
	g_autoptr(Settings) settings = make_settings("a", 60, TRUE);
	g_auto(HealthFacts) facts = { 0 };
	record(&facts, settings, &all);
	g_autoptr(GPtrArray) troubles = health_judge(&facts);
	assert_int_equal(troubles->len, G_N_ELEMENTS(wanted));
	for (guint i = 0; i < troubles->len; i++)
		assert_int_equal(
		        ((const Trouble *)troubles->pdata[i])->kind, wanted[i]);
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	g_setenv("TZ", "UTC", TRUE);
	suite_add_table(suite, samples, test_sample);
	suite_add(suite, cmocka_unit_test(test_worst_first));
	return suite_run(suite, "health", NULL, NULL);
}
