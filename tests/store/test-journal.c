#include "base/errors.h"
#include "state.h"

#include <string.h>

static void
test_mail_comes_back_whole(void **state)
{
	Store *store = *state;
	gint64 id = state_add_mail(store, 1, "spam-detected", "date", JOURNAL_PENDING);
	g_autoptr(JournalMail) mail = journal_get(store, id, NULL);
	assert_non_null(mail);
	assert_string_equal(mail->place.mailbox, "assistenza");
	assert_string_equal(mail->place.folder, "INBOX");
	assert_int_equal(mail->place.uidvalidity, 7);
	assert_int_equal(mail->place.uid, 1);
	assert_string_equal(mail->message_id, "<1@example.it>");
	assert_string_equal(mail->from_address, "anna@example.it");
	assert_string_equal(mail->subject, "Non riesco a inviare");
	assert_true(mail->internaldate == NOW);
	assert_true(mail->seen_at == NOW + G_USEC_PER_SEC);
	assert_string_equal(mail->nature, "person");
	assert_string_equal(mail->class, "spam-detected");
	assert_null(mail->detail);
	assert_float_equal(mail->confidence, 0.97, 0.0001);
	assert_string_equal(mail->missing, "date");
	assert_string_equal(mail->action, "send");
	assert_int_equal(mail->outcome, JOURNAL_PENDING);
	assert_string_equal(mail->case_json, "{}");
	assert_string_equal(mail->plan_json, "[]");
	assert_true(mail->conversation == 0);
	assert_null(mail->token);
}

static void
test_unknown_mail_is_an_input_error(void **state)
{
	must_fail(journal_get(*state, 99, &error), ERROR_INPUT, "no mail 99");
}

static void
test_write_needs_a_transaction(void **state)
{
	must_fail(journal_set_tags(*state, 1, "x", &error), ERROR_STORE, "transaction");
}

static void
test_rollback_forgets(void **state)
{
	Store *store = *state;
	gint64 id = state_add_mail(store, 1, "unknown", "", JOURNAL_PENDING);
	must(store_begin(store, &error));
	must(journal_set_tags(store, id, "triage-unknown", &error));
	store_rollback(store);
	g_autoptr(JournalMail) mail = journal_get(store, id, NULL);
	assert_null(mail->tags);
}

static void
test_same_bytes_cannot_be_two_mails(void **state)
{
	Store *store = *state;
	gint64 id;
	state_add_mail(store, 1, "unknown", "", JOURNAL_PENDING);
	g_autofree char *sha256 = state_sha256(1);
	JournalMail mail = { .place = { S("assistenza"), S("INBOX"), 7, 2 },
		.sha256 = sha256 };
	must(store_begin(store, &error));
	must_fail(journal_add(store, &mail, &id, &error), ERROR_STORE, "UNIQUE");
	must_fail(store_commit(store, &error), ERROR_STORE, "something failed");
}

/* After a UIDVALIDITY change the same mail has another place. */
static void
test_known_by_place_and_by_hash(void **state)
{
	Store *store = *state;
	gint64 found;
	gint64 id = state_add_mail(store, 5, "unknown", "", JOURNAL_REPLIED);
	g_autofree char *sha256 = state_sha256(5);
	Place old = { S("assistenza"), S("INBOX"), 7, 5 },
	      new = { S("assistenza"), S("INBOX"), 8, 1 };
	must(journal_find_place(store, &old, &found, &error));
	assert_true(found == id);
	must(journal_find_place(store, &new, &found, &error));
	assert_true(found == 0);
	must(journal_find_sha256(store, sha256, &found, &error));
	assert_true(found == id);
	must(store_begin(store, &error));
	must(journal_add_place(store, id, &new, NOW + G_TIME_SPAN_DAY, &error));
	must(journal_add_place(store, id, &new, NOW + G_TIME_SPAN_DAY, &error));
	must(store_commit(store, &error));
	must(journal_find_place(store, &new, &found, &error));
	assert_true(found == id);
	g_autoptr(GPtrArray) places = journal_places(store, id, NULL);
	assert_int_equal(places->len, 2);
	assert_int_equal(((Place *)places->pdata[0])->uidvalidity, 8);
}

