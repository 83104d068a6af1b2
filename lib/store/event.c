#include "store/event.h"
#include "store/database.h"

static const char ADD_EVENT[] =
        "INSERT INTO event (mail_id, at, what, detail) VALUES (?1, ?2, ?3, ?4)";
static const char LIST_EVENTS[] =
        "SELECT mail_id, at, what, detail FROM event WHERE mail_id = ?1"
        " ORDER BY id";

gboolean
journal_add_event(Store *store, const JournalEvent *event, GError **error)
{
	return database_run(store_database(store), ADD_EVENT, error, "iiss",
	        event->mail, event->at, event->what, event->detail);
}

static void
journal_event_free(gpointer pointer)
{
	JournalEvent *event = pointer;
	g_free(event->what);
	g_free(event->detail);
	g_free(event);
}

GPtrArray *
journal_events(Store *store, gint64 mail, GError **error)
{
	g_autoptr(GPtrArray) events =
	        g_ptr_array_new_with_free_func(journal_event_free);
	g_autoptr(Statement) query =
	        database_query(store_database(store), LIST_EVENTS, error, "i", mail);
	if (query == NULL)
		return NULL;
	Step step;
	while ((step = statement_step(query, error)) == STEP_ROW) {
		JournalEvent *event = g_new0(JournalEvent, 1);
		event->mail = statement_int(query, 0);
		event->at = statement_int(query, 1);
		event->what = statement_text(query, 2);
		event->detail = statement_text(query, 3);
		g_ptr_array_add(events, event);
	}
	return step == STEP_END ? g_steal_pointer(&events) : NULL;
}
