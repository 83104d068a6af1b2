/*
 * Lists by class, outcome and what is missing, which are merged from runs of an index: each
 * must be what a look at every mail of the journal gives. And the index, where an older store
 * has other ones.
 */
#include "config.h"

#include "state.h"
#include "store/database.h"

#include <string.h>

#define MAILS 2600 /* more than two pages */
#define TIMES 40   /* mails of the same time */

static const char *const classes[] = { "spam-detected", "unknown", "client-hold",
	NULL };
static const char *const details[] = { NULL, "quota-exceeded" };
static const char *const lists[] = { NULL, "", "date", "error_text|screenshot,date",
	"headers,date", "screenshot" };

/* Mixed by numbers that have no common divisor, so that all pairs come. */
static int
fill(void **state)
{
	Store *store;
	must(store = store_open_memory(&error));
	must(store_begin(store, &error));
	for (guint i = 1; i <= MAILS; i++) {
		g_autofree char *sha256 = state_sha256(i);
		JournalMail mail = { .place = { S("a"), S("INBOX"), 7, i },
			.sha256 = sha256,
			.seen_at = NOW + (i * 7 % MAILS) / TIMES,
			.class = S(classes[i / 3 % G_N_ELEMENTS(classes)]),
			.detail = S(details[i % 11 == 0]),
			.missing = S(lists[i % G_N_ELEMENTS(lists)]),
			.outcome = i / 5 % (JOURNAL_ERROR + 1) };
		gint64 id;
		must(journal_add(store, &mail, &id, &error));
		if (i % 50 != 0)
			continue;
		g_autoptr(GBytes) payload = g_bytes_new_static("mail", 4);
		Effect reply = { .mail = id,
			.kind = EFFECT_REPLY,
			.state = EFFECT_HELD,
			.place = mail.place,
			.words = S("sender-limit"),
			.payload = payload };
		must(outbox_add(store, &reply, NOW, NULL, &error));
	}
	must(store_commit(store, &error));
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
lacks(const JournalMail *mail, const char *item)
{
	g_autofree char *list = g_strconcat(",", mail->missing, ",", NULL);
	g_autofree char *word = g_strconcat(",", item, ",", NULL);
	g_strdelimit(list, "|", ',');
	g_strdelimit(word, "|", ',');
	return strstr(list, word) != NULL;
}

/* As the header says it, of one mail. */
static gboolean
is_wanted(const JournalFilter *filter, const JournalMail *mail)
{
	if (filter->class != NULL && g_strcmp0(mail->class, filter->class) != 0 &&
	        g_strcmp0(mail->detail, filter->class) != 0)
		return FALSE;
	if (filter->missing != NULL && !lacks(mail, filter->missing))
		return FALSE;
	if (filter->held && mail->outcome != JOURNAL_HELD && mail->id % 50 != 0)
		return FALSE;
	return mail->seen_at >= filter->since &&
	       (filter->until == 0 || mail->seen_at < filter->until);
}

typedef struct {
	const JournalFilter *filter; /* NULL: whatever comes */
	GArray *ids;
} Found;

static gboolean
collect(const JournalMail *mail, gpointer data)
{
	Found *found = data;
	if (found->filter == NULL || is_wanted(found->filter, mail))
		g_array_append_val(found->ids, mail->id);
	return TRUE;
}

static void
compare_with_all(Store *store, const JournalFilter *filter)
{
	JournalFilter all = { .oldest_first = filter->oldest_first };
	g_autoptr(GArray) listed = g_array_new(FALSE, FALSE, sizeof(gint64));
	g_autoptr(GArray) wanted = g_array_new(FALSE, FALSE, sizeof(gint64));
	Found found = { NULL, listed }, by_hand = { filter, wanted };
	must(journal_each(store, filter, collect, &found, &error));
	must(journal_each(store, &all, collect, &by_hand, &error));
	if (filter->limit != 0 && wanted->len > filter->limit)
		g_array_set_size(wanted, filter->limit);
	assert_int_equal(listed->len, wanted->len);
	assert_memory_equal(listed->data, wanted->data, wanted->len * sizeof(gint64));
}

static void
test_merged_as_walked(void **state)
{
	static const char *const asked_classes[] = { NULL, "unknown", "spam-detected",
		"quota-exceeded", "none" };
	static const char *const asked_items[] = { NULL, "date", "screenshot",
		"error_text|screenshot", "none" };
	static const gint64 times[][2] = { { 0, 0 }, { NOW + 9, 0 }, { 0, NOW + 31 },
		{ NOW + 9, NOW + 31 } };
	guint kinds = G_N_ELEMENTS(asked_classes) * G_N_ELEMENTS(asked_items) * 4 * 4;
	for (guint i = 0; i < kinds; i++) {
		guint rest = i;
		JournalFilter filter = { .held = rest % 2 == 1,
			.oldest_first = rest / 2 % 2 == 1,
			.since = times[rest / 4 % 4][0],
			.until = times[rest / 4 % 4][1],
			.limit = rest % 3 == 0 ? 1001 : 0 };
		rest /= 16;
		filter.class = asked_classes[rest % G_N_ELEMENTS(asked_classes)];
		filter.missing = asked_items[rest / G_N_ELEMENTS(asked_classes)];
		compare_with_all(*state, &filter);
	}
}

/* A class that is somebody's detail too gives the mails of both. */
static void
test_class_and_detail(void **state)
{
	static const JournalFilter filters[] = {
		{ .class = "client-hold" },
		{ .class = "client-hold", .missing = "date" },
		{ .class = "client-hold", .held = TRUE },
	};
	g_autofree char *sha256 = state_sha256(MAILS + 1);
	JournalMail both = { .place = { S("a"), S("INBOX"), 7, MAILS + 1 },
		.sha256 = sha256,
		.seen_at = NOW + 20,
		.class = S("unknown"),
		.detail = S("client-hold"),
		.missing = S("date"),
		.outcome = JOURNAL_HELD };
	state_journal(*state, &both);
	for (gsize i = 0; i < G_N_ELEMENTS(filters); i++)
		compare_with_all(*state, &filters[i]);
}

static void
count_mail(const JournalMail *mail, GHashTable *counts)
{
	g_autofree char *key =
	        g_strdup_printf("%s %s", mail->class != NULL ? mail->class : "",
	                journal_outcome_name(mail->outcome));
	gpointer count = g_hash_table_lookup(counts, key);
	g_hash_table_insert(counts, g_steal_pointer(&key),
	        GINT_TO_POINTER(GPOINTER_TO_INT(count) + 1));
}

static gboolean
count_since(const JournalMail *mail, gpointer data)
{
	if (mail->seen_at >= NOW + 30)
		count_mail(mail, data);
	return TRUE;
}

static void
test_counted_as_walked(void **state)
{
	JournalFilter all = { 0 };
	g_autoptr(GHashTable) wanted =
	        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GPtrArray) counts = journal_counts(*state, NOW + 30, NULL);
	g_autofree char *last = NULL;
	must(journal_each(*state, &all, count_since, wanted, &error));
	assert_int_equal(counts->len, g_hash_table_size(wanted));
	for (guint i = 0; i < counts->len; i++) {
		const JournalCount *count = counts->pdata[i];
		g_autofree char *key = g_strdup_printf(
		        "%s %s", count->class, journal_outcome_name(count->outcome));
		assert_int_equal(count->count,
		        GPOINTER_TO_INT(g_hash_table_lookup(wanted, key)));
		assert_true(last == NULL || strcmp(last, key) < 0);
		g_free(last);
		last = g_steal_pointer(&key);
	}
}

