#include "store/journal_list.h"
#include "store/journal_row.h"
#include "store/journal_run.h"

#include <string.h>

#define LIST_BYTES 400
/* Many, since each page enters the index anew. */
#define PAGE_MAILS 1000

static const char COUNT_ALL[] = "SELECT class, outcome, mails FROM mail_count"
                                " WHERE mails > 0 ORDER BY class, outcome";

static const char IS_CLASS[] =
        "SELECT EXISTS (SELECT 1 FROM mail_count WHERE class = ?1 AND mails > 0)";
static const char IS_DETAIL[] = "SELECT EXISTS (SELECT 1 FROM mail WHERE detail = ?1)";

static const char GET_LISTED[] = "SELECT " MAIL_COLUMNS MAIL_TABLES " WHERE m.id = ?1";
static const char GET_WHOLE[] =
        "SELECT " MAIL_COLUMNS ", f.case_json, f.plan_json" MAIL_TABLES
        " LEFT JOIN finding f ON f.mail_id = m.id WHERE m.id = ?1";

/* A page, and a count, is of one moment. A savepoint, since the caller may be in a transaction. */
static const char BEGIN_READING[] = "SAVEPOINT reading";
static const char END_READING[] = "RELEASE reading";

/* A list under way. */
typedef struct {
	Store *store;
	const JournalFilter *filter;
	const char *class; /* the condition for it, where no runs serve the filter */
	JournalRuns *runs; /* or NULL */
} Listing;

