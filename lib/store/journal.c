#include "store/journal.h"
#include "base/errors.h"
#include "store/database.h"
#include "store/journal_row.h"
#include "store/outbox.h"
#include "store/tally.h"

static const char FIND_PLACE[] =
        "SELECT mail_id FROM place WHERE mailbox = ?1 AND folder = ?2"
        " AND uidvalidity = ?3 AND uid = ?4";
static const char FIND_SHA256[] = "SELECT id FROM mail WHERE sha256 = ?1";
static const char FIND_TWIN[] =
        "SELECT 1 FROM mail WHERE message_id = ?1 AND from_address = ?2"
        " AND ifnull(subject, '') = ?3 AND seen_at >= ?4 AND class IS NOT NULL";
static const char ADD_MAIL[] =
        "INSERT INTO mail (sha256, message_id, from_address, subject,"
        " internaldate, seen_at, nature, class, detail, confidence, missing,"
        " action, reason, outcome, outcome_at, tags, error,"
        " conversation_id, signature, first_missing) VALUES (?1, ?2, ?3, ?4, ?5,"
        " ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?6, ?15, ?16, nullif(?17, 0),"
        " ?18, ?11)";
static const char ADD_FINDING[] = "INSERT INTO finding (mail_id, case_json, plan_json)"
                                  " VALUES (?1, ?2, ?3)";
static const char ADD_PLACE[] =
        "INSERT INTO place (mailbox, folder, uidvalidity, uid, mail_id,"
        " added_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
static const char SET_OUTCOME[] =
        "UPDATE mail SET outcome = ?2, reason = ifnull(?3, reason),"
        " outcome_at = ?4, answered_at = CASE ?2 WHEN 'replied'"
        " THEN ifnull(answered_at, ?4) ELSE answered_at END WHERE id = ?1";
static const char SET_TAGS[] = "UPDATE mail SET tags = ?2 WHERE id = ?1";
static const char GET_TAGS[] = "SELECT tags FROM mail WHERE id = ?1";
static const char SET_MISSING[] = "UPDATE mail SET missing = ?2 WHERE id = ?1";
static const char SET_CONVERSATION[] =
        "UPDATE mail SET conversation_id = nullif(?2, 0) WHERE id = ?1";
static const char LIST_PLACES[] =
        "SELECT mailbox, folder, uidvalidity, uid FROM place"
        " WHERE mail_id = ?1 ORDER BY added_at DESC, uidvalidity DESC, uid DESC";
static const char HAS_ELSEWHERE[] =
        "SELECT EXISTS (SELECT 1 FROM place WHERE mailbox = ?1 AND folder < ?2)"
        " OR EXISTS (SELECT 1 FROM place WHERE mailbox = ?1 AND folder > ?2)";
static const char LATEST_UIDS[] =
        "SELECT uid FROM place WHERE mailbox = ?1 AND folder = ?2"
        " AND uidvalidity = ?3 ORDER BY uid DESC LIMIT ?4";
static const char GET_MAIL[] =
        "SELECT " MAIL_COLUMNS ", f.case_json, f.plan_json" MAIL_TABLES
        " LEFT JOIN finding f ON f.mail_id = m.id WHERE m.id = ?1";

gboolean
journal_find_place(Store *store, const Place *place, gint64 *id, GError **error)
{
	return database_ask(store_database(store), FIND_PLACE, id, error, "ssii",
	        place->mailbox, place->folder, (gint64)place->uidvalidity,
	        (gint64)place->uid);
}

gboolean
journal_find_sha256(Store *store, const char *sha256, gint64 *id, GError **error)
{
	return database_ask(store_database(store), FIND_SHA256, id, error, "s", sha256);
}

gboolean
journal_has_twin(Store *store, const char *message_id, const char *from,
        const char *subject, gint64 since, gboolean *has, GError **error)
{
	gint64 value = 0;
	g_autofree char *author = g_utf8_strdown(from, -1);
	gboolean asked = database_ask(store_database(store), FIND_TWIN, &value, error,
	        "sssi", message_id, author, subject != NULL ? subject : "", since);
	*has = value != 0;
	return asked;
}

static gboolean
add_mail(Database *database, const JournalMail *mail, GError **error)
{
	g_autofree char *from = mail->from_address != NULL
	                                ? g_utf8_strdown(mail->from_address, -1)
	                                : NULL;
	return database_run(database, ADD_MAIL, error, "ssssiisssdssssssis",
	        mail->sha256, mail->message_id, from, mail->subject, mail->internaldate,
	        mail->seen_at, mail->nature, mail->class, mail->detail,
	        mail->confidence, mail->missing, mail->action, mail->reason,
	        journal_outcome_name(mail->outcome), mail->tags, mail->error,
	        mail->conversation, mail->signature);
}

