#include "store/store.h"
#include "base/errors.h"
#include "store/database.h"
#include "store/tally.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define DATABASE_FILE "triaged.db"
#define OPENING_FILE "opening.lock"
#define LEASE_PREFIX "lease-"

struct Store {
	char *directory; /* NULL in memory */
	Database *database;
	SigningKey *secret;
	TallyPad *tallies; /* counted in this transaction */
	GArray *leases; /* of int: descriptors that hold a lock */
};

static void
close_descriptor(gpointer element)
{
	close(*(int *)element);
}

static Store *
store_new(const char *directory)
{
	Store *store = g_new0(Store, 1);
	store->directory = g_strdup(directory);
	store->tallies = tally_pad_new();
	store->leases = g_array_new(FALSE, FALSE, sizeof(int));
	g_array_set_clear_func(store->leases, close_descriptor);
	return store;
}

static gboolean
directory_set_error(const char *directory, const char *what, GError **error)
{
	int reason = errno;
	g_autofree char *words =
	        g_strdup_printf("state directory '%s' %s", directory, what);
	error_set_disk(error, reason, words);
	return FALSE;
}

/* Everything a customer ever wrote stands here, and the secret: nobody else may look. */
static gboolean
directory_check(const char *directory, gboolean create, GError **error)
{
	struct stat status;
	if (create && g_mkdir_with_parents(directory, 0700) < 0)
		return directory_set_error(directory, "cannot be made", error);
	if (stat(directory, &status) < 0)
		return directory_set_error(directory, "cannot be used", error);
	if (!S_ISDIR(status.st_mode)) {
		g_set_error(error, TRIAGED_ERROR, ERROR_CONFIG,
		        "state directory '%s' is not a directory", directory);
		return FALSE;
	}
	if ((status.st_mode & 077) != 0) {
		g_set_error(error, TRIAGED_ERROR, ERROR_CONFIG,
		        "state directory '%s' is open to others (mode %04o): chmod 700 "
		        "it",
		        directory, (unsigned)status.st_mode & 07777);
		return FALSE;
	}
	if (status.st_uid != geteuid() && geteuid() != 0) {
		g_set_error(error, TRIAGED_ERROR, ERROR_CONFIG,
		        "state directory '%s' belongs to another user", directory);
		return FALSE;
	}
	return TRUE;
}

/* Two processes that start together must not both switch the new file to WAL and migrate
 * it: SQLite's own waiting does not cover that. -1 on failure. */
static int
opening_lock(const char *directory, GError **error)
{
	g_autofree char *file = g_build_filename(directory, OPENING_FILE, NULL);
	int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		directory_set_error(directory, "is not writable", error);
		return -1;
	}
	while (flock(fd, LOCK_EX) < 0 && errno == EINTR)
		;
	return fd;
}

/* Leases are only taken of a store that was whole. */
static gboolean
directory_was_used(const char *directory)
{
	g_autoptr(GDir) files = g_dir_open(directory, 0, NULL);
	const char *name;
	while (files != NULL && (name = g_dir_read_name(files)) != NULL)
		if (g_str_has_prefix(name, LEASE_PREFIX))
			return TRUE;
	return FALSE;
}

/* SQLite takes a file that was cut to nothing for a new one: every mail would be new then,
 * and be answered once more. */
static gboolean
check_not_emptied(const char *directory, const char *file, GError **error)
{
	struct stat status;
	gboolean there = stat(file, &status) == 0;
	if ((there && status.st_size > 0) || !directory_was_used(directory))
		return TRUE;
	g_set_error(error, TRIAGED_ERROR, ERROR_STORE,
	        "store '%s' is %s, though it was in use: restore it from a backup, or "
	        "empty '%s' to begin anew",
	        file, there ? "empty" : "gone", directory);
	return FALSE;
}

