/*
 * The SQLite under this floor's modules; database.c is the only file that knows it.
 *
 * Surprising rules: statements are prepared once and known by the address of their text, so
 * SQL is a static constant or interned; values are bound by a format of one letter each:
 * i gint64 (cast smaller ones), d double, s string or NULL, b GBytes or NULL. A statement that writes outside a
 * transaction is ERROR_STORE.
 */
#pragma once

#include <glib.h>

#include "store/store.h"

typedef struct Database Database;
typedef struct Statement Statement;

/* Open a file, made 0600 when create, or with NULL a database in memory; migrate it when
 * create, else refuse an older one. */
Database *database_open(const char *file, gboolean create, GError **error);
void database_close(Database *database);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Database, database_close)

/* The file's name, ":memory:" without one. Borrowed. */
const char *database_file(const Database *database);

gboolean database_begin(Database *database, GError **error);
gboolean database_commit(Database *database, GError **error);
void database_rollback(Database *database);

/* ERROR_STORE outside a transaction. */
gboolean database_check_writing(Database *database, GError **error);

/* Whether another connection committed since the last call. */
gboolean database_has_changed(Database *database);

/* Run statements without values or rows. */
gboolean database_execute(Database *database, const char *script, GError **error);

/* Run one statement that gives no rows. */
gboolean database_run(
        Database *database, const char *sql, GError **error, const char *format, ...);

/* The first column of the first row, 0 when there is none. */
gboolean database_ask(Database *database, const char *sql, gint64 *value,
        GError **error, const char *format, ...);

/* The row id of the last INSERT, and how many rows the last statement changed. */
gint64 database_last_id(Database *database);
gint64 database_changed_rows(Database *database);

/* Write the log (WAL) into the database and cut it to nothing, waiting for others at most some
 * milliseconds; *emptied: nobody stood in the way. Outside a transaction. */
gboolean database_empty_log(
        Database *database, guint milliseconds, gboolean *emptied, GError **error);

/* Begin a query. One text can only be under way once. */
Statement *database_query(
        Database *database, const char *sql, GError **error, const char *format, ...);

typedef enum { STEP_ROW, STEP_END, STEP_FAILED } Step;
Step statement_step(Statement *statement, GError **error);

/* Columns of the current row, from 0; text and bytes are new, NULL for NULL; what was peeked
 * at is gone with the next step. */
gint64 statement_int(Statement *statement, int column);
double statement_double(Statement *statement, int column);
char *statement_text(Statement *statement, int column);
const char *statement_peek(Statement *statement, int column);
GBytes *statement_bytes(Statement *statement, int column);

/* End a query; the statement stays prepared. */
void statement_done(Statement *statement);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Statement, statement_done)

/* The database of a store, for the modules of this floor. */
Database *store_database(Store *store);
