#include "store/reply_limit.h"

#include <string.h>

#include "store/database.h"

#define COUNTED " state NOT IN ('held', 'refused', 'cancelled')"

/* "anna+any@example.it" is anna@example.it: the tag is free to choose, for who wants her to be
 * flooded too. (',' follows '+'.) */
#define COUNT_RECIPIENT                                                                \
	"(SELECT count(*) FROM outbox WHERE kind = 'reply' AND +queued_at >= ?3 "      \
	"AND" COUNTED
/* Three sums, each by the index of recipients ("+" keeps SQLite from that of times): one OR
 * walked over all replies of a day, so that each mail of a flood cost more than the last. */
static const char COUNT_ADDRESS[] =
        "SELECT " COUNT_RECIPIENT " AND recipient = ?1 || ?2) + " COUNT_RECIPIENT
        " AND recipient = ?4) + " COUNT_RECIPIENT
        " AND recipient > ?1 || '+' AND recipient < ?1 || ','"
        " AND substr(recipient, -length(?2)) = ?2)";
static const char COUNT_CONVERSATION[] =
        "SELECT count(*) FROM outbox WHERE kind = 'reply'"
        " AND conversation_id = ?1 AND" COUNTED;
/* Among thousands within the time only as many are counted as matter. */
static const char COUNT_ALL[] =
        "SELECT count(*) FROM (SELECT 1 FROM outbox WHERE kind = 'reply'"
        " AND queued_at >= ?1 AND" COUNTED " LIMIT ?2)";
static const char READ_BREAKER[] = "SELECT since, reason FROM breaker WHERE id = 1";
static const char OPEN_BREAKER[] =
        "INSERT INTO breaker (id, since, reason) VALUES (1, ?1, ?2)"
        " ON CONFLICT DO NOTHING";
static const char CLOSE_BREAKER[] = "DELETE FROM breaker";
static const char ADD_BOUNCED[] =
        "INSERT INTO bounced (address, reason, at, until)"
        " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (address) DO UPDATE"
        " SET reason = ?2, at = ?3, until = ?4";
static const char FIND_RECIPIENT[] =
        "SELECT recipient FROM outbox WHERE mail_id = ?1 AND kind = 'reply'"
        " ORDER BY id DESC LIMIT 1";
static const char FIND_BOUNCED[] =
        "SELECT EXISTS (SELECT 1 FROM bounced WHERE address = ?1 AND until > ?2)"
        " OR EXISTS (SELECT 1 FROM bounced WHERE address = ?3 AND until > ?2)";

gboolean
reply_limit_count_address(
        Store *store, const char *address, gint64 since, guint *count, GError **error)
{
	gint64 value;
	g_autofree char *key = g_utf8_strdown(address, -1);
	const char *at = strrchr(key, '@');
	gsize local = at != NULL ? (gsize)(at - key) : strlen(key);
	gsize plus = strcspn(key, "+");
	g_autofree char *person =
	        g_strndup(key, plus > 0 && plus < local ? plus : local);
	g_autofree char *hidden = signing_key_hide(store_secret(store), address);
	gboolean asked = database_ask(store_database(store), COUNT_ADDRESS, &value,
	        error, "ssis", person, key + local, since, hidden);
	*count = (guint)value;
	return asked;
}

gboolean
reply_limit_count_conversation(
        Store *store, gint64 conversation, guint *count, GError **error)
{
	gint64 value;
	gboolean asked = database_ask(store_database(store), COUNT_CONVERSATION, &value,
	        error, "i", conversation);
	*count = (guint)value;
	return asked;
}

gboolean
reply_limit_count_all(
        Store *store, gint64 since, guint most, guint *count, GError **error)
{
	gint64 value;
	gboolean asked = database_ask(store_database(store), COUNT_ALL, &value, error,
	        "ii", since, (gint64)most);
	*count = (guint)value;
	return asked;
}

void
breaker_clear(Breaker *breaker)
{
	g_clear_pointer(&breaker->reason, g_free);
	breaker->since = 0;
}

gboolean
breaker_get(Store *store, Breaker *breaker, GError **error)
{
	*breaker = (Breaker){ 0 };
	g_autoptr(Statement) query =
	        database_query(store_database(store), READ_BREAKER, error, "");
	if (query == NULL)
		return FALSE;
	Step step = statement_step(query, error);
	if (step == STEP_ROW) {
		breaker->since = statement_int(query, 0);
		breaker->reason = statement_text(query, 1);
	}
	return step != STEP_FAILED;
}

gboolean
breaker_open(Store *store, const char *reason, gint64 now, GError **error)
{
	return database_run(
	        store_database(store), OPEN_BREAKER, error, "is", now, reason);
}

gboolean
breaker_close(Store *store, GError **error)
{
	return database_run(store_database(store), CLOSE_BREAKER, error, "");
}

static gboolean
bounced_put(
        Store *store, const char *key, const char *reason, gint64 now, GError **error)
{
	return database_run(store_database(store), ADD_BOUNCED, error, "ssii", key,
	        reason, now, now + BOUNCED_DAYS * G_TIME_SPAN_DAY);
}

gboolean
bounced_add(Store *store, const char *address, const char *reason, gint64 now,
        GError **error)
{
	g_autofree char *key = g_utf8_strdown(address, -1);
	return bounced_put(store, key, reason, now, error);
}

gboolean
bounced_add_reply(
        Store *store, gint64 mail, const char *reason, gint64 now, GError **error)
{
	g_autoptr(Statement) query =
	        database_query(store_database(store), FIND_RECIPIENT, error, "i", mail);
	if (query == NULL)
		return FALSE;
	Step step = statement_step(query, error);
	/* in lower case already, or hidden, if it was erased since */
	g_autofree char *key = step == STEP_ROW ? statement_text(query, 0) : NULL;
	return step != STEP_FAILED &&
	       (key == NULL || bounced_put(store, key, reason, now, error));
}

gboolean
bounced_has(
        Store *store, const char *address, gint64 now, gboolean *has, GError **error)
{
	gint64 value;
	g_autofree char *key = g_utf8_strdown(address, -1);
	g_autofree char *hidden = signing_key_hide(store_secret(store), address);
	gboolean asked = database_ask(store_database(store), FIND_BOUNCED, &value,
	        error, "sis", key, now, hidden);
	*has = value != 0;
	return asked;
}
