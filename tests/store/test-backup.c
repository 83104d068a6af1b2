/*
 * Backups: whole though others write, private, never over another file; put back, they answer as
 * the store did; damage is seen by the inspection.
 */
#include "base/errors.h"
#include "state.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/backup.h"
#include "store/cursor.h"
#include "store/inspection.h"
#include "store/note.h"
#include "store/upkeep.h"

typedef struct {
	char *directory, *file, *other;
	Store *store;
} Office;

static int
open_office(void **state)
{
	Office *office = g_new0(Office, 1);
	office->directory = state_make();
	office->file = g_build_filename(office->directory, "it's a backup", NULL);
	office->other = g_build_filename(office->directory, "other", NULL);
	office->store = state_open(office->directory);
	*state = office;
	return 0;
}

static int
close_office(void **state)
{
	Office *office = *state;
	store_close(office->store);
	state_remove(office->directory);
	g_free(office->file);
	g_free(office->other);
	g_free(office);
	return 0;
}

static guint
count_problems(GPtrArray *lines)
{
	guint count = lines->len;
	for (guint i = 0; i < count; i++)
		print_message("%s\n", (char *)lines->pdata[i]);
	g_ptr_array_unref(lines);
	return count;
}

static guint
inspect_backup(const char *file)
{
	GPtrArray *lines;
	must(lines = inspection_of_backup(file, &error));
	return count_problems(lines);
}

static guint
inspect_store(Store *store)
{
	GPtrArray *lines;
	must(lines = inspection_of_store(store, &error));
	return count_problems(lines);
}

