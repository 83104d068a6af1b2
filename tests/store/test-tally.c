/* What is counted, that it stays counted, and that no catalogue makes it grow without end. */
#include "state.h"

#include "store/database.h"
#include "store/tally.h"

#include <string.h>

static gint64
count_of(Store *store, TallyName name, const char *label, const char *other)
{
	g_autoptr(GPtrArray) tallies = tally_list(store, name, NULL);
	for (guint i = 0; i < tallies->len; i++) {
		const Tally *tally = tallies->pdata[i];
		if (strcmp(tally->label, label) == 0 &&
		        strcmp(tally->other, other) == 0)
			return tally->count;
	}
	return 0;
}

static void
add_mail(Store *store, guint number, const char *class, const char *action)
{
	g_autofree char *sha256 = state_sha256(number);
	JournalMail mail = { .place = { S("a"), S("INBOX"), 7, number },
		.sha256 = sha256,
		.seen_at = NOW,
		.class = S(class),
		.action = S(action),
		.reason = S("list"),
		.outcome = JOURNAL_NO_REPLY };
	state_journal(store, &mail);
}

static void
test_mails(void **state)
{
	Store *store = *state;
	add_mail(store, 1, "spam-detected", "send");
	add_mail(store, 2, "spam-detected", "send");
	add_mail(store, 3, "unknown", "suppress");
	add_mail(store, 4, NULL, NULL);
	assert_int_equal(count_of(store, TALLY_MAIL, "spam-detected", "send"), 2);
	assert_int_equal(count_of(store, TALLY_MAIL, "unknown", "suppress"), 1);
	assert_int_equal(count_of(store, TALLY_MAIL, "", ""), 1);
	/* The reason of what is answered is no gate. */
	assert_int_equal(count_of(store, TALLY_GATE, "list", ""), 1);
}

static void
test_what_is_rolled_back(void **state)
{
	Store *store = *state;
	must(store_begin(store, &error));
	must(tally_add(store, TALLY_GATE, "loop", NULL, &error));
	must(tally_add_time(store, TALLY_REPLY, 1, &error));
	store_rollback(store);
	TallyTimes times;
	assert_int_equal(count_of(store, TALLY_GATE, "loop", ""), 0);
	must(tally_read_times(store, TALLY_REPLY, &times, &error));
	assert_int_equal(times.counts[0], 0);
}

static void
attempt(Store *store, gint64 id, EffectResult result, gint64 now)
{
	EffectFinish finish = { .result = result };
	state_finish_reply(store, id, &finish, now);
}

static void
test_attempts(void **state)
{
	Store *store = *state;
	gint64 mail = state_add_mail(store, 1, "a", "", JOURNAL_PENDING);
	gint64 id = state_add_effect(store, mail, EFFECT_REPLY, "reply");
	attempt(store, id, RESULT_RETRY, NOW + 1);
	attempt(store, id, RESULT_DONE, NOW + 90 * G_USEC_PER_SEC);
	assert_int_equal(count_of(store, TALLY_EFFECT, "reply", "retry"), 1);
	assert_int_equal(count_of(store, TALLY_EFFECT, "reply", "done"), 1);
	TallyTimes times;
	must(tally_read_times(store, TALLY_REPLY, &times, &error));
	gint64 all = 0;
	for (gsize i = 0; i < G_N_ELEMENTS(times.counts); i++)
		all += times.counts[i];
	assert_int_equal(all, 1);
	assert_int_equal((gint64)times.seconds, 90);
}

static void
test_buckets(void **state)
{
	static const struct {
		gint64 time;
		guint bucket;
	} samples[] = { { -5, 0 }, { 0, 0 }, { 10000, 0 }, { 10001, 1 }, { 999999, 6 },
		{ 1000000, 6 }, { 1000001, 7 }, { 43200 * G_TIME_SPAN_SECOND, 12 },
		{ 43201 * G_TIME_SPAN_SECOND, 13 }, { G_MAXINT64, 13 } };
	Store *store = *state;
	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
		TallyTimes before, after;
		must(tally_read_times(store, TALLY_PICKUP, &before, &error));
		must_commit(store,
		        tally_add_time(store, TALLY_PICKUP, samples[i].time, &error));
		must(tally_read_times(store, TALLY_PICKUP, &after, &error));
		before.counts[samples[i].bucket]++;
		assert_memory_equal(before.counts, after.counts, sizeof before.counts);
	}
}

static void
test_labels_are_bounded(void **state)
{
	Store *store = *state;
	must(store_begin(store, &error));
	for (guint i = 0; i < TALLY_LABELS + 100; i++) {
		g_autofree char *label = g_strdup_printf("class-%u", i);
		must(tally_add(store, TALLY_MAIL, label, "send", &error));
	}
	must(tally_add(store, TALLY_MAIL, "class-7", "send", &error));
	must(store_commit(store, &error));
	g_autoptr(GPtrArray) tallies = tally_list(store, TALLY_MAIL, NULL);
	assert_int_equal(tallies->len, TALLY_LABELS + 1);
	assert_int_equal(count_of(store, TALLY_MAIL, "class-7", "send"), 2);
	assert_int_equal(count_of(store, TALLY_MAIL, "other", "other"), 100);
}

/* A journal of before there were tallies begins with what it knows. */
static void
test_older_journal(void **state)
{
	Store *store = state_open(*state);
	add_mail(store, 1, "spam-detected", "send");
	add_mail(store, 2, "unknown", "suppress");
	attempt(store, state_add_effect(store, 1, EFFECT_REPLY, "reply"),
	        RESULT_REFUSED, NOW + 1);
	must(database_execute(store_database(store),
	        "DROP TABLE tally; DROP TABLE tally_time; PRAGMA user_version = 3",
	        &error));
	store_close(store);
	store = state_open(*state);
	assert_int_equal(count_of(store, TALLY_MAIL, "spam-detected", "send"), 1);
	assert_int_equal(count_of(store, TALLY_MAIL, "unknown", "suppress"), 1);
	assert_int_equal(count_of(store, TALLY_GATE, "list", ""), 1);
	assert_int_equal(count_of(store, TALLY_EFFECT, "reply", "refused"), 1);
	store_close(store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(test_mails),
		WITH_STORE(test_what_is_rolled_back),
		WITH_STORE(test_attempts),
		WITH_STORE(test_buckets),
		WITH_STORE(test_labels_are_bounded),
		WITH_DIRECTORY(test_older_journal),
	};
	return cmocka_run_group_tests_name("tally", tests, NULL, NULL);
}