static gboolean
store_open_files(Store *store, StoreMode mode, GError **error)
{
	gboolean create = mode == STORE_CREATE;
	g_autofree char *file = g_build_filename(store->directory, DATABASE_FILE, NULL);
	if (!create && !g_file_test(file, G_FILE_TEST_EXISTS)) {
		g_set_error(error, TRIAGED_ERROR, ERROR_STORE,
		        "there is no store '%s': has triaged run with these settings?",
		        file);
		return FALSE;
	}
	if (!check_not_emptied(store->directory, file, error))
		return FALSE;
	if (mode != STORE_READING)
		store->secret = signing_key_load(store->directory, create, error);
	if (mode != STORE_READING && store->secret == NULL)
		return FALSE;
	store->database = database_open(file, create, error);
	return store->database != NULL;
}

Store *
store_open(const char *state, StoreMode mode, GError **error)
{
	gboolean create = mode == STORE_CREATE;
	if (!directory_check(state, create, error))
		return NULL;
	g_autoptr(Store) store = store_new(state);
	int lock = -1;
	if (create && (lock = opening_lock(state, error)) < 0)
		return NULL;
	gboolean opened = store_open_files(store, mode, error);
	if (lock >= 0)
		close(lock);
	return opened ? g_steal_pointer(&store) : NULL;
}

Store *
store_open_memory(GError **error)
{
	g_autoptr(Store) store = store_new(NULL);
	store->secret = signing_key_new_random();
	store->database = database_open(NULL, TRUE, error);
	return store->database != NULL ? g_steal_pointer(&store) : NULL;
}

void
store_close(Store *store)
{
	if (store == NULL)
		return;
	database_close(store->database);
	signing_key_free(store->secret);
	tally_pad_free(store->tallies);
	g_array_unref(store->leases);
	g_free(store->directory);
	g_free(store);
}

gboolean
store_begin(Store *store, GError **error)
{
	return database_begin(store->database, error);
}

gboolean
store_commit(Store *store, GError **error)
{
	if (tally_pad_write(store->tallies, store, error))
		return database_commit(store->database, error);
	store_rollback(store);
	return FALSE;
}

void
store_rollback(Store *store)
{
	tally_pad_clear(store->tallies);
	database_rollback(store->database);
}

static char *
lease_file(const Store *store, const char *job)
{
	g_autofree char *escaped = g_uri_escape_string(job, NULL, FALSE);
	g_autofree char *name = g_strconcat(LEASE_PREFIX, escaped, NULL);
	return g_build_filename(store->directory, name, NULL);
}

gboolean
store_lease_is_held(const Store *store, const char *job)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	if (store->directory == NULL)
		return FALSE;
	g_autofree char *file = lease_file(store, job);
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return FALSE;
	gboolean held = fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
	close(fd);
	return held;
}

static gboolean
lease_set_error(int fd, const char *job, GError **error)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int reason = errno;
	pid_t holder = 0;
	if (fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
		holder = lock.l_pid;
	if (reason == EACCES || reason == EAGAIN)
		g_set_error(error, TRIAGED_ERROR, ERROR_TEMPORARY,
		        "another process (%d) is already the %s of this state "
		        "directory",
		        (int)holder, job);
	else
		g_set_error(error, TRIAGED_ERROR, ERROR_STORE, "lease '%s': %s", job,
		        g_strerror(reason));
	return FALSE;
}

/* POSIX locks, as they go with the process and are not inherited: an analyst that outlives
 * its watcher must not keep the watcher's lease. */
gboolean
store_lease(Store *store, const char *job, GError **error)
{
	if (store->directory == NULL)
		return TRUE;
	g_autofree char *file = lease_file(store, job);
	int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return directory_set_error(store->directory, "is not writable", error);
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	if (fcntl(fd, F_SETLK, &lock) < 0) {
		lease_set_error(fd, job, error);
		close(fd);
		return FALSE;
	}
	g_array_append_val(store->leases, fd);
	return TRUE;
}

gboolean
store_has_changed(Store *store)
{
	return database_has_changed(store->database);
}

const SigningKey *
store_secret(const Store *store)
{
	return store->secret;
}

const char *
store_directory(const Store *store)
{
	return store->directory;
}

TallyPad *
store_tallies(Store *store)
{
	return store->tallies;
}

Database *
store_database(Store *store)
{
	return store->database;
}