/* A list within a transaction must not end it. */
static void
test_list_in_a_transaction(void **state)
{
	Store *store = *state;
	JournalFilter held = { .held = TRUE };
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
	Found found = { NULL, ids };
	must(store_begin(store, &error));
	must(journal_set_outcome(store, 1, JOURNAL_HELD, NULL, NOW, &error));
	must(journal_each(store, &held, collect, &found, &error));
	store_rollback(store);
	guint before = ids->len;
	must(journal_each(store, &held, collect, &found, &error));
	assert_int_equal(ids->len, 2 * before - 1);
}

static const char BACK_TO_VERSION_6[] =
        "DROP INDEX mail_run; DROP INDEX mail_detail; DROP INDEX outbox_open;"
        "CREATE INDEX mail_class ON mail(class, seen_at);"
        "CREATE INDEX mail_outcome ON mail(outcome, class, seen_at);"
        "CREATE INDEX mail_detail ON mail(detail, seen_at) WHERE detail IS NOT NULL;"
        "CREATE INDEX outbox_open ON outbox(kind, state, queued_at)"
        " WHERE state NOT IN ('done', 'cancelled'); PRAGMA user_version = 6;";

/* All indexes, as they were made. */
static char *
indexes_of(Store *store)
{
	static const char LIST[] = "SELECT group_concat(sql) FROM (SELECT sql FROM"
	                           " sqlite_schema WHERE type = 'index' ORDER BY name)";
	g_autoptr(Statement) query =
	        database_query(store_database(store), LIST, NULL, "");
	assert_int_equal(statement_step(query, NULL), STEP_ROW);
	return statement_text(query, 0);
}

static void
test_older_indexes(void **state)
{
	Store *store = state_open(*state);
	g_autofree char *wanted = indexes_of(store);
	state_add_mail(store, 1, "unknown", "date", JOURNAL_HELD);
	must(database_execute(store_database(store), BACK_TO_VERSION_6, &error));
	store_close(store);
	store = state_open(*state);
	g_autofree char *found = indexes_of(store);
	assert_string_equal(found, wanted);
	JournalFilter filter = { .class = "unknown", .missing = "date", .held = TRUE };
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
	must(journal_each(store, &filter, collect, &(Found){ NULL, ids }, &error));
	assert_int_equal(ids->len, 1);
	store_close(store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_merged_as_walked, fill, empty),
		cmocka_unit_test_setup_teardown(test_class_and_detail, fill, empty),
		cmocka_unit_test_setup_teardown(test_counted_as_walked, fill, empty),
		cmocka_unit_test_setup_teardown(
		        test_list_in_a_transaction, fill, empty),
		WITH_DIRECTORY(test_older_indexes),
	};
	return cmocka_run_group_tests_name("journal_run", tests, NULL, NULL);
}
