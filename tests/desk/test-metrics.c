/*
 * What the metrics say of a journal, of the servers' state, and who may read it. A small
 * journal by default; with TRIAGED_SCALE=1000000 one as large as is promised for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "desk/health.h"
#include "desk/metrics.h"
#include "store/journal.h"
#include "store/note.h"
#include "store/outbox.h"
#include "store/reply_limit.h"
#include "tests/slowness.h"

#define NOW (G_GINT64_CONSTANT(1793973600) * G_USEC_PER_SEC)
#define MAILS_DEFAULT 3000
#define BATCH 1000
#define SCRAPE_MS 50
#define HELD_EVERY                                                                     \
	100 /* nobody looks after the held ones: a tenth of a percent would do */

#define must(call)                                                                     \
	do {                                                                           \
		g_autoptr(GError) error = NULL;                                        \
		if (!(call))                                                           \
			fail_msg("%s: %s", #call, error->message);                     \
	} while (0)

static Settings *settings;

static int
open_store(void **state)
{
	MailboxSettings *mailbox = g_new0(MailboxSettings, 1);
	settings = settings_default();
	mailbox->name = g_strdup("assi\"stenza");
	mailbox->poll_seconds = 60;
	g_ptr_array_add(settings->mailboxes, mailbox);
	settings->smtp.server.url = g_strdup("smtps://smtp.example.it");
	must(*state = store_open_memory(&error));
	clock_pin(NOW);
	return 0;
}

static int
close_store(void **state)
{
	store_close(*state);
	settings_free(settings);
	clock_pin(0);
	return 0;
}

static void
note(Store *store, const char *scope, const char *key, const char *value, gint64 at)
{
	must(store_begin(store, &error));
	must(note_set(store, scope, key, value, at, &error));
	must(store_commit(store, &error));
}

#define BOX "mailbox/assi\"stenza"

static char *
render(Store *store)
{
	g_autoptr(GBytes) bytes = NULL;
	must(bytes = metrics_render(store, settings, FORM_PROMETHEUS, &error));
	return g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
}

static void
assert_line(const char *text, const char *wanted)
{
	g_autofree char *line = g_strdup_printf("\n%s\n", wanted);
	if (strstr(text, line) == NULL)
		fail_msg("'%s' is not in\n%s", wanted, text);
}

/* What /healthz says at a time, without its first line. */
static void
assert_troubles(Store *store, gint64 now, const char *wanted)
{
	g_auto(HealthFacts) facts = { 0 };
	clock_pin(now);
	must(health_read(store, settings, &facts, &error));
	g_autoptr(GPtrArray) troubles = health_judge(&facts);
	g_autofree char *page = health_page(troubles);
	assert_string_equal(strchr(page, '\n') + 1, wanted);
}

static void
test_health_of_a_mailbox(void **state)
{
	Store *store = *state;
	assert_troubles(store, NOW,
	        "mailbox 'assi\"stenza' was never looked into, and no process watches "
	        "it\n");
	note(store, BOX, "last-success", "in step with the server", NOW);
	assert_troubles(store, NOW + 600 * G_USEC_PER_SEC, "");
	assert_troubles(store, NOW + 601 * G_USEC_PER_SEC,
	        "mailbox 'assi\"stenza' was looked into last at 2026-11-06 14:00:00, "
	        "and no process watches it\n");
	note(store, BOX, "last-error", "login of anna@example.it\nrefused", NOW);
	assert_troubles(store, NOW,
	        "mailbox 'assi\"stenza' is out of reach since 2026-11-06 14:00:00: "
	        "login of <address> refused\n");
	g_autofree char *text = render(store);
	assert_line(text, "triaged_mailbox_up{mailbox=\"assi\\\"stenza\"} 0");
	assert_line(text, "triaged_smtp_up 1");
	assert_line(text, "triaged_healthy 0");
}

static void
test_health_of_sending(void **state)
{
	Store *store = *state;
	note(store, BOX, "last-success", "in step with the server", NOW);
	note(store, "courier", "last-error", "451 <anna@example.it> later", NOW);
	assert_troubles(store, NOW,
	        "no reply goes out, at 2026-11-06 14:00:00 the SMTP server said: 451 "
	        "<address> later\n");
	g_autofree char *down = render(store);
	assert_line(down, "triaged_smtp_up 0");
	assert_line(down, "triaged_mailbox_up{mailbox=\"assi\\\"stenza\"} 1");
	note(store, "courier", "last-error", NULL, NOW);
	must(store_begin(store, &error));
	must(breaker_open(store, "too many", NOW, &error));
	must(store_commit(store, &error));
	assert_troubles(store, NOW,
	        "ALL REPLIES ARE HELD since 2026-11-06 14:00:00: too many\n");
	g_autofree char *text = render(store);
	assert_line(text, "triaged_breaker_open 1");
	assert_line(text, "triaged_smtp_up 1");
	assert_line(text, "triaged_healthy 0");
}

static void
add_reply(Store *store, gint64 next_at, EffectState effect_state)
{
	g_autoptr(GBytes) payload = g_bytes_new_static("reply", 5);
	Effect reply = { .kind = EFFECT_REPLY,
		.state = effect_state,
		.next_at = next_at,
		.place = { .mailbox = (char *)"a" },
		.recipient = (char *)"anna@example.it",
		.payload = payload };
	must(outbox_add(store, &reply, NOW, NULL, &error));
}

/* One that is put off by its server may wait for a day; one that is due may not. */
static void
test_health_of_the_outbox(void **state)
{
	Store *store = *state;
	gint64 later = NOW + 20 * G_TIME_SPAN_MINUTE;
	note(store, BOX, "last-success", "in step with the server", later);
	must(store_begin(store, &error));
	add_reply(store, NOW + G_TIME_SPAN_HOUR, EFFECT_QUEUED);
	add_reply(store, NOW, EFFECT_HELD);
	must(store_commit(store, &error));
	assert_troubles(store, later, "");
	must(store_begin(store, &error));
	add_reply(store, NOW, EFFECT_QUEUED);
	must(store_commit(store, &error));
	assert_troubles(store, NOW + 10 * G_TIME_SPAN_MINUTE, "");
	assert_troubles(store, later,
	        "outbox: 2 reply queued, due and not begun since 2026-11-06 "
	        "14:00:00\n");
	g_autofree char *text = render(store);
	assert_line(text, "triaged_outbox_effects{kind=\"reply\",state=\"queued\"} 2");
	assert_line(text, "triaged_outbox_effects{kind=\"reply\",state=\"held\"} 1");
	assert_line(text,
	        "triaged_outbox_oldest_age_seconds{kind=\"reply\",state=\"queued\"} "
	        "1200");
	assert_null(strstr(text, "anna"));
}

static void
add_mail(Store *store, guint number)
{
	static const char *const classes[] = { "spam-detected", "unknown",
		"not-a-ticket" };
	g_autofree char *seed = g_strdup_printf("%u", number);
	g_autofree char *sha256 =
	        g_compute_checksum_for_string(G_CHECKSUM_SHA256, seed, -1);
	gint64 id;
	JournalMail mail = { .place = { (char *)"a", (char *)"INBOX", 7, number },
		.sha256 = sha256,
		.from_address = (char *)"anna@example.it",
		.seen_at = NOW,
		.class = (char *)classes[number % G_N_ELEMENTS(classes)],
		.action = (char *)"send",
		.outcome = number % HELD_EVERY == 0 ? JOURNAL_HELD : JOURNAL_REPLIED };
	must(journal_add(store, &mail, &id, &error));
	add_reply(
	        store, NOW, number % HELD_EVERY == 0 ? EFFECT_HELD : EFFECT_CANCELLED);
}

static void
test_stays_fast(void **state)
{
	Store *store = *state;
	const char *wanted = g_getenv("TRIAGED_SCALE");
	guint mails = wanted != NULL ? (guint)atoi(wanted) : MAILS_DEFAULT;
	for (guint i = 1; i <= mails; i++) {
		if (i % BATCH == 1)
			must(store_begin(store, &error));
		add_mail(store, i);
		if (i % BATCH == 0 || i == mails)
			must(store_commit(store, &error));
	}
	/* Processor time, as clock() counts it: other programs do not lengthen it. */
	clock_t started = clock();
	g_autofree char *text = render(store);
	gint64 took = (gint64)(clock() - started) * G_USEC_PER_SEC / CLOCKS_PER_SEC;
	print_message("%u mails: %d us, %zu bytes\n", mails, (int)took, strlen(text));
	assert_true(took < SCRAPE_MS * 1000 * slowness());
	g_autofree char *line = g_strdup_printf(
	        "triaged_mails_total{class=\"unknown\",action=\"send\"} %u",
	        (mails + 2) / 3);
	assert_line(text, line);
}

static void
test_file_is_for_everybody(void **state)
{
	(void)state;
	g_autofree char *directory = g_dir_make_tmp("triaged-metrics-XXXXXX", NULL);
	g_autofree char *file = g_build_filename(directory, "t.prom", NULL);
	g_autofree char *found = NULL;
	mode_t before = umask(0077);
	struct stat status;
	for (guint i = 0; i < 2; i++) {
		g_autofree char *text = g_strdup_printf("a %u\n", i);
		g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
		must(metrics_write(file, bytes, &error));
	}
	umask(before);
	assert_true(g_file_get_contents(file, &found, NULL, NULL));
	assert_string_equal(found, "a 1\n");
	assert_int_equal(stat(file, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0644);
	g_unlink(file);
	assert_int_equal(g_rmdir(directory), 0); /* nothing was left beside it */
}

int
main(void)
{
#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, open_store, close_store)
	const struct CMUnitTest tests[] = {
		WITH_STORE(test_health_of_a_mailbox),
		WITH_STORE(test_health_of_sending),
		WITH_STORE(test_health_of_the_outbox),
		WITH_STORE(test_stays_fast),
		cmocka_unit_test(test_file_is_for_everybody),
	};
	g_setenv("TZ", "UTC", TRUE);
	return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
