/* What the report is made of: the walk over the mails, and the texts no signature knew. */
#include "config.h"

#include "state.h"
#include "store/conversation.h"
#include "store/database.h"
#include "store/report_walk.h"

#include <string.h>

typedef struct {
	guint mails, roots, complete_first, complete_now, answered;
	gint64 first_id;
	char *signature, *class;
} Walk;

static void
note_mail(const ReportMail *mail, gpointer data)
{
	Walk *walk = data;
	if (walk->mails++ == 0) {
		walk->first_id = mail->id;
		walk->class = g_strdup(mail->class);
	}
	walk->roots += mail->root;
	walk->complete_first += g_strcmp0(mail->first_missing, "") == 0;
	walk->complete_now += g_strcmp0(mail->missing, "") == 0;
	walk->answered += mail->answered_at != 0;
	if (mail->signature != NULL && walk->signature == NULL)
		walk->signature = g_strdup(mail->signature);
}

static Walk
walk_all(Store *store, gint64 since, gint64 until)
{
	Walk walk = { 0 };
	must(report_each(store, since, until, note_mail, &walk, &error));
	return walk;
}

static void
walk_free(Walk *walk)
{
	g_free(walk->signature);
	g_free(walk->class);
}

static void
test_walk_of_nothing(void **state)
{
	Walk walk = walk_all(*state, 0, 0);
	assert_int_equal(walk.mails, 0);
	walk = walk_all(*state, NOW, 0);
	assert_int_equal(walk.mails, 0);
}

static void
test_walk_is_bounded_by_time(void **state)
{
	for (guint i = 1; i <= 5; i++)
		state_add_mail(*state, i, "spam-detected", "", JOURNAL_HELD);
	/* state_add_mail() sees them one second after another */
	Walk walk =
	        walk_all(*state, NOW + 2 * G_USEC_PER_SEC, NOW + 4 * G_USEC_PER_SEC);
	assert_int_equal(walk.mails, 2);
	assert_int_equal(walk.first_id, 2);
	assert_string_equal(walk.class, "spam-detected");
	walk_free(&walk);
}

/* The clock of a machine may be set back: such mails are not lost. */
static void
test_walk_with_a_clock_set_back(void **state)
{
	state_add_mail(*state, 50, "unknown", "", JOURNAL_HELD);
	state_add_mail(*state, 10, "unknown", "", JOURNAL_HELD);
	state_add_mail(*state, 60, "unknown", "", JOURNAL_HELD);
	Walk walk = walk_all(*state, NOW + 40 * G_USEC_PER_SEC, 0);
	assert_int_equal(walk.mails, 2);
	walk_free(&walk);
	walk = walk_all(*state, NOW, NOW + 20 * G_USEC_PER_SEC);
	assert_int_equal(walk.mails, 1);
	walk_free(&walk);
}

static void
test_first_mail_is_remembered(void **state)
{
	gint64 id = state_add_mail(*state, 1, "unknown", "date", JOURNAL_PENDING);
	must(store_begin(*state, &error));
	must(journal_set_missing(*state, id, "", &error));
	must(store_commit(*state, &error));
	Walk walk = walk_all(*state, 0, 0);
	assert_int_equal(walk.complete_first, 0);
	assert_int_equal(walk.complete_now, 1);
	walk_free(&walk);
}

static gint64 last_answer;

static void
note_answer(const ReportMail *mail, gpointer data)
{
	(void)data;
	last_answer = mail->answered_at;
}

static void
test_first_answer_counts(void **state)
{
	gint64 id = state_add_mail(*state, 1, "unknown", "date", JOURNAL_PENDING);
	must(store_begin(*state, &error));
	must(journal_set_outcome(*state, id, JOURNAL_HELD, "x", NOW + 1, &error));
	must(journal_set_outcome(*state, id, JOURNAL_REPLIED, NULL, NOW + 2, &error));
	must(journal_set_outcome(*state, id, JOURNAL_REPLIED, NULL, NOW + 3, &error));
	must(journal_set_outcome(*state, id, JOURNAL_HELD, NULL, NOW + 4, &error));
	must(store_commit(*state, &error));
	must(report_each(*state, 0, 0, note_answer, NULL, &error));
	assert_int_equal(last_answer, NOW + 2);
}

static void
test_roots_and_follow_ups(void **state)
{
	gint64 conversation;
	g_autofree char *token = NULL;
	gint64 first = state_add_mail(*state, 1, "unknown", "date", JOURNAL_REPLIED);
	gint64 second = state_add_mail(*state, 2, "unknown", "", JOURNAL_REPLIED);
	state_add_mail(*state, 3, "not-a-ticket", NULL, JOURNAL_NO_REPLY);
	must(store_begin(*state, &error));
	must(conversation_new(*state, NOW, &conversation, &token, &error));
	must(conversation_update(*state, conversation,
	        &(ConversationUpdate){ .state = "open", .root = first }, &error));
	must(journal_set_conversation(*state, first, conversation, &error));
	must(journal_set_conversation(*state, second, conversation, &error));
	must(store_commit(*state, &error));
	Walk walk = walk_all(*state, 0, 0);
	assert_int_equal(walk.mails, 3);
	assert_int_equal(walk.roots, 2); /* the first, and the one without any */
	walk_free(&walk);
}