/* The latest place is shown; of those found in the same moment the one with the newest uid. */
static void
test_latest_place(void **state)
{
	Store *store = *state;
	Place places[] = { { S("a"), S("INBOX"), 8, 9 }, { S("b"), S("Altro"), 8, 11 },
		{ S("c"), S("INBOX"), 8, 10 }, { S("z"), S("Vecchio"), 7, 99 } };
	gint64 id = state_add_mail(store, 1, "unknown", "", JOURNAL_HELD);
	must(store_begin(store, &error));
	for (gsize i = 0; i < G_N_ELEMENTS(places); i++)
		must(journal_add_place(
		        store, id, &places[i], NOW + G_TIME_SPAN_DAY, &error));
	must(store_commit(store, &error));
	g_autoptr(JournalMail) mail = journal_get(store, id, NULL);
	assert_string_equal(mail->place.mailbox, "b");
	assert_string_equal(mail->place.folder, "Altro");
	assert_int_equal(mail->place.uid, 11);
}

static void
test_outcome_keeps_the_reason(void **state)
{
	Store *store = *state;
	gint64 id = state_add_mail(store, 1, "unknown", "", JOURNAL_PENDING);
	must(store_begin(store, &error));
	must(journal_set_outcome(
	        store, id, JOURNAL_HELD, "global-limit", NOW + 5, &error));
	must(journal_set_outcome(store, id, JOURNAL_REPLIED, NULL, NOW + 9, &error));
	must(journal_set_missing(store, id, "", &error));
	must(store_commit(store, &error));
	g_autoptr(JournalMail) mail = journal_get(store, id, NULL);
	assert_int_equal(mail->outcome, JOURNAL_REPLIED);
	assert_string_equal(mail->reason, "global-limit");
	assert_true(mail->outcome_at == NOW + 9);
}

static gboolean
collect(const JournalMail *mail, gpointer data)
{
	g_string_append_printf(data, "%u ", mail->place.uid);
	return TRUE;
}

static const struct filter_sample {
	const char *name;
	JournalFilter filter;
	const char *wanted;
} filters[] = {
	{ "all, the newest first", { 0 }, "6 5 4 3 2 1 " },
	{ "the oldest first", { .oldest_first = TRUE }, "1 2 3 4 5 6 " },
	{ "limit", { .limit = 2 }, "6 5 " },
	{ "class", { .class = "spam-detected" }, "4 1 " },
	{ "detail", { .class = "quota-exceeded" }, "6 " },
	{ "missing", { .missing = "date" }, "4 2 " },
	{ "missing, one of several", { .missing = "screenshot" }, "2 " },
	{ "missing, the whole alternative", { .missing = "error_text|screenshot" },
	        "2 " },
	{ "missing, no wildcard", { .missing = "error_tex%" }, "" },
	{ "held", { .held = TRUE }, "5 3 " },
	{ "since", { .since = NOW + 4 * G_USEC_PER_SEC }, "6 5 4 " },
	{ "until", { .until = NOW + 3 * G_USEC_PER_SEC }, "2 1 " },
	{ "class and since",
	        { .class = "spam-detected", .since = NOW + 4 * G_USEC_PER_SEC }, "4 " },
};

static void
fill_for_filters(Store *store)
{
	static const struct {
		const char *class, *missing;
		JournalOutcome outcome;
	} mails[] = {
		{ "spam-detected", "", JOURNAL_REPLIED },
		{ "unknown", "error_text|screenshot,date", JOURNAL_REPLIED },
		{ "unknown", "headers", JOURNAL_PENDING },
		{ "spam-detected", "date", JOURNAL_REPLIED },
		{ "unknown", NULL, JOURNAL_HELD },
	};
	for (guint i = 0; i < G_N_ELEMENTS(mails); i++)
		state_add_mail(store, i + 1, mails[i].class, mails[i].missing,
		        mails[i].outcome);
	g_autofree char *sha256 = state_sha256(6);
	JournalMail child = {
		.place = { S("assistenza"), S("INBOX"), 7, 6 },
		.sha256 = sha256,
		.seen_at = NOW + 6 * G_USEC_PER_SEC,
		.class = S("unknown"),
		.detail = S("quota-exceeded"),
		.outcome = JOURNAL_REPLIED,
	};
	state_journal(store, &child);
	/* Mail 3 counts as held since the fate of its reply is unknown. */
	gint64 reply = state_add_effect(store, 3, EFFECT_REPLY, "mail");
	EffectFinish finish = { .result = RESULT_UNKNOWN };
	state_finish_reply(store, reply, &finish, NOW);
}