/* What is queued then may have gone out since. */
static void
test_there_and_back(void **state)
{
	Office *office = *state;
	Cursor cursor = { .uidvalidity = 7, .next_uid = 3, .answer_from = 1 };
	struct stat status;
	gint64 mail = state_add_mail(
	        office->store, 1, "spam-detected", "date", JOURNAL_PENDING);
	gint64 reply = state_add_effect(office->store, mail, EFFECT_REPLY, "mail");
	must_commit(office->store,
	        cursor_set(office->store, "assistenza", "INBOX", &cursor, &error));
	must(backup_write(office->store, office->file, &error));
	assert_int_equal(stat(office->file, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(
	        inspect_backup(office->file), 1); /* a reply without Message-ID */
	must_fail(backup_write(office->store, office->file, &error), ERROR_INPUT,
	        "is there already");
	must_fail(backup_restore(office->file, office->directory, &error), ERROR_INPUT,
	        "move it away");
	must(backup_restore(office->file, office->other, &error));
	g_autoptr(Store) other;
	must(other = store_open(office->other, STORE_EXISTING, &error));
	g_autofree char *one = signing_key_hide(store_secret(office->store), "a@b.it");
	g_autofree char *two = signing_key_hide(store_secret(other), "a@b.it");
	assert_string_equal(one, two);
	g_autoptr(JournalMail) found;
	must(found = journal_get(other, mail, &error));
	assert_int_equal(found->outcome, JOURNAL_HELD);
	g_autoptr(Effect) effect;
	must(effect = outbox_get(other, reply, &error));
	assert_int_equal(effect->state, EFFECT_UNKNOWN);
	CursorState known;
	must(cursor_get(other, "assistenza", "INBOX", 7, &cursor, &known, &error));
	assert_int_equal(known, CURSOR_KNOWN);
	assert_true(cursor.answer_from == CURSOR_UNSETTLED);
}

static void
test_not_a_backup(void **state)
{
	Office *office = *state;
	g_autofree char *live = g_build_filename(office->directory, "triaged.db", NULL);
	must_fail(backup_restore(live, office->other, &error), ERROR_INPUT,
	        "is no backup");
	assert_true(g_file_set_contents(office->file, "no database", -1, NULL));
	must_fail(backup_restore(office->file, office->other, &error), ERROR_STORE,
	        "no database");
	must_fail(backup_restore("/nowhere/at/all", office->other, &error), ERROR_STORE,
	        "/nowhere/at/all");
	must_fail(backup_write(office->store, "/nowhere/at/all", &error), ERROR_STORE,
	        "/nowhere/at/all");
	g_autofree char *place = g_build_filename(office->other, "triaged.db", NULL);
	assert_false(g_file_test(place, G_FILE_TEST_EXISTS));
}

/* Two rows in each transaction, until killed: a backup has both or neither. */
static void
write_pairs(const char *directory)
{
	Store *store = store_open(directory, STORE_CREATE, NULL);
	for (guint i = 1;; i++) {
		g_autofree char *value = g_strdup_printf("%u", i);
		if (store_begin(store, NULL) &&
		        note_set(store, "pair", "one", value, NOW, NULL) &&
		        note_set(store, "pair", "two", value, NOW, NULL))
			store_commit(store, NULL);
	}
}

#define BACKUPS 20

static void
test_under_load(void **state)
{
	Office *office = *state;
	gboolean changed = FALSE;
	g_autofree char *before = NULL;
	for (guint i = 0; i < 300; i++)
		state_add_mail(office->store, i + 1, "spam-detected", "", JOURNAL_HELD);
	pid_t writer = fork();
	if (writer == 0)
		write_pairs(office->directory);
	for (guint i = 0; i < BACKUPS || !changed; i++) {
		must(backup_write(office->store, office->file, &error));
		assert_int_equal(inspect_backup(office->file), 0);
		g_autofree char *place = g_strdup_printf("%s/%u", office->directory, i);
		must(backup_restore(office->file, place, &error));
		g_autoptr(Store) copy;
		must(copy = store_open(place, STORE_EXISTING, &error));
		g_autoptr(GPtrArray) notes = note_list(copy, "pair", NULL);
		assert_true(notes->len == 0 || notes->len == 2);
		if (notes->len == 2) {
			const Note *one = notes->pdata[0], *two = notes->pdata[1];
			assert_string_equal(one->value, two->value);
			changed = changed ||
			          (before != NULL && strcmp(before, one->value) != 0);
			g_free(before);
			before = g_strdup(one->value);
		}
		assert_int_equal(g_unlink(office->file), 0);
	}
	kill(writer, SIGKILL);
	waitpid(writer, NULL, 0);
	assert_int_equal(inspect_store(office->store), 0);
}

static const struct damage {
	const char *name, *sql;
} damages[] = {
	{ "a lost place", "DELETE FROM place" },
	{ "a lost mail", "PRAGMA foreign_keys = OFF; DELETE FROM mail" },
	{ "a count", "UPDATE mail_count SET mails = 7" },
	{ "a state", "UPDATE outbox SET state = 'elsewhere'" },
	{ "a finding", "UPDATE finding SET case_json = '{'" },
	{ "a lost reply", "UPDATE mail SET outcome = 'pending'" },
};

static void
test_damage(void **state)
{
	Office *office = *state;
	for (gsize i = 0; i < G_N_ELEMENTS(damages); i++) {
		g_autofree char *place = g_strdup_printf(
		        "%s/damage-%d/triaged.db", office->directory, (int)i);
		g_autofree char *directory = g_path_get_dirname(place);
		g_autoptr(Store) store;
		sqlite3 *database;
		must(store = store_open(directory, STORE_CREATE, &error));
		gint64 mail =
		        state_add_mail(store, 1, "spam-detected", "", JOURNAL_HELD);
		state_add_effect(store, mail, EFFECT_TAG, "+triage-x");
		assert_int_equal(inspect_store(store), 0);
		assert_int_equal(sqlite3_open(place, &database), SQLITE_OK);
		assert_int_equal(
		        sqlite3_exec(database, damages[i].sql, NULL, NULL, NULL),
		        SQLITE_OK);
		sqlite3_close(database);
		if (inspect_store(store) == 0)
			fail_msg("%s", damages[i].name);
	}
}

/* A file of random places overwritten: said as problems, not by an error. */
static void
test_damaged_page(void **state)
{
	Office *office = *state;
	g_autofree char *bytes = NULL;
	gsize length;
	for (guint i = 0; i < 100; i++)
		state_add_mail(office->store, i + 1, "spam-detected", "", JOURNAL_HELD);
	must(backup_write(office->store, office->file, &error));
	assert_true(g_file_get_contents(office->file, &bytes, &length, NULL));
	memset(bytes + length / 2, 0x5a, 4096);
	assert_true(g_file_set_contents(office->file, bytes, (gssize)length, NULL));
	assert_true(inspect_backup(office->file) > 0);
}

#define IN_OFFICE(test) cmocka_unit_test_setup_teardown(test, open_office, close_office)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_OFFICE(test_there_and_back),
		IN_OFFICE(test_not_a_backup),
		IN_OFFICE(test_under_load),
		IN_OFFICE(test_damage),
		IN_OFFICE(test_damaged_page),
	};
	return cmocka_run_group_tests_name("backup", tests, NULL, NULL);
}