/* The gate is what the plan gave for not answering; a plan to answer has other reasons. */
static gboolean
count_mail(Store *store, const JournalMail *mail, GError **error)
{
	static const char *const gated[] = { "hold", "suppress", NULL };
	if (!tally_add(store, TALLY_MAIL, mail->class, mail->action, error))
		return FALSE;
	return mail->action == NULL || mail->reason == NULL ||
	       !g_strv_contains(gated, mail->action) ||
	       tally_add(store, TALLY_GATE, mail->reason, NULL, error);
}

gboolean
journal_add(Store *store, const JournalMail *mail, gint64 *id, GError **error)
{
	Database *database = store_database(store);
	if (!count_mail(store, mail, error) || !add_mail(database, mail, error))
		return FALSE;
	*id = database_last_id(database);
	if (!database_run(database, ADD_FINDING, error, "iss", *id, mail->case_json,
	            mail->plan_json))
		return FALSE;
	return journal_add_place(store, *id, &mail->place, mail->seen_at, error);
}

gboolean
journal_add_place(
        Store *store, gint64 id, const Place *place, gint64 now, GError **error)
{
	return database_run(store_database(store), ADD_PLACE, error, "ssiiii",
	        place->mailbox, place->folder, (gint64)place->uidvalidity,
	        (gint64)place->uid, id, now);
}

gboolean
journal_set_outcome(Store *store, gint64 id, JournalOutcome outcome, const char *reason,
        gint64 now, GError **error)
{
	return database_run(store_database(store), SET_OUTCOME, error, "issi", id,
	               journal_outcome_name(outcome), reason, now) &&
	       outbox_ripen(store, id, now, error);
}

gboolean
journal_set_tags(Store *store, gint64 id, const char *tags, GError **error)
{
	return database_run(store_database(store), SET_TAGS, error, "is", id, tags);
}

gboolean
journal_get_tags(Store *store, gint64 id, char **tags, GError **error)
{
	g_autoptr(Statement) query =
	        database_query(store_database(store), GET_TAGS, error, "i", id);
	Step step = query != NULL ? statement_step(query, error) : STEP_FAILED;
	*tags = step == STEP_ROW ? statement_text(query, 0) : NULL;
	if (step == STEP_END)
		g_set_error(error, TRIAGED_ERROR, ERROR_INPUT,
		        "there is no mail %" G_GINT64_FORMAT " in the journal", id);
	return step == STEP_ROW;
}

gboolean
journal_set_missing(Store *store, gint64 id, const char *missing, GError **error)
{
	return database_run(
	        store_database(store), SET_MISSING, error, "is", id, missing);
}

gboolean
journal_set_conversation(Store *store, gint64 id, gint64 conversation, GError **error)
{
	return database_run(
	        store_database(store), SET_CONVERSATION, error, "ii", id, conversation);
}

GArray *
journal_latest_uids(Store *store, const Place *folder, guint max, GError **error)
{
	g_autoptr(Statement) query = database_query(store_database(store), LATEST_UIDS,
	        error, "ssii", folder->mailbox, folder->folder,
	        (gint64)folder->uidvalidity, (gint64)max);
	g_autoptr(GArray) uids = g_array_new(FALSE, FALSE, sizeof(guint32));
	Step step = STEP_FAILED;
	while (query != NULL && (step = statement_step(query, error)) == STEP_ROW) {
		guint32 uid = (guint32)statement_int(query, 0);
		g_array_append_val(uids, uid);
	}
	return step == STEP_END ? g_steal_pointer(&uids) : NULL;
}

gboolean
journal_has_elsewhere(Store *store, const char *mailbox, const char *folder,
        gboolean *has, GError **error)
{
	gint64 value;
	gboolean asked = database_ask(store_database(store), HAS_ELSEWHERE, &value,
	        error, "ss", mailbox, folder);
	*has = value != 0;
	return asked;
}

GPtrArray *
journal_places(Store *store, gint64 id, GError **error)
{
	g_autoptr(GPtrArray) places =
	        g_ptr_array_new_with_free_func((GDestroyNotify)place_free);
	g_autoptr(Statement) query =
	        database_query(store_database(store), LIST_PLACES, error, "i", id);
	if (query == NULL)
		return NULL;
	Step step;
	while ((step = statement_step(query, error)) == STEP_ROW) {
		Place *place = g_new0(Place, 1);
		place_read(place, query, 0);
		g_ptr_array_add(places, place);
	}
	return step == STEP_END ? g_steal_pointer(&places) : NULL;
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
	g_autoptr(JournalMail) mail = journal_mail_read(query, TRUE);
	return journal_mail_read_place(store, mail, error) ? g_steal_pointer(&mail)
	                                                   : NULL;
}
