#include "store/cursor.h"
#include "store/database.h"

static const char FIND_CURSOR[] =
        "SELECT next_uid, answer_from, highestmodseq, started_at"
        " FROM cursor WHERE mailbox = ?1 AND folder = ?2 AND uidvalidity = ?3";
static const char FIRST_START[] =
        "SELECT min(started_at) FROM cursor WHERE mailbox = ?1"
        " AND folder = ?2 HAVING count(*) > 0";
static const char SET_CURSOR[] =
        "INSERT INTO cursor (mailbox, folder, uidvalidity, next_uid,"
        " answer_from, highestmodseq, started_at)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
        " ON CONFLICT (mailbox, folder, uidvalidity) DO UPDATE"
        " SET next_uid = ?4, answer_from = ?5, highestmodseq = ?6,"
        " started_at = ?7";

/* The folder was watched under another UIDVALIDITY, or never. */
static gboolean
cursor_get_other(Store *store, const char *mailbox, const char *folder, Cursor *cursor,
        CursorState *state, GError **error)
{
	g_autoptr(Statement) query = database_query(
	        store_database(store), FIRST_START, error, "ss", mailbox, folder);
	if (query == NULL)
		return FALSE;
	Step step = statement_step(query, error);
	*state = step == STEP_ROW ? CURSOR_CHANGED : CURSOR_FIRST;
	if (step == STEP_ROW)
		cursor->started_at = statement_int(query, 0);
	return step != STEP_FAILED;
}

gboolean
cursor_get(Store *store, const char *mailbox, const char *folder, guint32 uidvalidity,
        Cursor *cursor, CursorState *state, GError **error)
{
	*cursor = (Cursor){ .uidvalidity = uidvalidity };
	g_autoptr(Statement) query = database_query(store_database(store), FIND_CURSOR,
	        error, "ssi", mailbox, folder, (gint64)uidvalidity);
	if (query == NULL)
		return FALSE;
	switch (statement_step(query, error)) {
	case STEP_FAILED: return FALSE;
	case STEP_END:
		return cursor_get_other(store, mailbox, folder, cursor, state, error);
	case STEP_ROW: break;
	}
	*state = CURSOR_KNOWN;
	cursor->next_uid = statement_int(query, 0);
	cursor->answer_from = statement_int(query, 1);
	cursor->highestmodseq = statement_int(query, 2);
	cursor->started_at = statement_int(query, 3);
	return TRUE;
}

gboolean
cursor_set(Store *store, const char *mailbox, const char *folder, const Cursor *cursor,
        GError **error)
{
	return database_run(store_database(store), SET_CURSOR, error, "ssiiiii",
	        mailbox, folder, (gint64)cursor->uidvalidity, (gint64)cursor->next_uid,
	        (gint64)cursor->answer_from, (gint64)cursor->highestmodseq,
	        cursor->started_at);
}