static void
listing_clear(Listing *listing)
{
	g_clear_pointer(&listing->runs, journal_runs_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Listing, listing_clear)

/* An id is hardly ever both a class and a detail, and only one column at a time gives its
 * mails in the order of time. */
static gboolean
listing_begin(Listing *listing, GError **error)
{
	gint64 is_class = 0, is_detail = 0;
	const char *class = listing->filter->class;
	Database *database = store_database(listing->store);
	if (class != NULL &&
	        (!database_ask(database, IS_CLASS, &is_class, error, "s", class) ||
	                !database_ask(
	                        database, IS_DETAIL, &is_detail, error, "s", class)))
		return FALSE;
	listing->class = "";
	if (class != NULL)
		listing->class = is_class && is_detail
		                         ? " AND (m.class = ?1 OR m.detail = ?1)"
		                         : " AND m.detail = ?1";
	if (is_detail || !journal_runs_serve(listing->filter))
		return TRUE;
	listing->runs = journal_runs_new(listing->store, listing->filter, error);
	return listing->runs != NULL;
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
 * LIMIT has the highest parameter, so that all can be bound. */
static const char *
page_sql(const Listing *listing, gboolean first)
{
	gboolean up = listing->filter->oldest_first;
	g_autoptr(GString) sql = g_string_sized_new(LIST_BYTES);
	g_string_append(sql, "SELECT m.seen_at, m.id FROM mail m WHERE 1");
	put_conditions(sql, listing->filter, listing->class);
	if (!first)
		g_string_append_printf(
		        sql, " AND (m.seen_at, m.id) %s (?6, ?7)", up ? ">" : "<");
	g_string_append(sql, up ? " ORDER BY m.seen_at, m.id LIMIT ?8"
	                        : " ORDER BY m.seen_at DESC, m.id DESC LIMIT ?8");
	return g_intern_string(sql->str);
}

static gboolean
find_page(const Listing *listing, const Spot *after, guint max, GArray *spots,
        GError **error)
{
	const JournalFilter *filter = listing->filter;
	if (listing->runs != NULL)
		return journal_runs_page(
		        listing->runs, listing->store, after, max, spots, error);
	g_autoptr(Statement) query = database_query(store_database(listing->store),
	        page_sql(listing, after == NULL), error, "ssiiiiii", filter->class,
	        filter->missing, filter->since, filter->until, filter->conversation,
	        after != NULL ? after->seen_at : 0, after != NULL ? after->id : 0,
	        (gint64)max);
	Step step = STEP_FAILED;
	while (query != NULL && (step = statement_step(query, error)) == STEP_ROW) {
		Spot spot = { statement_int(query, 0), statement_int(query, 1) };
		g_array_append_val(spots, spot);
	}
	return step == STEP_END;
}

static gboolean
read_mail(const Listing *listing, gint64 id, GPtrArray *page, GError **error)
{
	gboolean whole = listing->filter->whole;
	g_autoptr(Statement) query = database_query(store_database(listing->store),
	        whole ? GET_WHOLE : GET_LISTED, error, "i", id);
	if (query == NULL || statement_step(query, error) != STEP_ROW)
		return FALSE;
	JournalMail *mail = journal_mail_read(query, whole);
	g_ptr_array_add(page, mail);
	return journal_mail_read_place(listing->store, mail, error);
}

/* The next page's mails, of JournalMail, and their spots. */
static gboolean
read_page(const Listing *listing, const Spot *after, guint max, GArray *spots,
        GPtrArray *page, GError **error)
{
	Database *database = store_database(listing->store);
	if (!database_execute(database, BEGIN_READING, error))
		return FALSE;
	gboolean read = find_page(listing, after, max, spots, error);
	for (guint i = 0; read && i < spots->len; i++)
		read = read_mail(
		        listing, g_array_index(spots, Spot, i).id, page, error);
	return database_execute(database, END_READING, read ? error : NULL) && read;
}

/* Page by page: a reader who waits for a pager must not hold the database's log. */
gboolean
journal_each(Store *store, const JournalFilter *filter, JournalVisitor visit,
        gpointer data, GError **error)
{
	gint64 left = filter->limit != 0 ? (gint64)filter->limit : G_MAXINT64;
	g_auto(Listing) listing = { .store = store, .filter = filter };
	g_autoptr(GArray) spots = g_array_new(FALSE, FALSE, sizeof(Spot));
	g_autoptr(GPtrArray) page =
	        g_ptr_array_new_with_free_func((GDestroyNotify)journal_mail_free);
	if (!listing_begin(&listing, error))
		return FALSE;
	do {
		Spot last;
		gboolean first = spots->len == 0;
		if (!first)
			last = g_array_index(spots, Spot, spots->len - 1);
		g_array_set_size(spots, 0);
		g_ptr_array_set_size(page, 0);
		if (!read_page(&listing, first ? NULL : &last,
		            (guint)MIN(left, PAGE_MAILS), spots, page, error))
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

static void
add_count(const char *outcome, const char *class, gint64 mails, gpointer data)
{
	GPtrArray *counts = data;
	JournalOutcome which = journal_outcome_find(outcome);
	JournalCount *count =
	        counts->len > 0 ? g_ptr_array_index(counts, counts->len - 1) : NULL;
	if (mails == 0)
		return;
	class = class != NULL ? class : "";
	if (count == NULL || count->outcome != which ||
	        strcmp(count->class, class) != 0) {
		count = g_new0(JournalCount, 1);
		count->class = g_strdup(class);
		count->outcome = which;
		g_ptr_array_add(counts, count);
	}
	count->count += mails;
}

static gint
compare_counts(gconstpointer left, gconstpointer right)
{
	const JournalCount *one = *(const JournalCount *const *)left;
	const JournalCount *other = *(const JournalCount *const *)right;
	int order = strcmp(one->class, other->class);
	return order != 0 ? order
	                  : strcmp(journal_outcome_name(one->outcome),
	                            journal_outcome_name(other->outcome));
}

/* Run by run: only the mails since then are counted, in the index. */
static gboolean
count_since(Store *store, gint64 since, GPtrArray *counts, GError **error)
{
	JournalFilter filter = { .since = since };
	g_autoptr(JournalRuns) runs = journal_runs_new(store, &filter, error);
	if (runs == NULL || !journal_runs_count(runs, store, add_count, counts, error))
		return FALSE;
	g_ptr_array_sort(counts, compare_counts);
	return TRUE;
}

static gboolean
count_all(Store *store, GPtrArray *counts, GError **error)
{
	g_autoptr(Statement) query =
	        database_query(store_database(store), COUNT_ALL, error, "");
	Step step = STEP_FAILED;
	while (query != NULL && (step = statement_step(query, error)) == STEP_ROW)
		add_count(statement_peek(query, 1), statement_peek(query, 0),
		        statement_int(query, 2), counts);
	return step == STEP_END;
}

GPtrArray *
journal_counts(Store *store, gint64 since, GError **error)
{
	g_autoptr(GPtrArray) counts =
	        g_ptr_array_new_with_free_func(journal_count_free);
	Database *database = store_database(store);
	if (!database_execute(database, BEGIN_READING, error))
		return NULL;
	gboolean counted = since > 0 ? count_since(store, since, counts, error)
	                             : count_all(store, counts, error);
	return database_execute(database, END_READING, counted ? error : NULL) &&
	                       counted
	               ? g_steal_pointer(&counts)
	               : NULL;
}
