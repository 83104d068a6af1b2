#define _GNU_SOURCE /* renameat2 */
#include "store/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errors.h"
#include "store/cursor.h"
#include "store/database.h"

#define PARTIAL ".partial"
#define DATABASE_FILE "triaged.db"
#define SECRET_FILE "secret"

#define UNDER_WAY "kind = 'reply' AND state IN ('queued', 'claimed', 'attempted')"

static const char CARRY[] = "CREATE TABLE carried (secret BLOB NOT NULL) STRICT";
static const char ADD_SECRET[] = "INSERT INTO carried VALUES (?1)";
static const char READ_SECRET[] = "SELECT secret FROM carried";
static const char HAS_SECRET[] =
        "SELECT count(*) FROM sqlite_schema WHERE name = 'carried'";
/* What happened since the backup is not known here: nothing that may have been answered since is
 * answered by itself. */
static const char UNLOAD[] =
        "DROP TABLE carried;"
        "UPDATE cursor SET answer_from = " G_STRINGIFY(
                CURSOR_UNSETTLED) ";"
                                  "UPDATE mail SET outcome = 'held', reason = 'the "
                                  "reply''s fate is unknown'"
                                  " WHERE id IN (SELECT mail_id FROM outbox "
                                  "WHERE " UNDER_WAY ");"
                                  "UPDATE outbox SET state = 'unknown',"
                                  " words = 'restored from a backup: it may have gone "
                                  "out since'"
                                  " WHERE " UNDER_WAY;

static gboolean
set_error(const char *what, const char *file, int reason, GError **error)
{
	g_autofree char *words = g_strdup_printf("%s '%s'", what, file);
	error_set_disk(error, reason, words);
	return FALSE;
}

static gboolean
sync_path(const char *path, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	gboolean synced = fd >= 0 && fsync(fd) == 0;
	int reason = errno;
	if (fd >= 0)
		close(fd);
	return synced || set_error("backup", path, reason, error);
}

/* On disk under its name, which nobody else's file loses. */
static gboolean
publish(const char *partial, const char *file, GError **error)
{
	g_autofree char *directory = g_path_get_dirname(file);
	if (!sync_path(partial, error))
		return FALSE;
	if (renameat2(AT_FDCWD, partial, AT_FDCWD, file, RENAME_NOREPLACE) != 0)
		return set_error("backup", file, errno, error);
	return sync_path(directory, error);
}

static gboolean
check_absent(const char *file, const char *words, GError **error)
{
	struct stat status;
	if (lstat(file, &status) != 0)
		return TRUE;
	g_set_error(error, TRIAGED_ERROR, ERROR_INPUT, "'%s' is there already: %s",
	        file, words);
	return FALSE;
}

/* VACUUM INTO takes an empty file, and leaves its mode. */
static gboolean
make_private(const char *file, GError **error)
{
	unlink(file);
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return set_error("backup", file, errno, error);
	close(fd);
	return TRUE;
}

/* A snapshot of one moment: who writes meanwhile is not held up. */
static gboolean
copy_database(Store *store, const char *file, GError **error)
{
	g_auto(GStrv) pieces = g_strsplit(file, "'", -1);
	g_autofree char *quoted = g_strjoinv("''", pieces);
	g_autofree char *sql = g_strdup_printf("VACUUM INTO '%s'", quoted);
	if (database_execute(store_database(store), sql, error))
		return TRUE;
	g_prefix_error(error, "backup '%s': ", file);
	return FALSE;
}

static gboolean
load_secret(Store *store, const char *file, GError **error)
{
	g_autofree char *place =
	        g_build_filename(store_directory(store), SECRET_FILE, NULL);
	g_autofree char *bytes = NULL;
	gsize length;
	g_autoptr(Database) database = NULL;
	if (!g_file_get_contents(place, &bytes, &length, NULL))
		return set_error("secret", place, EIO, error);
	g_autoptr(GBytes) secret = g_bytes_new_take(g_steal_pointer(&bytes), length);
	database = database_open(file, FALSE, error);
	return database != NULL && database_begin(database, error) &&
	       database_execute(database, CARRY, error) &&
	       database_run(database, ADD_SECRET, error, "b", secret) &&
	       database_commit(database, error);
}