static void
test_filters(void **state)
{
	Store *store = *state;
	fill_for_filters(store);
	for (gsize i = 0; i < G_N_ELEMENTS(filters); i++) {
		g_autoptr(GString) found = g_string_new(NULL);
		must(journal_each(store, &filters[i].filter, collect, found, &error));
		if (strcmp(found->str, filters[i].wanted) != 0)
			fail_msg("%s: '%s', not '%s'", filters[i].name, found->str,
			        filters[i].wanted);
	}
}

static gboolean
count_until(const JournalMail *mail, gpointer data)
{
	(void)mail;
	return ++*(guint *)data < 150;
}

/* More than one page, many mails of the same time. */
static void
test_pages(void **state)
{
	Store *store = *state;
	JournalFilter all = { 0 }, limited = { .limit = 101 },
	              up = { .oldest_first = TRUE };
	g_autoptr(GString) down = g_string_new(NULL), found = g_string_new(NULL);
	g_autoptr(GString) rising = g_string_new(NULL);
	guint count = 0;
	for (guint i = 300; i >= 1; i--) {
		JournalMail mail = { .place = { S("a"), S("INBOX"), 7, i },
			.seen_at = NOW + i / 120 };
		g_autofree char *sha256 = state_sha256(i);
		mail.sha256 = sha256;
		state_journal(store, &mail);
	}
	for (guint group = 0; group <= 2; group++) {
		for (guint i = 300; i >= 1; i--) {
			if (i / 120 == group)
				g_string_append_printf(rising, "%u ", i);
		}
	}
	must(journal_each(store, &up, collect, found, &error));
	assert_string_equal(found->str, rising->str);
	must(journal_each(store, &all, collect, down, &error));
	assert_int_equal(down->len, rising->len);
	g_string_truncate(found, 0);
	must(journal_each(store, &limited, collect, found, &error));
	assert_true(g_str_has_prefix(down->str, found->str));
	g_auto(GStrv) words = g_strsplit(found->str, " ", -1);
	assert_int_equal(g_strv_length(words), 101 + 1);
	must(journal_each(store, &all, count_until, &count, &error));
	assert_int_equal(count, 150);
}

static void
test_counts(void **state)
{
	Store *store = *state;
	fill_for_filters(store);
	g_autoptr(GString) found = g_string_new(NULL);
	g_autoptr(GPtrArray) counts = journal_counts(store, 0, NULL);
	for (guint i = 0; i < counts->len; i++) {
		const JournalCount *count = counts->pdata[i];
		g_string_append_printf(found, "%s %s %d\n", count->class,
		        journal_outcome_name(count->outcome), (int)count->count);
	}
	assert_string_equal(found->str, "spam-detected replied 2\n"
	                                "unknown held 1\n"
	                                "unknown pending 1\n"
	                                "unknown replied 2\n");
}

static void
test_events_in_order(void **state)
{
	Store *store = *state;
	gint64 id = state_add_mail(store, 1, "unknown", "", JOURNAL_PENDING);
	JournalEvent first = { id, NOW, S("correction"), S("triage-a triage-b") };
	JournalEvent second = { id, NOW, S("released"), NULL };
	must(store_begin(store, &error));
	must(journal_add_event(store, &first, &error));
	must(journal_add_event(store, &second, &error));
	must(store_commit(store, &error));
	g_autoptr(GPtrArray) events = journal_events(store, id, NULL);
	assert_int_equal(events->len, 2);
	assert_string_equal(
	        ((JournalEvent *)events->pdata[0])->detail, "triage-a triage-b");
	assert_string_equal(((JournalEvent *)events->pdata[1])->what, "released");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(test_mail_comes_back_whole),
		WITH_STORE(test_unknown_mail_is_an_input_error),
		WITH_STORE(test_write_needs_a_transaction),
		WITH_STORE(test_rollback_forgets),
		WITH_STORE(test_same_bytes_cannot_be_two_mails),
		WITH_STORE(test_known_by_place_and_by_hash),
		WITH_STORE(test_latest_place),
		WITH_STORE(test_outcome_keeps_the_reason),
		WITH_STORE(test_filters),
		WITH_STORE(test_pages),
		WITH_STORE(test_counts),
		WITH_STORE(test_events_in_order),
	};
	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
