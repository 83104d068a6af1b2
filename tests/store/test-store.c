/* A state directory is made, found again, and shared by several processes. */
#include "config.h"

#include "base/errors.h"
#include "state.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define DATABASE "triaged.db"

static void
test_makes_what_is_missing_for_nobody_else(void **state)
{
	g_autofree char *directory = g_build_filename(*state, "deep", "state", NULL);
	static const char *const files[] = { DATABASE, DATABASE "-wal", DATABASE "-shm",
		"secret" };
	struct stat status;
	umask(0);
	g_autoptr(Store) store = state_open(directory);
	umask(022);
	state_add_mail(store, 1, "unknown", "", JOURNAL_PENDING);
	assert_int_equal(stat(directory, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *file = g_build_filename(directory, files[i], NULL);
		assert_int_equal(stat(file, &status), 0);
		assert_int_equal(status.st_mode & 07777, 0600);
	}
	assert_string_equal(store_directory(store), directory);
}

static void
test_survives_closing(void **state)
{
	Store *first = state_open(*state);
	gint64 id = state_add_mail(first, 1, "unknown", "", JOURNAL_PENDING);
	g_autofree char *token = signing_key_make_token(store_secret(first), 1, 0);
	store_close(first);
	g_autoptr(Store) second = state_open(*state);
	g_autoptr(JournalMail) mail = journal_get(second, id, NULL);
	assert_string_equal(mail->class, "unknown");
	g_autofree char *same = signing_key_make_token(store_secret(second), 1, 0);
	assert_string_equal(token, same);
}

static void
test_open_directory_is_refused(void **state)
{
	static const mode_t modes[] = { 0750, 0701, 0777, 0740 };
	for (gsize i = 0; i < G_N_ELEMENTS(modes); i++) {
		assert_int_equal(chmod(*state, modes[i]), 0);
		must_fail(store_open(*state, STORE_CREATE, &error), ERROR_CONFIG,
		        "chmod 700");
	}
}

static void
test_state_must_be_a_directory(void **state)
{
	g_autofree char *file = g_build_filename(*state, "file", NULL);
	assert_true(g_file_set_contents(file, "x", 1, NULL));
	must_fail(store_open(file, STORE_EXISTING, &error), ERROR_CONFIG,
	        "is not a directory");
}

static void
test_tools_do_not_make_a_store(void **state)
{
	g_autofree char *none = g_build_filename(*state, "none", NULL);
	must_fail(store_open(*state, STORE_EXISTING, &error), ERROR_STORE,
	        "has triaged run");
	must_fail(store_open(none, STORE_EXISTING, &error), ERROR_STORE, "none");
	assert_false(g_file_test(none, G_FILE_TEST_EXISTS));
}

/* Holds a write transaction until the pipe is closed. */
static pid_t
hold_transaction(const char *directory, int *hold)
{
	int ready[2], release[2];
	char byte;
	assert_true(pipe(ready) == 0 && pipe(release) == 0);
	pid_t child = fork();
	if (child == 0) {
		close(release[1]);
		Store *store = store_open(directory, STORE_CREATE, NULL);
		if (store == NULL || !store_begin(store, NULL) ||
		        write(ready[1], "x", 1) != 1)
			_exit(1);
		_exit(read(release[0], &byte, 1) < 0);
	}
	close(release[0]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	*hold = release[1];
	return child;
}

/* A writer that dies in the middle leaves nothing behind, neither lock nor row. */
static void
test_locked_by_another_process(void **state)
{
	int hold, status;
	g_autoptr(Store) store = state_open(*state);
	pid_t child = hold_transaction(*state, &hold);
	gint64 found;
	must(journal_find_sha256(store, "x", &found, &error)); /* readers do not wait */
	must_fail(store_begin(store, &error), ERROR_TEMPORARY,
	        "is locked by another process");
	close(hold);
	assert_true(waitpid(child, &status, 0) == child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	must(store_begin(store, &error));
	must(store_commit(store, &error));
}

#define WRITERS 4
#define WRITES 25

static int
write_many(const char *directory, guint writer)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Store) store = store_open(directory, STORE_CREATE, &error);
	if (store == NULL) {
		fprintf(stderr, "%s\n", error->message);
		return 2;
	}
	for (guint i = 0; i < WRITES; i++)
		state_add_mail(
		        store, writer * WRITES + i, "unknown", "", JOURNAL_PENDING);
	return 0;
}

/* They also race for making and migrating the file. */
static void
test_several_processes_at_once(void **state)
{
	pid_t children[WRITERS];
	int status;
	for (guint i = 0; i < WRITERS; i++) {
		if ((children[i] = fork()) == 0)
			_exit(write_many(*state, i));
	}
	for (guint i = 0; i < WRITERS; i++) {
		assert_true(waitpid(children[i], &status, 0) == children[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	g_autoptr(Store) store = state_open(*state);
	g_autoptr(GPtrArray) counts = journal_counts(store, 0, NULL);
	assert_int_equal(counts->len, 1);
	assert_int_equal(((JournalCount *)counts->pdata[0])->count, WRITERS * WRITES);
}

static int
check_lease_taken(const char *directory)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Store) store = store_open(directory, STORE_CREATE, NULL);
	if (store == NULL || !store_lease(store, "watcher/altra", NULL))
		return 2;
	g_autofree char *pid = g_strdup_printf("(%d)", (int)getppid());
	gboolean leased = store_lease(store, "watcher/../assistenza", &error);
	return state_says(leased, error, ERROR_TEMPORARY, pid);
}

static int
check_lease_free(const char *directory)
{
	g_autoptr(Store) store = store_open(directory, STORE_CREATE, NULL);
	return store == NULL || !store_lease(store, "watcher/../assistenza", NULL);
}

static void
test_lease_is_for_one_process(void **state)
{
	Store *store = state_open(*state);
	must(store_lease(store, "watcher/../assistenza", &error));
	state_in_child(check_lease_taken, *state);
	store_close(store);
	state_in_child(check_lease_free, *state);
}

static void
test_changes_of_others_are_noticed(void **state)
{
	g_autoptr(Store) reader = state_open(*state);
	g_autoptr(Store) writer = state_open(*state);
	store_has_changed(reader);
	assert_false(store_has_changed(reader));
	state_add_mail(writer, 1, "unknown", "", JOURNAL_PENDING);
	assert_true(store_has_changed(reader));
	assert_false(store_has_changed(reader));
	state_add_mail(reader, 2, "unknown", "", JOURNAL_PENDING);
	assert_false(store_has_changed(reader));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DIRECTORY(test_makes_what_is_missing_for_nobody_else),
		WITH_DIRECTORY(test_survives_closing),
		WITH_DIRECTORY(test_open_directory_is_refused),
		WITH_DIRECTORY(test_state_must_be_a_directory),
		WITH_DIRECTORY(test_tools_do_not_make_a_store),
		WITH_DIRECTORY(test_locked_by_another_process),
		WITH_DIRECTORY(test_several_processes_at_once),
		WITH_DIRECTORY(test_lease_is_for_one_process),
		WITH_DIRECTORY(test_changes_of_others_are_noticed),
	};
	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
