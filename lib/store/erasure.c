#include "store/erasure.h"
#include "store/database.h"

/* The longest time a limit looks back: reply.per_sender.hours at most. */
#define LIMIT_HOURS_MOST 8760

/* By finding, which an erased mail has none of; ids grow with the time at which mails are seen. */
static const char FIND_OLD[] =
        "SELECT f.mail_id FROM finding f JOIN mail m ON m.id = f.mail_id"
        " WHERE f.mail_id <= (SELECT id FROM mail WHERE seen_at < ?1"
        " ORDER BY seen_at DESC LIMIT 1) AND m.seen_at < ?1 AND m.outcome_at < ?1"
        " AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.mail_id = m.id"
        " AND (o.changed_at >= ?1 OR o.state IN ('queued', 'claimed', 'attempted')))"
        " ORDER BY f.mail_id LIMIT ?2";
static const char ERASE_MAIL[] =
        "UPDATE mail SET message_id = NULL, from_address = NULL, subject = NULL,"
        " error = NULL WHERE id = ?1";
static const char ERASE_FINDING[] = "DELETE FROM finding WHERE mail_id = ?1";
static const char ERASE_UNMATCHED[] = "DELETE FROM unmatched WHERE mail_id = ?1";
static const char ERASE_EVENTS[] = "DELETE FROM event WHERE mail_id = ?1";
/* Tags and moves hold nothing of the mail: those under way go on. */
static const char ERASE_EFFECTS[] =
        "DELETE FROM outbox WHERE mail_id = ?1 AND NOT (kind = 'reply'"
        " AND state IN ('done', 'unknown')) AND NOT (kind IN ('tag', 'move')"
        " AND state IN ('queued', 'claimed', 'attempted'))";
/* A mail has one reply at most. */
static const char READ_RECIPIENT[] = "SELECT recipient FROM outbox WHERE mail_id = ?1"
                                     " AND kind = 'reply' AND recipient NOT GLOB '#*'";
static const char ERASE_REPLY[] =
        "UPDATE outbox SET state = 'done', recipient = ?2, message_id = NULL,"
        " envelope_from = NULL, words = NULL, payload = x''"
        " WHERE mail_id = ?1 AND kind = 'reply'";
static const char READ_CONVERSATION[] =
        "SELECT conversation_id FROM mail WHERE id = ?1";
static const char COUNT_LEFT[] =
        "SELECT count(*) FROM mail m JOIN finding f ON f.mail_id = m.id"
        " WHERE m.conversation_id = ?1";
static const char ERASE_CONVERSATION[] =
        "UPDATE conversation SET data = NULL, reason = NULL WHERE id = ?1";
static const char ERASE_THREAD[] = "DELETE FROM thread WHERE conversation_id = ?1";
static const char EXPIRE_BOUNCED[] = "DELETE FROM bounced WHERE until <= ?1";
static const char EXPIRE_REPLIES[] =
        "DELETE FROM outbox WHERE kind = 'reply' AND queued_at < ?1"
        " AND recipient GLOB '#*'";
static const char EXPIRE_EVENTS[] = "DELETE FROM event WHERE at < ?1";

/* Column 0 of all rows. */
static GArray *
read_ids(Statement *query, GError **error)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
	Step step = STEP_FAILED;
	while (query != NULL && (step = statement_step(query, error)) == STEP_ROW) {
		gint64 id = statement_int(query, 0);
		g_array_append_val(ids, id);
	}
	return step == STEP_END ? g_steal_pointer(&ids) : NULL;
}

static gboolean
hide_reply(Store *store, gint64 mail, GError **error)
{
	Database *database = store_database(store);
	g_autoptr(Statement) query =
	        database_query(database, READ_RECIPIENT, error, "i", mail);
	Step step = query != NULL ? statement_step(query, error) : STEP_FAILED;
	if (step != STEP_ROW)
		return step == STEP_END;
	g_autofree char *recipient = statement_text(query, 0);
	g_autofree char *hidden = signing_key_hide(store_secret(store), recipient);
	g_clear_pointer(&query, statement_done);
	return database_run(database, ERASE_REPLY, error, "is", mail, hidden);
}

static gboolean
erase_conversation(Store *store, gint64 mail, GError **error)
{
	Database *database = store_database(store);
	gint64 id, left;
	if (!database_ask(database, READ_CONVERSATION, &id, error, "i", mail) ||
	        !database_ask(database, COUNT_LEFT, &left, error, "i", id))
		return FALSE;
	if (id == 0 || left > 0)
		return TRUE;
	return database_run(database, ERASE_CONVERSATION, error, "i", id) &&
	       database_run(database, ERASE_THREAD, error, "i", id);
}

gboolean
erasure_of_mail(Store *store, gint64 id, GError **error)
{
	static const char *const statements[] = { ERASE_MAIL, ERASE_FINDING,
		ERASE_UNMATCHED, ERASE_EVENTS, ERASE_EFFECTS };
	for (gsize i = 0; i < G_N_ELEMENTS(statements); i++)
		if (!database_run(store_database(store), statements[i], error, "i", id))
			return FALSE;
	return hide_reply(store, id, error) && erase_conversation(store, id, error);
}

gboolean
erasure_prune(Store *store, gint64 before, guint max, guint *erased, GError **error)
{
	g_autoptr(Statement) query = database_query(
	        store_database(store), FIND_OLD, error, "ii", before, (gint64)max);
	g_autoptr(GArray) old = read_ids(query, error);
	*erased = 0;
	if (old == NULL)
		return FALSE;
	g_clear_pointer(&query, statement_done);
	for (guint i = 0; i < old->len; i++)
		if (!erasure_of_mail(store, g_array_index(old, gint64, i), error))
			return FALSE;
	*erased = old->len;
	return TRUE;
}

gboolean
erasure_expire(Store *store, gint64 before, gint64 now, GError **error)
{
	Database *database = store_database(store);
	gint64 unlimited = now - LIMIT_HOURS_MOST * G_TIME_SPAN_HOUR;
	return database_run(database, EXPIRE_BOUNCED, error, "i", now) &&
	       database_run(database, EXPIRE_REPLIES, error, "i", unlimited) &&
	       database_run(database, EXPIRE_EVENTS, error, "i", before);
}

gboolean
erasure_round(Store *store, gint64 before, guint max, gint64 now, guint *erased,
        GError **error)
{
	if (!store_begin(store, error))
		return FALSE;
	if (erasure_prune(store, before, max, erased, error) &&
	        erasure_expire(store, before, now, error))
		return store_commit(store, error);
	store_rollback(store);
	return FALSE;
}
