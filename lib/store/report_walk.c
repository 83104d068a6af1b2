#include "store/report_walk.h"

#include "store/database.h"
#include "store/journal_row.h"

/* The index on seen_at only finds where the walk begins: the rows themselves are read in the
 * order in which they lie, which is ten times as fast as by the index. */
static const char WALK[] =
        "SELECT m.id, m.seen_at, m.internaldate, m.answered_at, m.conversation_id,"
        " ifnull(c.root_id = m.id, m.conversation_id IS NULL), m.class, m.detail,"
        " m.signature, m.outcome, m.action, m.reason, m.missing, m.first_missing,"
        " m.from_address"
        " FROM mail m LEFT JOIN conversation c ON c.id = m.conversation_id"
        " WHERE m.id >= (SELECT min(id) FROM mail WHERE seen_at >= ?1)"
        " AND +m.seen_at >= ?1 AND +m.seen_at < ?2 ORDER BY m.id";
static const char ADD_UNMATCHED[] =
        "INSERT INTO unmatched (mail_id, at, form, text) VALUES (?1, ?2, ?3, ?4)";
static const char COUNT_FORMS[] =
        "SELECT form, count(DISTINCT mail_id), max(mail_id) FROM unmatched"
        " WHERE at >= ?1 AND at < ?2 GROUP BY form ORDER BY 2 DESC, 3 DESC";
static const char UNMATCHED_TEXT[] = "SELECT text FROM unmatched WHERE mail_id = ?1"
                                     " AND form = ?2 LIMIT 1";

static gint64
end_of(gint64 until)
{
	return until != 0 ? until : G_MAXINT64;
}

static void
report_mail_read(ReportMail *mail, Statement *row)
{
	*mail = (ReportMail){ .id = statement_int(row, 0),
		.seen_at = statement_int(row, 1),
		.internaldate = statement_int(row, 2),
		.answered_at = statement_int(row, 3),
		.conversation = statement_int(row, 4),
		.root = statement_int(row, 5) != 0,
		.class = statement_peek(row, 6),
		.detail = statement_peek(row, 7),
		.signature = statement_peek(row, 8),
		.outcome = journal_outcome_read(row, 9),
		.action = statement_peek(row, 10),
		.reason = statement_peek(row, 11),
		.missing = statement_peek(row, 12),
		.first_missing = statement_peek(row, 13),
		.from_address = statement_peek(row, 14) };
}

gboolean
report_each(Store *store, gint64 since, gint64 until, ReportVisitor visit,
        gpointer data, GError **error)
{
	g_autoptr(Statement) query = database_query(
	        store_database(store), WALK, error, "ii", since, end_of(until));
	if (query == NULL)
		return FALSE;
	Step step;
	while ((step = statement_step(query, error)) == STEP_ROW) {
		ReportMail mail;
		report_mail_read(&mail, query);
		visit(&mail, data);
	}
	return step == STEP_END;
}

gboolean
unmatched_add(Store *store, gint64 mail, gint64 at, const char *form, const char *text,
        GError **error)
{
	return database_run(store_database(store), ADD_UNMATCHED, error, "iiss", mail,
	        at, form, text);
}

static void
unmatched_form_free(gpointer pointer)
{
	UnmatchedForm *form = pointer;
	g_free(form->form);
	g_free(form);
}

GPtrArray *
unmatched_list(
        Store *store, gint64 since, gint64 until, guint max, guint *all, GError **error)
{
	g_autoptr(GPtrArray) forms =
	        g_ptr_array_new_with_free_func(unmatched_form_free);
	g_autoptr(Statement) query = database_query(
	        store_database(store), COUNT_FORMS, error, "ii", since, end_of(until));
	guint count = 0;
	if (query == NULL)
		return NULL;
	Step step;
	while ((step = statement_step(query, error)) == STEP_ROW) {
		if (count++ >= max)
			continue;
		UnmatchedForm *form = g_new0(UnmatchedForm, 1);
		form->form = statement_text(query, 0);
		form->count = statement_int(query, 1);
		form->last = statement_int(query, 2);
		g_ptr_array_add(forms, form);
	}
	if (all != NULL)
		*all = count;
	return step == STEP_END ? g_steal_pointer(&forms) : NULL;
}

char *
unmatched_text(Store *store, gint64 mail, const char *form, GError **error)
{
	g_autoptr(Statement) query = database_query(
	        store_database(store), UNMATCHED_TEXT, error, "is", mail, form);
	if (query == NULL || statement_step(query, error) != STEP_ROW)
		return NULL;
	return statement_text(query, 0);
}
