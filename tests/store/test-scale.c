/*
 * Nothing grows with the journal but what must: lists, counts and limits stay fast. A small
 * journal by default; TRIAGED_SCALE=1000000 makes a real one and prints the times.
 */
#include "state.h"

#include "store/reply_limit.h"
#include "store/report_walk.h"
#include "tests/slowness.h"

#include <stdlib.h>

#define MAILS_DEFAULT 3000
#define BATCH 1000
#define SENDERS 5000
#define SECONDS_MAX 2 /* generous: they take milliseconds, also at a million */

static guint
mails_wanted(void)
{
	const char *wanted = g_getenv("TRIAGED_SCALE");
	return wanted != NULL ? (guint)atoi(wanted) : MAILS_DEFAULT;
}

static void
add_one(Store *store, guint number)
{
	static const char *const classes[] = { "spam-detected", "unknown",
		"not-a-ticket" };
	g_autofree char *hash = g_strdup_printf("%u", number);
	g_autofree char *sha256 =
	        g_compute_checksum_for_string(G_CHECKSUM_SHA256, hash, -1);
	g_autofree char *from = g_strdup_printf("u%u@example.it", number % SENDERS);
	g_autofree char *kase = g_strnfill(2000, 'x');
	g_autoptr(GBytes) payload = g_bytes_new(kase, 1000);
	gint64 id, time = NOW + number * G_USEC_PER_SEC;
	JournalMail mail = { .place = { S("a"), S("INBOX"), 7, number },
		.sha256 = sha256,
		.from_address = from,
		.seen_at = time,
		.class = (char *)classes[number % G_N_ELEMENTS(classes)],
		.missing = number % 3 == 0 ? S("date") : S(""),
		.outcome = number % 100 == 0 ? JOURNAL_HELD : JOURNAL_REPLIED,
		.case_json = kase };
	Effect reply = { .kind = EFFECT_REPLY,
		.state = number % 1000 == 0 ? EFFECT_QUEUED : EFFECT_CANCELLED,
		.place = { .mailbox = S("a") },
		.recipient = from,
		.payload = payload };
	must(journal_add(store, &mail, &id, &error));
	reply.mail = id;
	must(outbox_add(store, &reply, time, NULL, &error));
}

static int
fill(void **state)
{
	Store *store;
	must(store = store_open_memory(&error));
	for (guint i = 1; i <= mails_wanted(); i++) {
		if (i % BATCH == 1)
			must(store_begin(store, &error));
		add_one(store, i);
		if (i % BATCH == 0 || i == mails_wanted())
			must(store_commit(store, &error));
	}
	*state = store;
	return 0;
}

static int
empty(void **state)
{
	store_close(*state);
	return 0;
}

static gboolean
ignore(const JournalMail *mail, gpointer data)
{
	(void)mail, (void)data;
	return TRUE;
}

static void
ask_lists(Store *store)
{
	static const JournalFilter filters[] = {
		{ .limit = 50 },
		{ .limit = 50, .class = "spam-detected" },
		{ .limit = 50, .class = "none" },
		{ .limit = 50, .missing = "date" },
		{ .limit = 50, .missing = "none" },
		{ .limit = 50, .missing = "none", .class = "unknown" },
		{ .limit = 50, .held = TRUE },
		{ .limit = 50, .since = NOW + 1000 * G_USEC_PER_SEC },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(filters); i++)
		must(journal_each(store, &filters[i], ignore, NULL, &error));
}

static void
ask_counts(Store *store)
{
	g_autoptr(GPtrArray) mails = journal_counts(store, 0, NULL);
	g_autoptr(GPtrArray) outbox = outbox_counts(store, NULL);
	assert_int_equal(mails->len, 6);
	assert_int_equal(outbox->len, 1);
}

static void
ask_limits(Store *store)
{
	guint count;
	must(reply_limit_count_address(store, "u7@example.it", NOW, &count, &error));
	must(reply_limit_count_all(store, NOW, 100, &count, &error));
	must(reply_limit_count_conversation(store, 7, &count, &error));
}

static void
ask_outbox(Store *store)
{
	OutboxClaim claim = { .kinds = EFFECTS_OF_COURIER, .owner = "test", .max = 1 };
	gint64 at;
	must(outbox_next_time(store, &claim, &at, &error));
	must(store_begin(store, &error));
	g_autoptr(GPtrArray) claimed = outbox_claim(store, &claim, G_MAXINT64, NULL);
	store_rollback(store);
	assert_int_equal(claimed->len, 1);
}

static void
count_mail(const ReportMail *mail, gpointer data)
{
	(void)mail;
	++*(guint *)data;
}

static void
ask_report(Store *store)
{
	guint all = 0;
	must(report_each(store, 0, 0, count_mail, &all, &error));
	assert_int_equal(all, mails_wanted());
}

static void
test_stays_fast(void **state)
{
	static const struct {
		const char *name;
		void (*ask)(Store *store);
	} questions[] = {
		{ "lists", ask_lists },
		{ "counts", ask_counts },
		{ "limits", ask_limits },
		{ "outbox", ask_outbox },
		{ "report", ask_report },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(questions); i++) {
		gint64 start = g_get_monotonic_time();
		questions[i].ask(*state);
		gint64 took = g_get_monotonic_time() - start;
		print_message("%s: %d us\n", questions[i].name, (int)took);
		assert_true(took < SECONDS_MAX * slowness() * (gint64)G_USEC_PER_SEC);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_stays_fast, fill, empty),
	};
	return cmocka_run_group_tests_name("scale", tests, NULL, NULL);
}
