/*
 * The state directory stays bounded: old mails go by themselves, and the store's log (WAL) is
 * emptied under load although somebody always reads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "desk/housekeeping.h"
#include "store/journal.h"
#include "store/note.h"
#include "store/upkeep.h"

#define BURST_BYTES (1024 * 1024) /* written in one transaction */
#define BURSTS 48                 /* three times as much as the log may hold */
#define READ_MS 15                /* how long one reader reads */

typedef struct {
	char *directory, *database;
	Settings *settings;
	Role role;
	Store *store;
} House;

static int
open_house(void **state)
{
	House *house = g_new0(House, 1);
	house->directory = g_dir_make_tmp("triaged-house-XXXXXX", NULL);
	house->database = g_build_filename(house->directory, "triaged.db", NULL);
	house->settings = settings_default();
	house->role.settings = house->settings;
	house->store = store_open(house->directory, STORE_CREATE, NULL);
	assert_non_null(house->store);
	*state = house;
	return 0;
}

static int
close_house(void **state)
{
	House *house = *state;
	store_close(house->store);
	g_autoptr(GDir) files = g_dir_open(house->directory, 0, NULL);
	const char *name;
	while ((name = g_dir_read_name(files)) != NULL) {
		g_autofree char *file = g_build_filename(house->directory, name, NULL);
		g_unlink(file);
	}
	g_rmdir(house->directory);
	settings_free(house->settings);
	g_free(house->directory);
	g_free(house->database);
	g_free(house);
	return 0;
}

static gint64
add_mail(House *house, guint number, gint64 at)
{
	gint64 id = 0;
	g_autofree char *sha256 = g_strdup_printf("%064x", number);
	char mailbox[] = "a", folder[] = "INBOX", from[] = "anna@example.it",
	     json[] = "{}";
	JournalMail mail = { .place = { mailbox, folder, 7, number },
		.sha256 = sha256,
		.from_address = from,
		.seen_at = at,
		.outcome = JOURNAL_NO_REPLY,
		.case_json = json };
	assert_true(store_begin(house->store, NULL));
	assert_true(journal_add(house->store, &mail, &id, NULL));
	assert_true(store_commit(house->store, NULL));
	return id;
}

static gboolean
is_erased(House *house, gint64 id)
{
	g_autoptr(JournalMail) mail = journal_get(house->store, id, NULL);
	assert_non_null(mail);
	return mail->from_address == NULL;
}

static void
test_old_mails_go(void **state)
{
	House *house = *state;
	Housekeeping housekeeping = { 0 };
	gint64 now = clock_now(), old = 0;
	for (guint i = 1; i <= 120; i++)
		old = add_mail(house, i, now - 366 * G_TIME_SPAN_DAY);
	gint64 young = add_mail(house, 1000, now - 364 * G_TIME_SPAN_DAY);
	house->settings->retention_days = 0;
	housekeeping_do(&housekeeping, &house->role, house->store);
	assert_false(is_erased(house, old));
	house->settings->retention_days = 365;
	housekeeping_do(&housekeeping, &house->role, house->store);
	assert_false(is_erased(house, old)); /* not due yet */
	housekeeping.erase_at = 0;
	housekeeping_do(&housekeeping, &house->role, house->store);
	assert_true(is_erased(house, old));
	assert_false(is_erased(house, young));
	assert_true(housekeeping.erase_at > clock_monotonic());
}

static void
write_burst(Store *store, guint number)
{
	g_autofree char *value = g_strnfill(BURST_BYTES, 'a' + (char)(number % 26));
	assert_true(store_begin(store, NULL));
	assert_true(note_set(store, "load", "burst", value, 1, NULL));
	assert_true(store_commit(store, NULL));
}

static void
must_run(sqlite3 *reader, const char *sql)
{
	if (sqlite3_exec(reader, sql, NULL, NULL, NULL) != SQLITE_OK)
		_exit(1);
}

/* One begins to read before the other ends, for ever: the log is always in use. */
static void
read_always(const char *database)
{
	sqlite3 *readers[2];
	for (guint i = 0; i < 2; i++)
		if (sqlite3_open(database, &readers[i]) != SQLITE_OK)
			_exit(1);
	must_run(readers[1], "BEGIN; SELECT count(*) FROM note");
	for (guint i = 0; getppid() != 1; i++) {
		must_run(readers[i % 2], "BEGIN; SELECT count(*) FROM note");
		poll(NULL, 0, READ_MS);
		must_run(readers[(i + 1) % 2], "COMMIT");
	}
	_exit(0);
}

/* The largest log under a load of writes beside the reader. */
static gint64
largest_log(House *house, gboolean kept)
{
	Housekeeping housekeeping = { .erase_at = G_MAXINT64 };
	gint64 largest = 0;
	for (guint i = 0; i < BURSTS; i++) {
		write_burst(house->store, i);
		largest = MAX(largest, store_log_bytes(house->store));
		housekeeping.log_at = 0;
		if (kept)
			housekeeping_do(&housekeeping, &house->role, house->store);
	}
	return largest;
}

static void
test_log_stays_bounded(void **state)
{
	House *house = *state;
	int status = 0;
	pid_t reader = fork();
	if (reader == 0)
		read_always(house->database);
	gint64 kept = largest_log(house, TRUE);
	gint64 unkept = largest_log(house, FALSE);
	assert_int_equal(waitpid(reader, &status, WNOHANG), 0);
	kill(reader, SIGKILL);
	waitpid(reader, &status, 0);
	print_message("largest log: %d MB, without housekeeping %d MB\n",
	        (int)(kept >> 20), (int)(unkept >> 20));
	assert_true(kept < LOG_BYTES_MOST + 4 * BURST_BYTES);
	assert_true(unkept > kept);
}

/* One that never ends is told once, and waited for. */
static void
test_reader_that_stays(void **state)
{
	House *house = *state;
	Housekeeping housekeeping = { .erase_at = G_MAXINT64 };
	sqlite3 *reader;
	write_burst(house->store, 0);
	assert_int_equal(sqlite3_open(house->database, &reader), SQLITE_OK);
	must_run(reader, "BEGIN; SELECT count(*) FROM note");
	for (guint i = 0; i < 20; i++)
		write_burst(house->store, i);
	housekeeping_do(&housekeeping, &house->role, house->store);
	assert_true(housekeeping.told);
	assert_true(store_log_bytes(house->store) > LOG_BYTES_MOST);
	must_run(reader, "COMMIT");
	housekeeping.log_at = 0;
	housekeeping_do(&housekeeping, &house->role, house->store);
	assert_false(housekeeping.told);
	assert_int_equal(store_log_bytes(house->store), 0);
	sqlite3_close(reader);
}

#define IN_HOUSE(test) cmocka_unit_test_setup_teardown(test, open_house, close_house)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_HOUSE(test_old_mails_go),
		IN_HOUSE(test_log_stays_bounded),
		IN_HOUSE(test_reader_that_stays),
	};
	return cmocka_run_group_tests_name("housekeeping", tests, NULL, NULL);
}
