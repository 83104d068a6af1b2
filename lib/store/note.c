#include "store/note.h"
#include "store/database.h"

static const char SET_NOTE[] =
        "INSERT INTO note (scope, key, value, at) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (scope, key) DO UPDATE SET value = ?3, at = ?4";
static const char REMOVE_NOTE[] = "DELETE FROM note WHERE scope = ?1 AND key = ?2";
static const char LIST_NOTES[] =
        "SELECT scope, key, value, at FROM note WHERE ?1 IS NULL"
        " OR scope = ?1 ORDER BY scope, key";

void
note_free(Note *note)
{
	if (note == NULL)
		return;
	g_free(note->scope);
	g_free(note->key);
	g_free(note->value);
	g_free(note);
}

gboolean
note_set(Store *store, const char *scope, const char *key, const char *value,
        gint64 now, GError **error)
{
	Database *database = store_database(store);
	if (value == NULL)
		return database_run(database, REMOVE_NOTE, error, "ss", scope, key);
	return database_run(database, SET_NOTE, error, "sssi", scope, key, value, now);
}

GPtrArray *
note_list(Store *store, const char *scope, GError **error)
{
	g_autoptr(GPtrArray) notes =
	        g_ptr_array_new_with_free_func((GDestroyNotify)note_free);
	g_autoptr(Statement) query =
	        database_query(store_database(store), LIST_NOTES, error, "s", scope);
	if (query == NULL)
		return NULL;
	Step step;
	while ((step = statement_step(query, error)) == STEP_ROW) {
		Note *note = g_new0(Note, 1);
		note->scope = statement_text(query, 0);
		note->key = statement_text(query, 1);
		note->value = statement_text(query, 2);
		note->at = statement_int(query, 3);
		g_ptr_array_add(notes, note);
	}
	return step == STEP_END ? g_steal_pointer(&notes) : NULL;
}
