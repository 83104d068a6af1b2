#include "store/database.h"
#include "base/clock.h"
#include "base/crash_point.h"
#include "base/errors.h"
#include "store/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

/* Longer than any transaction of ours takes, shorter than the 5 s in which SIGTERM must end
 * the service: SQLite's wait cannot be interrupted. */
#define BUSY_MICROSECONDS (4 * G_TIME_SPAN_SECOND)
/* Before the first look at a lock again; twice, thrice ... as long before the next ones. SQLite's
 * own pauses grow to 100 ms, while watcher and courier hold it for some 20 ms. */
#define LOOK_MICROSECONDS 500
#define LOOK_GROWTH 6           /* times as long at most */
#define WAL_BYTES_KEPT 67108864 /* stands in SQL */
/* A batch of mails touches pages of every index. With SQLite's 2 MB they were written and read
 * several times within one transaction. */
#define CACHE_KILOBYTES 8192
#define CHECKPOINT_PAGES 4000

struct Database {
	sqlite3 *connection;
	char *file;             /* for messages; ":memory:" */
	GHashTable *statements; /* address of the SQL text -> Statement */
	gboolean in_transaction;
	gint64 data_version;
	gint64 patience;   /* microseconds to wait for a lock */
	gint64 busy_since; /* monotonic: the present wait for it began */
	gboolean
	        failed; /* something in this transaction failed: it cannot be committed */
};

struct Statement {
	sqlite3_stmt *handle;
	Database *database;
};

/* What each result code of SQLite means for whoever runs the service. */
static const struct remedy {
	int code;
	ErrorCode error;
	const char *words;
} remedies[] = {
	{ SQLITE_BUSY, ERROR_TEMPORARY,
	        "is locked by another process: see which one with fuser(1)" },
	{ SQLITE_LOCKED, ERROR_TEMPORARY,
	        "is locked by another process: see which one with fuser(1)" },
	{ SQLITE_FULL, ERROR_TEMPORARY,
	        "cannot grow, the disk is full: free some space" },
	/* A quota, a limit on file sizes: SQLite calls only ENOSPC full. Nothing is lost. */
	{ SQLITE_IOERR_WRITE, ERROR_TEMPORARY,
	        "cannot be written: check the disk, its space and the quota, and that "
	        "it is not read-only" },
	{ SQLITE_IOERR_SHMSIZE, ERROR_TEMPORARY,
	        "cannot be written: check the disk, its space and the quota, and that "
	        "it is not read-only" },
	{ SQLITE_NOMEM, ERROR_TEMPORARY, "needs more memory than there is" },
	{ SQLITE_READONLY, ERROR_STORE,
	        "is read-only: make the file and its directory writable for the "
	        "service" },
	{ SQLITE_PERM, ERROR_STORE, "may not be accessed: check its owner and mode" },
	{ SQLITE_CANTOPEN, ERROR_STORE,
	        "cannot be opened: check that it exists, its owner and mode" },
	{ SQLITE_CORRUPT, ERROR_STORE,
	        "is damaged: stop triaged and restore it from a backup (sqlite3 "
	        ".recover may "
	        "save what is left)" },
	{ SQLITE_NOTADB, ERROR_STORE,
	        "is damaged, it is no database any more: stop triaged and restore it "
	        "from a "
	        "backup" },
	{ SQLITE_IOERR, ERROR_STORE, "cannot be read or written: check the disk" },
};

/* By the extended code where it has words of its own, else by the primary one. */
static const struct remedy *
remedy_find(int result)
{
	const struct remedy *primary = NULL;
	for (gsize i = 0; i < G_N_ELEMENTS(remedies); i++) {
		if (remedies[i].code == result)
			return &remedies[i];
		if (remedies[i].code == (result & 0xff))
			primary = &remedies[i];
	}
	return primary;
}

static void
database_set_error(Database *database, int result, GError **error)
{
	const struct remedy *remedy = remedy_find(result);
	database->failed = TRUE;
	g_set_error(error, TRIAGED_ERROR, remedy != NULL ? remedy->error : ERROR_STORE,
	        "store '%s' %s (%s)", database->file,
	        remedy != NULL ? remedy->words : "refused a statement",
	        database->connection != NULL ? sqlite3_errmsg(database->connection)
	                                     : sqlite3_errstr(result));
}

static void
statement_free(gpointer pointer)
{
	Statement *statement = pointer;
	sqlite3_finalize(statement->handle);
	g_free(statement);
}

/* The statement for a text, prepared at its first use. */
static Statement *
database_prepare(Database *database, const char *sql, GError **error)
{
	Statement *statement = g_hash_table_lookup(database->statements, sql);
	if (statement != NULL) {
		g_return_val_if_fail(!sqlite3_stmt_busy(statement->handle), NULL);
		return statement;
	}
	sqlite3_stmt *handle = NULL;
	int result = sqlite3_prepare_v3(database->connection, sql, -1,
	        SQLITE_PREPARE_PERSISTENT, &handle, NULL);
	if (result != SQLITE_OK) {
		database_set_error(database, result, error);
		return NULL;
	}
	statement = g_new0(Statement, 1);
	statement->handle = handle;
	statement->database = database;
	g_hash_table_insert(database->statements, (gpointer)sql, statement);
	return statement;
}

