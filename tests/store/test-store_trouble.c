/* A store that cannot be used: of another version, damaged, not ours, on a disk that is full. */
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

static char *
database_file(const char *directory)
{
	return g_build_filename(directory, DATABASE, NULL);
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
	Store *store = state_open(directory);
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
	Store *store = state_open(*state);
	store_close(store);
	g_unlink(file);
	assert_true(g_file_set_contents(file, "", 0, NULL));
	must_fail(store_open(*state, STORE_EXISTING, &error), ERROR_STORE,
	        "restart triaged");
	store = state_open(*state);
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
	assert_int_equal(state_says(read, error, ERROR_STORE, "is damaged"), 0);
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
	g_autoptr(Store) store = state_open(*state);
}

/* As another user than root, whom no mode stops. */
static int
check_read_only_file(const char *directory)
{
	g_autoptr(GError) error = NULL;
	if (geteuid() == 0 && setuid(NOBODY) < 0)
		return 2;
	g_autoptr(Store) store = store_open(directory, STORE_EXISTING, &error);
	return state_says(store != NULL, error, ERROR_STORE, "read-only");
}

static int
check_read_only_directory(const char *directory)
{
	g_autoptr(GError) error = NULL;
	if (geteuid() == 0 && setuid(NOBODY) < 0)
		return 2;
	g_autoptr(Store) store = store_open(directory, STORE_CREATE, &error);
	return state_says(store != NULL, error, ERROR_STORE, "is not writable");
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
	state_in_child(check_read_only_file, *state);
	assert_int_equal(g_unlink(lock), 0);
	assert_int_equal(chmod(*state, 0500), 0);
	state_in_child(check_read_only_directory, *state);
	assert_int_equal(chmod(*state, 0700), 0);
}

static int
check_other_owner(const char *directory)
{
	g_autoptr(GError) error = NULL;
	if (setuid(NOBODY) < 0)
		return 2;
	g_autoptr(Store) store = store_open(directory, STORE_CREATE, &error);
	return state_says(store != NULL, error, ERROR_CONFIG, "another user");
}

static void
test_directory_of_another_user(void **state)
{
	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(*state, 12345, 12345), 0);
	state_in_child(check_other_owner, *state);
}

/* Writes until it fails; says how, and that all committed before is there. */
static int
check_disk_full(Store *store, const char *words)
{
	g_autofree char *subject = g_strnfill(100 * 1024, 'x');
	for (guint i = 1; i < 1000; i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *sha256 = state_sha256(i);
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
		if (state_says(FALSE, error, ERROR_TEMPORARY, words) != 0 || i < 2)
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
	state_in_child(check_file_size_limit, *state);
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
	state_in_child(check_small_disk, *state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DIRECTORY(test_newer_version_is_refused),
		WITH_DIRECTORY(test_older_version_is_for_the_service),
		WITH_DIRECTORY(test_foreign_database_is_refused),
		WITH_DIRECTORY(test_no_database_at_all),
		WITH_DIRECTORY(test_truncated),
		WITH_DIRECTORY(test_damaged_pages_are_noticed_when_read),
		WITH_DIRECTORY(test_damaged_secret),
		WITH_DIRECTORY(test_read_only),
		WITH_DIRECTORY(test_directory_of_another_user),
		WITH_DIRECTORY(test_disk_full),
		WITH_DIRECTORY(test_disk_really_full),
	};
	return cmocka_run_group_tests_name("store_trouble", tests, NULL, NULL);
}