gboolean
backup_write(Store *store, const char *file, GError **error)
{
	g_autofree char *partial = g_strconcat(file, PARTIAL, NULL);
	if (!check_absent(file, "a backup overwrites nothing", error) ||
	        !make_private(partial, error))
		return FALSE;
	if (copy_database(store, partial, error) &&
	        load_secret(store, partial, error) && publish(partial, file, error))
		return TRUE;
	unlink(partial);
	return FALSE;
}

/* The copy may be of an older version, and is migrated. */
static gboolean
unload_secret(const char *file, GBytes **secret, GError **error)
{
	gint64 carried = 0;
	g_autoptr(Database) database = database_open(file, TRUE, error);
	if (database == NULL ||
	        !database_ask(database, HAS_SECRET, &carried, error, ""))
		return FALSE;
	if (carried == 0) {
		g_set_error(
		        error, TRIAGED_ERROR, ERROR_INPUT, "'%s' is no backup", file);
		return FALSE;
	}
	g_autoptr(Statement) query = database_query(database, READ_SECRET, error, "");
	if (query == NULL || statement_step(query, error) != STEP_ROW)
		return FALSE;
	*secret = statement_bytes(query, 0);
	g_clear_pointer(&query, statement_done);
	return database_begin(database, error) &&
	       database_execute(database, UNLOAD, error) &&
	       database_commit(database, error);
}

static gboolean
write_secret(const char *state, GBytes *secret, GError **error)
{
	g_autofree char *place = g_build_filename(state, SECRET_FILE, NULL);
	gsize length;
	const char *bytes = g_bytes_get_data(secret, &length);
	if (g_file_set_contents_full(place, bytes, (gssize)length,
	            G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600,
	            NULL))
		return TRUE;
	return set_error("secret", place, errno, error);
}

/* What root puts back is the service's, as the directory is. */
static void
give_away(const char *state)
{
	static const char *const names[] = { DATABASE_FILE, SECRET_FILE };
	struct stat status;
	if (geteuid() != 0 || stat(state, &status) != 0)
		return;
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *file = g_build_filename(state, names[i], NULL);
		if (chown(file, status.st_uid, status.st_gid) != 0)
			continue; /* the service says so when it starts */
	}
}

static gboolean
copy_file(const char *from, const char *to, GError **error)
{
	g_autoptr(GMappedFile) source = g_mapped_file_new(from, FALSE, NULL);
	if (source == NULL)
		return set_error("backup", from, errno, error);
	if (g_file_set_contents_full(to, g_mapped_file_get_contents(source),
	            (gssize)g_mapped_file_get_length(source), G_FILE_SET_CONTENTS_NONE,
	            0600, NULL))
		return TRUE;
	return set_error("store", to, errno, error);
}

/* A log that a lost database left would be taken for this one's. */
static void
remove_leftovers(const char *file)
{
	static const char *const suffixes[] = { "-wal", "-shm", "-journal" };
	for (gsize i = 0; i < G_N_ELEMENTS(suffixes); i++) {
		g_autofree char *left = g_strconcat(file, suffixes[i], NULL);
		unlink(left);
	}
}

gboolean
backup_restore(const char *file, const char *state, GError **error)
{
	g_autofree char *place = g_build_filename(state, DATABASE_FILE, NULL);
	g_autofree char *partial = g_strconcat(place, PARTIAL, NULL);
	g_autoptr(GBytes) secret = NULL;
	if (g_mkdir_with_parents(state, 0700) != 0)
		return set_error("state directory", state, errno, error);
	if (!check_absent(place, "stop triaged and move it away first", error))
		return FALSE;
	remove_leftovers(place);
	remove_leftovers(partial);
	gboolean restored = copy_file(file, partial, error) &&
	                    unload_secret(partial, &secret, error) &&
	                    write_secret(state, secret, error) &&
	                    publish(partial, place, error);
	if (!restored) {
		unlink(partial);
		remove_leftovers(partial);
		return FALSE;
	}
	give_away(state);
	return TRUE;
}
