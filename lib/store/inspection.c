#include "store/inspection.h"

#include <string.h>

#include "base/errors.h"
#include "store/database.h"
#include "store/quarantine.h"

#define LINES_MAX 100 /* of each kind */

static const char INTEGRITY[] = "PRAGMA integrity_check(100)";
static const char FOREIGN_KEYS[] =
        "SELECT format('row %d of table %s points to a row of table %s that is not"
        " there', rowid, \"table\", parent) FROM pragma_foreign_key_check";

/* What no constraint of the schema holds. */
static const struct agreement {
	const char *sql, *words;
} agreements[] = {
	{ "SELECT count(*) FROM mail m WHERE NOT EXISTS"
	  " (SELECT 1 FROM place WHERE mail_id = m.id)",
	        "mails without a place" },
	{ "SELECT count(*) FROM outbox WHERE kind = 'reply'"
	  " AND state NOT IN ('done', 'cancelled') AND (length(payload) = 0"
	  " OR recipient IS NULL OR message_id IS NULL)",
	        "replies to be sent without recipient, Message-ID or bytes" },
	{ "SELECT count(*) FROM outbox WHERE kind NOT IN ('tag', 'reply', 'draft',"
	  " 'sent-copy', 'handover', 'move', 'note') OR state NOT IN ('queued',"
	  " 'claimed', 'attempted', 'done', 'refused', 'unknown', 'held', 'cancelled')",
	        "outbox entries of unknown kind or state" },
	{ "SELECT count(*) FROM mail m WHERE outcome = 'pending' AND NOT EXISTS"
	  " (SELECT 1 FROM outbox WHERE mail_id = m.id AND kind IN ('reply', 'draft'))",
	        "mails that wait for a reply which the outbox does not hold" },
	{ "SELECT count(*) FROM (SELECT ifnull(class, ''), outcome, count(*) FROM mail"
	  " GROUP BY 1, 2 EXCEPT SELECT class, outcome, mails FROM mail_count)",
	        "counts of mails that are not right" },
	{ "SELECT count(*) FROM conversation WHERE root_id IS NOT NULL"
	  " AND root_id NOT IN (SELECT id FROM mail)",
	        "conversations whose first mail is not there" },
	{ "SELECT count(*) FROM finding WHERE case_json IS NOT NULL"
	  " AND NOT json_valid(case_json)",
	        "findings that cannot be read" },
	{ "SELECT count(*) FROM conversation WHERE data IS NOT NULL"
	  " AND NOT json_valid(data)",
	        "conversations that cannot be read" },
};

/* Column 0 of each row but "ok". */
static gboolean
add_rows(GPtrArray *lines, Database *database, const char *sql, GError **error)
{
	g_autoptr(Statement) query = database_query(database, sql, error, "");
	Step step = STEP_FAILED;
	guint count = 0;
	while (query != NULL && (step = statement_step(query, error)) == STEP_ROW) {
		char *line = statement_text(query, 0);
		if (count++ < LINES_MAX && g_strcmp0(line, "ok") != 0)
			g_ptr_array_add(lines, line);
		else
			g_free(line);
	}
	return step == STEP_END;
}

static gboolean
add_disagreements(GPtrArray *lines, Database *database, GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(agreements); i++) {
		gint64 count;
		if (!database_ask(database, agreements[i].sql, &count, error, ""))
			return FALSE;
		if (count > 0)
			g_ptr_array_add(
			        lines, g_strdup_printf("%" G_GINT64_FORMAT " %s", count,
			                       agreements[i].words));
	}
	return TRUE;
}

/* Of a damaged database the other questions make no sense. */
static GPtrArray *
inspect(Database *database, GError **error)
{
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GError) problem = NULL;
	if (!add_rows(lines, database, INTEGRITY, &problem)) {
		if (!g_error_matches(problem, TRIAGED_ERROR, ERROR_STORE)) {
			g_propagate_error(error, g_steal_pointer(&problem));
			return NULL;
		}
		g_ptr_array_add(lines, g_strdup(problem->message));
	}
	if (lines->len > 0)
		return g_steal_pointer(&lines);
	return add_rows(lines, database, FOREIGN_KEYS, error) &&
	                       add_disagreements(lines, database, error)
	               ? g_steal_pointer(&lines)
	               : NULL;
}

GPtrArray *
inspection_of_store(Store *store, GError **error)
{
	GPtrArray *lines = inspect(store_database(store), error);
	if (lines != NULL)
		quarantine_inspect(store, lines);
	return lines;
}

GPtrArray *
inspection_of_backup(const char *file, GError **error)
{
	g_autoptr(Database) database = NULL;
	if (!g_file_test(file, G_FILE_TEST_EXISTS)) {
		g_set_error(
		        error, TRIAGED_ERROR, ERROR_INPUT, "there is no '%s'", file);
		return NULL;
	}
	database = database_open(file, FALSE, error);
	return database != NULL ? inspect(database, error) : NULL;
}
