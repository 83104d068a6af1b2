#include "base/errors.h"
#include "store/journal_row.h"

#define LIST_BYTES 700

/* The order in which mail_read() takes the columns. */
#define MAIL_COLUMNS                                                                   \
	"m.id, m.sha256, m.message_id, m.from_address, m.subject, m.internaldate,"     \
	" m.seen_at, m.outcome_at, m.nature, m.class, m.detail, m.confidence,"         \
	" m.missing, m.action, m.reason, m.outcome, m.tags, m.error,"                  \
	" m.conversation_id, c.token"
#define MAIL_COLUMN_COUNT 20
#define MAIL_TABLES " FROM mail m LEFT JOIN conversation c ON c.id = m.conversation_id"

static const char GET_MAIL[] =
        "SELECT " MAIL_COLUMNS ", f.case_json, f.plan_json" MAIL_TABLES
        " LEFT JOIN finding f ON f.mail_id = m.id WHERE m.id = ?1";
static const char LATEST_PLACE[] =
        "SELECT mailbox, folder, uidvalidity, uid FROM place"
        " WHERE mail_id = ?1 ORDER BY added_at DESC, uidvalidity DESC,"
        " uid DESC LIMIT 1";

static const char *const outcome_names[] = {
	[JOURNAL_PENDING] = "pending",
	[JOURNAL_REPLIED] = "replied",
	[JOURNAL_DRAFTED] = "drafted",
	[JOURNAL_HELD] = "held",
	[JOURNAL_NO_REPLY] = "no-reply",
	[JOURNAL_ERROR] = "error",
};

const char *
journal_outcome_name(JournalOutcome outcome)
{
	return outcome_names[outcome];
}

JournalOutcome
journal_outcome_read(Statement *row, int column)
{
	g_autofree char *name = statement_text(row, column);
	for (guint i = 0; i < G_N_ELEMENTS(outcome_names); i++) {
		if (g_strcmp0(name, outcome_names[i]) == 0)
			return i;
	}
	return JOURNAL_ERROR;
}

void
place_read(Place *place, Statement *row, int column)
{
	place->mailbox = statement_text(row, column);
	place->folder = statement_text(row, column + 1);
	place->uidvalidity = (guint32)statement_int(row, column + 2);
	place->uid = (guint32)statement_int(row, column + 3);
}

void
place_clear(Place *place)
{
	g_clear_pointer(&place->mailbox, g_free);
	g_clear_pointer(&place->folder, g_free);
}

void
place_free(Place *place)
{
	if (place == NULL)
		return;
	place_clear(place);
	g_free(place);
}

void
journal_mail_free(JournalMail *mail)
{
	if (mail == NULL)
		return;
	place_clear(&mail->place);
	char *strings[] = { mail->sha256, mail->message_id, mail->from_address,
		mail->subject, mail->nature, mail->class, mail->detail, mail->missing,
		mail->action, mail->reason, mail->tags, mail->case_json,
		mail->plan_json, mail->error, mail->token };
	for (guint i = 0; i < G_N_ELEMENTS(strings); i++)
		g_free(strings[i]);
	g_free(mail);
}

static JournalMail *
mail_read(Statement *row, gboolean whole)
{
	JournalMail *mail = g_new0(JournalMail, 1);
	mail->id = statement_int(row, 0);
	mail->sha256 = statement_text(row, 1);
	mail->message_id = statement_text(row, 2);
	mail->from_address = statement_text(row, 3);
	mail->subject = statement_text(row, 4);
	mail->internaldate = statement_int(row, 5);
	mail->seen_at = statement_int(row, 6);
	mail->outcome_at = statement_int(row, 7);
	mail->nature = statement_text(row, 8);
	mail->class = statement_text(row, 9);
	mail->detail = statement_text(row, 10);
	mail->confidence = statement_double(row, 11);
	mail->missing = statement_text(row, 12);
	mail->action = statement_text(row, 13);
	mail->reason = statement_text(row, 14);
	mail->outcome = journal_outcome_read(row, 15);
	mail->tags = statement_text(row, 16);
	mail->error = statement_text(row, 17);
	mail->conversation = statement_int(row, 18);
	mail->token = statement_text(row, 19);
	if (whole) {
		mail->case_json = statement_text(row, MAIL_COLUMN_COUNT);
		mail->plan_json = statement_text(row, MAIL_COLUMN_COUNT + 1);
	}
	return mail;
}

static gboolean
mail_read_place(Store *store, JournalMail *mail, GError **error)
{
	g_autoptr(Statement) query = database_query(
	        store_database(store), LATEST_PLACE, error, "i", mail->id);
	if (query == NULL)
		return FALSE;
	Step step = statement_step(query, error);
	if (step == STEP_ROW)
		place_read(&mail->place, query, 0);
	return step != STEP_FAILED;
}

JournalMail *
journal_get(Store *store, gint64 id, GError **error)
{
	g_autoptr(Statement) query =
	        database_query(store_database(store), GET_MAIL, error, "i", id);
	Step step = query != NULL ? statement_step(query, error) : STEP_FAILED;
	if (step == STEP_END)
		g_set_error(error, TRIAGED_ERROR, ERROR_INPUT,
		        "there is no mail %" G_GINT64_FORMAT " in the journal", id);
	if (step != STEP_ROW)
		return NULL;
	g_autoptr(JournalMail) mail = mail_read(query, TRUE);
	return mail_read_place(store, mail, error) ? g_steal_pointer(&mail) : NULL;
}

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

/* The statement for a filter. Interned, as statements are known by their address; there are
 * as many as kinds of filters. LIMIT has the highest parameter, so that all can be bound. */
static const char *
filter_sql(const JournalFilter *filter, const char *class)
{
	g_autoptr(GString) sql = g_string_sized_new(LIST_BYTES);
	g_string_append(sql, "SELECT " MAIL_COLUMNS);
	if (filter->whole)
		g_string_append(sql, ", f.case_json, f.plan_json");
	g_string_append(sql, MAIL_TABLES);
	if (filter->whole)
		g_string_append(sql, " LEFT JOIN finding f ON f.mail_id = m.id");
	g_string_append(sql, " WHERE 1");
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
	g_string_append(sql, filter->oldest_first
	                             ? " ORDER BY m.seen_at, m.id"
	                             : " ORDER BY m.seen_at DESC, m.id DESC");
	g_string_append(sql, " LIMIT ?6");
	return g_intern_string(sql->str);
}

gboolean
journal_each(Store *store, const JournalFilter *filter, JournalVisitor visit,
        gpointer data, GError **error)
{
	gint64 limit = filter->limit != 0 ? (gint64)filter->limit : -1;
	const char *class = class_condition(store, filter->class, error);
	if (class == NULL)
		return FALSE;
	g_autoptr(Statement) query =
	        database_query(store_database(store), filter_sql(filter, class), error,
	                "ssiiii", filter->class, filter->missing, filter->since,
	                filter->until, filter->conversation, limit);
	if (query == NULL)
		return FALSE;
	Step step;
	while ((step = statement_step(query, error)) == STEP_ROW) {
		g_autoptr(JournalMail) mail = mail_read(query, filter->whole);
		if (!mail_read_place(store, mail, error))
			return FALSE;
		if (!visit(mail, data))
			return TRUE;
	}
	return step == STEP_END;
}