static int
bind_bytes(sqlite3_stmt *handle, int index, GBytes *bytes)
{
	if (bytes == NULL)
		return sqlite3_bind_null(handle, index);
	gsize length;
	const void *data = g_bytes_get_data(bytes, &length);
	return sqlite3_bind_blob64(
	        handle, index, length > 0 ? data : "", length, SQLITE_STATIC);
}

/* Bytes are not copied, and texts only where they are to outlive the call (TRANSIENT): who runs
 * or asks has them until the statement is done. */
static int
statement_bind(Statement *statement, sqlite3_destructor_type texts, const char *format,
        va_list *values)
{
	int result = SQLITE_OK;
	for (int i = 1; *format != '\0' && result == SQLITE_OK; format++, i++) {
		switch (*format) {
		case 'i':
			result = sqlite3_bind_int64(
			        statement->handle, i, va_arg(*values, gint64));
			break;
		case 'd':
			result = sqlite3_bind_double(
			        statement->handle, i, va_arg(*values, double));
			break;
		case 's':
			result = sqlite3_bind_text(statement->handle, i,
			        va_arg(*values, const char *), -1, texts);
			break;
		case 'b':
			result = bind_bytes(
			        statement->handle, i, va_arg(*values, GBytes *));
			break;
		default: g_assert_not_reached();
		}
	}
	return result;
}

gboolean
database_check_writing(Database *database, GError **error)
{
	if (!database->in_transaction)
		g_set_error(error, TRIAGED_ERROR, ERROR_STORE,
		        "store '%s': a write outside a transaction", database->file);
	return database->in_transaction;
}

static Statement *
query_begin(Database *database, sqlite3_destructor_type texts, const char *sql,
        const char *format, va_list *values, GError **error)
{
	Statement *statement = database_prepare(database, sql, error);
	if (statement == NULL)
		return NULL;
	if (!sqlite3_stmt_readonly(statement->handle) &&
	        !database_check_writing(database, error))
		return NULL;
	int result = statement_bind(statement, texts, format, values);
	if (result != SQLITE_OK) {
		database_set_error(database, result, error);
		statement_done(statement);
		return NULL;
	}
	return statement;
}

Statement *
database_query(
        Database *database, const char *sql, GError **error, const char *format, ...)
{
	va_list values;
	va_start(values, format);
	Statement *statement =
	        query_begin(database, SQLITE_TRANSIENT, sql, format, &values, error);
	va_end(values);
	return statement;
}

gboolean
database_run(
        Database *database, const char *sql, GError **error, const char *format, ...)
{
	va_list values;
	va_start(values, format);
	g_autoptr(Statement) statement =
	        query_begin(database, SQLITE_STATIC, sql, format, &values, error);
	va_end(values);
	if (statement == NULL)
		return FALSE;
	Step step;
	while ((step = statement_step(statement, error)) == STEP_ROW)
		;
	return step == STEP_END;
}

gboolean
database_ask(Database *database, const char *sql, gint64 *value, GError **error,
        const char *format, ...)
{
	va_list values;
	va_start(values, format);
	g_autoptr(Statement) statement =
	        query_begin(database, SQLITE_STATIC, sql, format, &values, error);
	va_end(values);
	*value = 0;
	if (statement == NULL)
		return FALSE;
	Step step = statement_step(statement, error);
	if (step == STEP_ROW)
		*value = statement_int(statement, 0);
	return step != STEP_FAILED;
}

Step
statement_step(Statement *statement, GError **error)
{
	int result = sqlite3_step(statement->handle);
	if (result == SQLITE_ROW)
		return STEP_ROW;
	if (result == SQLITE_DONE)
		return STEP_END;
	database_set_error(statement->database, result, error);
	return STEP_FAILED;
}

gint64
statement_int(Statement *statement, int column)
{
	return sqlite3_column_int64(statement->handle, column);
}

double
statement_double(Statement *statement, int column)
{
	return sqlite3_column_double(statement->handle, column);
}

const char *
statement_peek(Statement *statement, int column)
{
	return (const char *)sqlite3_column_text(statement->handle, column);
}

char *
statement_text(Statement *statement, int column)
{
	return g_strdup((const char *)sqlite3_column_text(statement->handle, column));
}

GBytes *
statement_bytes(Statement *statement, int column)
{
	if (sqlite3_column_type(statement->handle, column) == SQLITE_NULL)
		return NULL;
	const void *data = sqlite3_column_blob(statement->handle, column);
	return g_bytes_new(data, sqlite3_column_bytes(statement->handle, column));
}

void
statement_done(Statement *statement)
{
	if (statement == NULL)
		return;
	sqlite3_reset(statement->handle);
	sqlite3_clear_bindings(statement->handle);
}

static const char DATA_VERSION[] = "PRAGMA data_version";

gboolean
database_has_changed(Database *database)
{
	gint64 version;
	if (!database_ask(database, DATA_VERSION, &version, NULL, ""))
		return FALSE;
	gboolean changed = version != database->data_version;
	database->data_version = version;
	return changed;
}

