#include "store/journal_list.h"
#include "store/journal_row.h"

#define LIST_BYTES 700
/* Many, since some filters find each page by looking at all that match. */
#define PAGE_MAILS 1000

static const char COUNT_ALL[] = "SELECT class, outcome, mails FROM mail_count"
                                " WHERE mails > 0 ORDER BY class, outcome";

/* Grouped in the order of the index mail_outcome, which holds all that is asked. */
static const char COUNT_BY_CLASS[] =
        "SELECT ifnull(class, ''), outcome, count(*) FROM mail WHERE seen_at >= ?1"
        " GROUP BY outcome, class ORDER BY 1, 2";

static const char IS_CLASS[] = "SELECT EXISTS (SELECT 1 FROM mail WHERE class = ?1)";
static const char IS_DETAIL[] = "SELECT EXISTS (SELECT 1 FROM mail WHERE detail = ?1)";

/* The condition for a class: an id is hardly ever both a class and a detail, and only one
 * column at a time gives its rows in the order of the index. NULL on failure. */
static const char *
class_condition(Store *store, const char *class, GError **error)
{
	gint64 is_class, is_detail;
	Database *database = store_database(store);
	if (class == NULL)
		return "";
	if (!database_ask(database, IS_CLASS, &is_class, error, "s", class) ||
	        !database_ask(database, IS_DETAIL, &is_detail, error, "s", class))
		return NULL;
	if (is_class && is_detail)
		return " AND (m.class = ?1 OR m.detail = ?1)";
	return is_detail ? " AND m.detail = ?1" : " AND m.class = ?1";
}

static void
put_conditions(GString *sql, const JournalFilter *filter, const char *class)
{
	g_string_append(sql, class);
	if (filter->missing != NULL)
		g_string_append(sql,
		        " AND instr(',' || replace(m.missing, '|', ',') || ',',"
		        " ',' || replace(?2, '|', ',') || ',') > 0");
	if (filter->held)
		g_string_append(sql,
		        " AND (m.outcome = 'held' OR m.id IN (SELECT mail_id FROM "
		        "outbox"
		        " WHERE kind = 'reply' AND state IN ('held', 'unknown')"
		        " AND state NOT IN ('done', 'cancelled')))");
	if (filter->since != 0)
		g_string_append(sql, " AND m.seen_at >= ?3");
	if (filter->until != 0)
		g_string_append(sql, " AND m.seen_at < ?4");
	if (filter->conversation != 0)
		g_string_append(sql, " AND m.conversation_id = ?5");
}

/* The statement for a page of a filter, the first one or one that goes on behind a mail.
 * Interned, as statements are known by their address; there are as many as kinds of filters.
 * LIMIT has the highest parameter, so that all can be bound. The ids are found first, where
 * possible by an index that holds all that is asked: of many that match only a page's rows
 * are read whole. */
static const char *
page_sql(const JournalFilter *filter, const char *class, gboolean first)
{
	gboolean up = filter->oldest_first;
	const char *order = up ? " ORDER BY m.seen_at, m.id"
	                       : " ORDER BY m.seen_at DESC, m.id DESC";
	g_autoptr(GString) sql = g_string_sized_new(LIST_BYTES);
	g_string_append(sql, "SELECT " MAIL_COLUMNS);
	if (filter->whole)
		g_string_append(sql, ", f.case_json, f.plan_json");
	g_string_append(sql, MAIL_TABLES);
	if (filter->whole)
		g_string_append(sql, " LEFT JOIN finding f ON f.mail_id = m.id");
	g_string_append(sql, " WHERE m.id IN (SELECT m.id FROM mail m WHERE 1");
	put_conditions(sql, filter, class);
	if (!first)
		g_string_append_printf(
		        sql, " AND (m.seen_at, m.id) %s (?6, ?7)", up ? ">" : "<");
	g_string_append_printf(sql, "%s LIMIT ?8)%s", order, order);
	return g_intern_string(sql->str);
}

/* The mails behind the last one (NULL: from the start), at most max. Of JournalMail. */
static GPtrArray *
page_read(Store *store, const JournalFilter *filter, const char *class,
        const JournalMail *last, gint64 max, GError **error)
{
	g_autoptr(GPtrArray) page =
	        g_ptr_array_new_with_free_func((GDestroyNotify)journal_mail_free);
	gint64 seen_at = last != NULL ? last->seen_at : 0,
	       id = last != NULL ? last->id : 0;
	g_autoptr(Statement) query = database_query(store_database(store),
	        page_sql(filter, class, last == NULL), error, "ssiiiiii", filter->class,
	        filter->missing, filter->since, filter->until, filter->conversation,
	        seen_at, id, max);
	if (query == NULL)
		return NULL;
	Step step;
	while ((step = statement_step(query, error)) == STEP_ROW) {
		JournalMail *mail = journal_mail_read(query, filter->whole);
		g_ptr_array_add(page, mail);
		if (!journal_mail_read_place(store, mail, error))
			return NULL;
	}
	return step == STEP_END ? g_steal_pointer(&page) : NULL;
}

/* Page by page: a reader who waits for a pager must not hold the database's log. */
gboolean
journal_each(Store *store, const JournalFilter *filter, JournalVisitor visit,
        gpointer data, GError **error)
{
	gint64 left = filter->limit != 0 ? (gint64)filter->limit : G_MAXINT64;
	const char *class = class_condition(store, filter->class, error);
	g_autoptr(GPtrArray) page = NULL;
	if (class == NULL)
		return FALSE;
	do {
		const JournalMail *last =
		        page != NULL ? page->pdata[page->len - 1] : NULL;
		GPtrArray *next = page_read(
		        store, filter, class, last, MIN(left, PAGE_MAILS), error);
		g_clear_pointer(&page, g_ptr_array_unref);
		page = next;
		if (page == NULL)
			return FALSE;
		for (guint i = 0; i < page->len; i++) {
			if (!visit(page->pdata[i], data))
				return TRUE;
		}
		left -= page->len;
	} while (page->len == PAGE_MAILS && left > 0);
	return TRUE;
}

static void
journal_count_free(gpointer pointer)
{
	JournalCount *count = pointer;
	g_free(count->class);
	g_free(count);
}

GPtrArray *
journal_counts(Store *store, gint64 since, GError **error)
{
	g_autoptr(GPtrArray) counts =
	        g_ptr_array_new_with_free_func(journal_count_free);
	Database *database = store_database(store);
	g_autoptr(Statement) query =
	        since > 0 ? database_query(database, COUNT_BY_CLASS, error, "i", since)
	                  : database_query(database, COUNT_ALL, error, "");
	if (query == NULL)
		return NULL;
	Step step;
	while ((step = statement_step(query, error)) == STEP_ROW) {
		JournalCount *count = g_new0(JournalCount, 1);
		count->class = statement_text(query, 0);
		count->outcome = journal_outcome_read(query, 1);
		count->count = statement_int(query, 2);
		g_ptr_array_add(counts, count);
	}
	return step == STEP_END ? g_steal_pointer(&counts) : NULL;
}