static void
add_unmatched(Store *store, gint64 mail, gint64 at, const char *form, const char *text)
{
	must_commit(store, unmatched_add(store, mail, at, form, text, &error));
}

static void
test_unmatched_by_form(void **state)
{
	gint64 one = state_add_mail(*state, 1, "unknown", "", JOURNAL_HELD);
	gint64 two = state_add_mail(*state, 2, "unknown", "", JOURNAL_HELD);
	guint all;
	add_unmatched(*state, one, NOW, "rare <n>", "rare 1");
	add_unmatched(*state, one, NOW, "often <n>", "often 1");
	add_unmatched(*state, two, NOW + 5, "often <n>", "often 2");
	g_autoptr(GPtrArray) forms = unmatched_list(*state, 0, 0, 1, &all, NULL);
	assert_int_equal(all, 2);
	assert_int_equal(forms->len, 1);
	const UnmatchedForm *form = g_ptr_array_index(forms, 0);
	assert_string_equal(form->form, "often <n>");
	assert_int_equal(form->count, 2);
	g_autofree char *text = unmatched_text(*state, form->last, form->form, NULL);
	assert_string_equal(text, "often 2");
	g_autoptr(GPtrArray) late = unmatched_list(*state, NOW + 1, 0, 9, &all, NULL);
	assert_int_equal(late->len, 1);
	assert_null(unmatched_text(*state, one, "nothing", NULL));
}

static gint64
count_of(Store *store, JournalOutcome outcome, gint64 since)
{
	g_autoptr(GPtrArray) counts = journal_counts(store, since, NULL);
	gint64 all = 0;
	for (guint i = 0; i < counts->len; i++) {
		const JournalCount *count = g_ptr_array_index(counts, i);
		all += count->outcome == outcome ? count->count : 0;
	}
	return all;
}

/* What the database counts by itself is what it would count one by one. */
static void
test_counts_are_kept(void **state)
{
	for (guint i = 1; i <= 7; i++)
		state_add_mail(*state, i, i % 2 == 0 ? "unknown" : NULL, "",
		        i < 4 ? JOURNAL_PENDING : JOURNAL_HELD);
	must(store_begin(*state, &error));
	must(journal_set_outcome(*state, 2, JOURNAL_HELD, NULL, NOW, &error));
	must(journal_set_outcome(*state, 2, JOURNAL_REPLIED, NULL, NOW, &error));
	must(journal_set_outcome(*state, 4, JOURNAL_REPLIED, NULL, NOW, &error));
	must(journal_set_outcome(*state, 5, JOURNAL_HELD, "again", NOW, &error));
	must(database_execute(
	        store_database(*state), "DELETE FROM mail WHERE id = 7", &error));
	must(store_commit(*state, &error));
	static const JournalOutcome outcomes[] = { JOURNAL_PENDING, JOURNAL_REPLIED,
		JOURNAL_HELD, JOURNAL_ERROR };
	static const gint64 wanted[] = { 2, 2, 2, 0 };
	for (gsize i = 0; i < G_N_ELEMENTS(outcomes); i++) {
		assert_int_equal(count_of(*state, outcomes[i], 0), wanted[i]);
		assert_int_equal(count_of(*state, outcomes[i], 1), wanted[i]);
	}
}

/* What the first version's tables did not have. */
static const char BACK_TO_VERSION_1[] =
        "DROP TRIGGER mail_counted; DROP TRIGGER mail_recounted;"
        "DROP TRIGGER mail_uncounted; DROP TABLE mail_count; DROP TABLE unmatched;"
        "DROP TABLE tally; DROP TABLE tally_time;"
        "ALTER TABLE mail DROP COLUMN signature;"
        "ALTER TABLE mail DROP COLUMN first_missing;"
        "ALTER TABLE mail DROP COLUMN answered_at; PRAGMA user_version = 1;";

static void
make_version_1(const char *directory)
{
	g_autoptr(Store) store = state_open(directory);
	state_add_mail(store, 1, "unknown", "date", JOURNAL_REPLIED);
	state_add_mail(store, 2, "unknown", "", JOURNAL_HELD);
	must(database_execute(store_database(store), BACK_TO_VERSION_1, &error));
}

static void
test_older_journal(void **state)
{
	make_version_1(*state);
	g_autoptr(Store) store = state_open(*state);
	Walk walk = walk_all(store, 0, 0);
	assert_int_equal(walk.mails, 2);
	assert_int_equal(walk.complete_first, 1);
	assert_int_equal(walk.answered, 1);
	assert_int_equal(count_of(store, JOURNAL_REPLIED, 0), 1);
	walk_free(&walk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(test_walk_of_nothing),
		WITH_STORE(test_walk_is_bounded_by_time),
		WITH_STORE(test_walk_with_a_clock_set_back),
		WITH_STORE(test_first_mail_is_remembered),
		WITH_STORE(test_first_answer_counts),
		WITH_STORE(test_roots_and_follow_ups),
		WITH_STORE(test_unmatched_by_form),
		WITH_STORE(test_counts_are_kept),
		WITH_DIRECTORY(test_older_journal),
	};
	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