gint64
database_last_id(Database *database)
{
	return sqlite3_last_insert_rowid(database->connection);
}

gint64
database_changed_rows(Database *database)
{
	return sqlite3_changes64(database->connection);
}

gboolean
database_execute(Database *database, const char *script, GError **error)
{
	int result = sqlite3_exec(database->connection, script, NULL, NULL, NULL);
	if (result != SQLITE_OK)
		database_set_error(database, result, error);
	return result == SQLITE_OK;
}

const char *
database_file(const Database *database)
{
	return database->file;
}

gboolean
database_begin(Database *database, GError **error)
{
	g_return_val_if_fail(!database->in_transaction, FALSE);
	if (!database_execute(database, "BEGIN IMMEDIATE", error))
		return FALSE;
	database->in_transaction = TRUE;
	database->failed = FALSE;
	return TRUE;
}

gboolean
database_commit(Database *database, GError **error)
{
	g_return_val_if_fail(database->in_transaction, FALSE);
	if (database->failed) {
		g_set_error(error, TRIAGED_ERROR, ERROR_STORE,
		        "store '%s': a transaction in which something failed",
		        database->file);
		database_rollback(database);
		return FALSE;
	}
	crash_point("store-commit-before");
	if (!database_execute(database, "COMMIT", error)) {
		database_rollback(database);
		return FALSE;
	}
	database->in_transaction = FALSE;
	crash_point("store-commit-after");
	return TRUE;
}

/* A sqlite3_busy_handler; data is the Database. */
static int
wait_for_lock(void *data, int looks)
{
	Database *database = data;
	gint64 now = clock_monotonic();
	if (looks == 0)
		database->busy_since = now;
	if (now - database->busy_since >= database->patience)
		return 0;
	g_usleep(LOOK_MICROSECONDS * (gulong)MIN(looks + 1, LOOK_GROWTH));
	return 1;
}

gboolean
database_empty_log(
        Database *database, guint milliseconds, gboolean *emptied, GError **error)
{
	database->patience = milliseconds * (gint64)G_TIME_SPAN_MILLISECOND;
	int result = sqlite3_wal_checkpoint_v2(
	        database->connection, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	database->patience = BUSY_MICROSECONDS;
	*emptied = result == SQLITE_OK;
	if (result == SQLITE_OK || result == SQLITE_BUSY)
		return TRUE;
	database_set_error(database, result, error);
	return FALSE;
}

/* After some errors SQLite has rolled back by itself. */
void
database_rollback(Database *database)
{
	if (!sqlite3_get_autocommit(database->connection))
		database_execute(database, "ROLLBACK", NULL);
	database->in_transaction = FALSE;
	database->failed = FALSE;
}

/* SQLite would make the file with the umask's mode; -wal and -shm take the file's. */
static gboolean
file_create(const char *file, GError **error)
{
	int fd = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0) {
		close(fd);
		return TRUE;
	}
	if (errno == EEXIST)
		return TRUE;
	int reason = errno;
	g_autofree char *what = g_strdup_printf("store '%s' cannot be made", file);
	error_set_disk(error, reason, what);
	return FALSE;
}

static const char PRAGMAS[] =
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
        "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
        "PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON;"
        "PRAGMA journal_size_limit = " G_STRINGIFY(WAL_BYTES_KEPT);

static gboolean
connection_open(Database *database, GError **error)
{
	/* Its count of its own memory costs a lock at each block; refused later. */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	int result = sqlite3_open_v2(database->file, &database->connection,
	        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW,
	        NULL);
	if (result != SQLITE_OK) {
		database_set_error(database, result, error);
		return FALSE;
	}
	sqlite3_extended_result_codes(database->connection, 1);
	database->patience = BUSY_MICROSECONDS;
	sqlite3_busy_handler(database->connection, wait_for_lock, database);
	sqlite3_db_config(database->connection, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	if (sqlite3_db_readonly(database->connection, "main") == 1) {
		database_set_error(database, SQLITE_READONLY, error);
		return FALSE;
	}
	return database_execute(database, PRAGMAS, error);
}

Database *
database_open(const char *file, gboolean create, GError **error)
{
	g_autoptr(Database) database = g_new0(Database, 1);
	database->file = g_strdup(file != NULL ? file : ":memory:");
	database->statements = g_hash_table_new_full(
	        g_direct_hash, g_direct_equal, NULL, statement_free);
	if (file != NULL && create && !file_create(file, error))
		return NULL;
	if (!connection_open(database, error))
		return NULL;
	if (create && !database_execute(database, "PRAGMA journal_mode = WAL", error))
		return NULL;
	if (!schema_prepare(database, database->file, create, error))
		return NULL;
	return g_steal_pointer(&database);
}

void
database_close(Database *database)
{
	if (database == NULL)
		return;
	if (database->connection != NULL && database->in_transaction)
		database_rollback(database);
	g_hash_table_unref(database->statements);
	sqlite3_close(database->connection);
	g_free(database->file);
	g_free(database);
}
