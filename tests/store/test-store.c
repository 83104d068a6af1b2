#include "config.h"

#include "base/errors.h"
#include "state.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534
#define DATABASE "triaged.db"

static int
make_state(void **state)
{
	*state = state_make();
	return 0;
}

static int
remove_state(void **state)
{
	state_remove(*state);
	return 0;
}

static Store *
open_new(const char *directory)
{
	Store *store;
	must(store = store_open(directory, STORE_CREATE, &error));
	return store;
}

static char *
database_file(const char *directory)
{
	return g_build_filename(directory, DATABASE, NULL);
}

/* Run check in a process of its own; it says 0 when all is right. */
static void
in_child(int (*check)(const char *directory), const char *directory)
{
	int status;
	pid_t child = fork();
	if (child == 0)
		_exit(check(directory));
	assert_true(waitpid(child, &status, 0) == child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int
says(gboolean done, const GError *error, int code, const char *words)
{
	if (!done && error != NULL && error->code == code &&
	        strstr(error->message, words) != NULL)
		return 0;
	fprintf(stderr, "wanted '%s', got %s\n", words,
	        error != NULL ? error->message : "no error");
	return 1;
}

static void
test_makes_what_is_missing_for_nobody_else(void **state)
{
	g_autofree char *directory = g_build_filename(*state, "deep", "state", NULL);
	static const char *const files[] = { DATABASE, DATABASE "-wal", DATABASE "-shm",
		"secret" };
	struct stat status;
	umask(0);
	g_autoptr(Store) store = open_new(directory);
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
	Store *first = open_new(*state);
	gint64 id = state_add_mail(first, 1, "unknown", "", JOURNAL_PENDING);
	g_autofree char *token = signing_key_make_token(store_secret(first), 1, 0);
	store_close(first);
	g_autoptr(Store) second = open_new(*state);
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

static void
overwrite(const char *file, off_t offset, const char *bytes, gsize length)
{
	int fd = open(file, O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, length, offset), length);
	close(fd);
}

static void
filled_store(const char *directory)
{
	Store *store = open_new(directory);
	for (guint i = 1; i <= 50; i++)
		state_add_mail(store, i, "unknown", "", JOURNAL_PENDING);
	store_close(store);
}

static void
test_newer_version_is_refused(void **state)
{
	g_autofree char *file = database_file(*state);
	filled_store(*state);
	overwrite(file, 60, "\0\0\0\x63", 4); /* user_version in the header */
	must_fail(store_open(*state, STORE_CREATE, &error), ERROR_STORE,
	        "has version 99, this program knows up to");
}

static void
test_older_version_is_for_the_service(void **state)
{
	g_autofree char *file = database_file(*state);
	Store *store = open_new(*state);
	store_close(store);
	g_unlink(file);
	assert_true(g_file_set_contents(file, "", 0, NULL));
	must_fail(store_open(*state, STORE_EXISTING, &error), ERROR_STORE,
	        "restart triaged");
	store = open_new(*state);
	state_add_mail(store, 1, "unknown", "", JOURNAL_PENDING);
	store_close(store);
}

static void
test_foreign_database_is_refused(void **state)
{
	g_autofree char *file = database_file(*state);
	filled_store(*state);
	overwrite(file, 68, "ABCD", 4); /* application_id */
	must_fail(store_open(*state, STORE_CREATE, &error), ERROR_STORE,
	        "another program");
}

static void
test_no_database_at_all(void **state)
{
	g_autofree char *file = database_file(*state);
	g_autofree char *junk = g_strnfill(8192, 'x');
	filled_store(*state);
	assert_true(g_file_set_contents(file, junk, 8192, NULL));
	must_fail(store_open(*state, STORE_CREATE, &error), ERROR_STORE, "is damaged");
	must_fail(
	        store_open(*state, STORE_EXISTING, &error), ERROR_STORE, "is damaged");
}

static void
test_truncated(void **state)
{
	g_autofree char *file = database_file(*state);
	filled_store(*state);
	assert_int_equal(truncate(file, 8192), 0);
	must_fail(store_open(*state, STORE_CREATE, &error), ERROR_STORE, "is damaged");
}

static gboolean
ignore(const JournalMail *mail, gpointer data)
{
	(void)mail, (void)data;
	return TRUE;
}

static void
test_damaged_pages_are_noticed_when_read(void **state)
{
	g_autofree char *file = database_file(*state);
	struct stat status;
	filled_store(*state);
	assert_int_equal(stat(file, &status), 0);
	g_autofree char *junk = g_strnfill(4096, '\xff');
	for (off_t page = 4096; page < status.st_size; page += 4096)
		overwrite(file, page, junk, 4096);
	g_autoptr(GError) error = NULL;
	JournalFilter all = { 0 };
	g_autoptr(Store) store = store_open(*state, STORE_CREATE, &error);
	gboolean read =
	        store != NULL && journal_each(store, &all, ignore, NULL, &error);
	assert_int_equal(says(read, error, ERROR_STORE, "is damaged"), 0);
}

static void
test_damaged_secret(void **state)
{
	g_autofree char *file = g_build_filename(*state, "secret", NULL);
	filled_store(*state);
	assert_int_equal(chmod(file, 0640), 0);
	must_fail(store_open(*state, STORE_CREATE, &error), ERROR_STORE, "chmod 600");
	assert_int_equal(chmod(file, 0600), 0);
	assert_int_equal(truncate(file, 31), 0);
	must_fail(store_open(*state, STORE_CREATE, &error), ERROR_STORE, "is damaged");
	g_unlink(file);
	must_fail(store_open(*state, STORE_EXISTING, &error), ERROR_STORE,
	        "is not there");
	g_autoptr(Store) store = open_new(*state);
}

/* As another user than root, whom no mode stops. */
static int
check_read_only_file(const char *directory)
{
	g_autoptr(GError) error = NULL;
	if (geteuid() == 0 && setuid(NOBODY) < 0)
		return 2;
	g_autoptr(Store) store = store_open(directory, STORE_EXISTING, &error);
	return says(store != NULL, error, ERROR_STORE, "read-only");
}

static int
check_read_only_directory(const char *directory)
{
	g_autoptr(GError) error = NULL;
	if (geteuid() == 0 && setuid(NOBODY) < 0)
		return 2;
	g_autoptr(Store) store = store_open(directory, STORE_CREATE, &error);
	return says(store != NULL, error, ERROR_STORE, "is not writable");
}

static void
give_to_nobody(const char *directory)
{
	static const char *const files[] = { "", DATABASE, "secret", "opening.lock" };
	for (gsize i = 0; geteuid() == 0 && i < G_N_ELEMENTS(files); i++) {
		g_autofree char *file = g_build_filename(directory, files[i], NULL);
		assert_int_equal(chown(file, NOBODY, NOBODY), 0);
	}
}

static void
test_read_only(void **state)
{
	g_autofree char *file = database_file(*state);
	g_autofree char *lock = g_build_filename(*state, "opening.lock", NULL);
	filled_store(*state);
	give_to_nobody(*state);
	assert_int_equal(chmod(file, 0400), 0);
	in_child(check_read_only_file, *state);
	assert_int_equal(g_unlink(lock), 0);
	assert_int_equal(chmod(*state, 0500), 0);
	in_child(check_read_only_directory, *state);
	assert_int_equal(chmod(*state, 0700), 0);
}

static int
check_other_owner(const char *directory)
{
	g_autoptr(GError) error = NULL;
	if (setuid(NOBODY) < 0)
		return 2;
	g_autoptr(Store) store = store_open(directory, STORE_CREATE, &error);
	return says(store != NULL, error, ERROR_CONFIG, "another user");
}

static void
test_directory_of_another_user(void **state)
{
	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(*state, 12345, 12345), 0);
	in_child(check_other_owner, *state);
}

/* Writes until it fails; says how, and that all committed before is there. */
static int
check_disk_full(Store *store, const char *words)
{
	g_autofree char *subject = g_strnfill(100 * 1024, 'x');
	for (guint i = 1; i < 1000; i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *sha256 = g_strdup_printf("%064x", i);
		gint64 id;
		JournalMail mail = { .place = { S("a"), S("INBOX"), 7, i },
			.sha256 = sha256,
			.subject = subject };
		if (store_begin(store, &error) &&
		        journal_add(store, &mail, &id, &error) &&
		        store_commit(store, &error))
			continue;
		store_rollback(store);
		gint64 found;
		if (says(FALSE, error, ERROR_TEMPORARY, words) != 0 || i < 2)
			return 3;
		g_snprintf(sha256, 65, "%064x", i - 1);
		return journal_find_sha256(store, sha256, &found, NULL) && found != 0
		               ? 0
		               : 4;
	}
	return 5;
}

static int
check_file_size_limit(const char *directory)
{
	struct rlimit limit = { 1024 * 1024, RLIM_INFINITY };
	g_autoptr(Store) store = store_open(directory, STORE_CREATE, NULL);
	if (store == NULL)
		return 2;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	int result = check_disk_full(store, "space and the quota");
	limit.rlim_cur = RLIM_INFINITY;
	setrlimit(RLIMIT_FSIZE, &limit);
	if (result == 0)
		state_add_mail(store, 5000, "unknown", "", JOURNAL_PENDING);
	return result;
}

/* With room again, the same handle goes on. */
static void
test_disk_full(void **state)
{
	in_child(check_file_size_limit, *state);
}

static int
check_small_disk(const char *directory)
{
	if (unshare(CLONE_NEWNS) < 0 ||
	        mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	        mount("none", directory, "tmpfs", 0, "size=2m,mode=0700") < 0)
		return 0; /* not allowed here */
	g_autoptr(Store) store = store_open(directory, STORE_CREATE, NULL);
	return store != NULL ? check_disk_full(store, "disk is full") : 2;
}

static void
test_disk_really_full(void **state)
{
	in_child(check_small_disk, *state);
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
	g_autoptr(Store) store = open_new(*state);
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
	g_autoptr(Store) store = open_new(*state);
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
	return says(leased, error, ERROR_TEMPORARY, pid);
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
	Store *store = open_new(*state);
	must(store_lease(store, "watcher/../assistenza", &error));
	in_child(check_lease_taken, *state);
	store_close(store);
	in_child(check_lease_free, *state);
}

static void
test_changes_of_others_are_noticed(void **state)
{
	g_autoptr(Store) reader = open_new(*state);
	g_autoptr(Store) writer = open_new(*state);
	store_has_changed(reader);
	assert_false(store_has_changed(reader));
	state_add_mail(writer, 1, "unknown", "", JOURNAL_PENDING);
	assert_true(store_has_changed(reader));
	assert_false(store_has_changed(reader));
	state_add_mail(reader, 2, "unknown", "", JOURNAL_PENDING);
	assert_false(store_has_changed(reader));
}

#define WITH_STATE(test) cmocka_unit_test_setup_teardown(test, make_state, remove_state)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STATE(test_makes_what_is_missing_for_nobody_else),
		WITH_STATE(test_survives_closing),
		WITH_STATE(test_open_directory_is_refused),
		WITH_STATE(test_state_must_be_a_directory),
		WITH_STATE(test_tools_do_not_make_a_store),
		WITH_STATE(test_newer_version_is_refused),
		WITH_STATE(test_older_version_is_for_the_service),
		WITH_STATE(test_foreign_database_is_refused),
		WITH_STATE(test_no_database_at_all),
		WITH_STATE(test_truncated),
		WITH_STATE(test_damaged_pages_are_noticed_when_read),
		WITH_STATE(test_damaged_secret),
		WITH_STATE(test_read_only),
		WITH_STATE(test_directory_of_another_user),
		WITH_STATE(test_disk_full),
		WITH_STATE(test_disk_really_full),
		WITH_STATE(test_locked_by_another_process),
		WITH_STATE(test_several_processes_at_once),
		WITH_STATE(test_lease_is_for_one_process),
		WITH_STATE(test_changes_of_others_are_noticed),
	};
	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
