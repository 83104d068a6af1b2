#include "store/conversation.h"
#include "base/errors.h"
#include "store/database.h"

/* With 2^30 tokens and a million conversations one in a thousand is taken. */
#define TOKEN_ROUNDS 20

static const char ADD_CONVERSATION[] =
        "INSERT INTO conversation (created_at, state) VALUES (?1, 'open')";
static const char SET_TOKEN[] =
        "UPDATE OR IGNORE conversation SET token = ?2 WHERE id = ?1";
static const char UPDATE[] =
        "UPDATE conversation SET state = ?2, reason = ?3, data = ?4,"
        " root_id = ifnull(nullif(?5, 0), root_id) WHERE id = ?1";
static const char ADD_MESSAGE[] =
        "INSERT INTO thread (message_id, conversation_id, ours)"
        " VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
static const char FIND_MESSAGE[] =
        "SELECT conversation_id, ours FROM thread WHERE message_id = ?1";
static const char FIND_TOKEN[] = "SELECT id FROM conversation WHERE token = ?1";
static const char HAS_SENDER[] =
        "SELECT EXISTS (SELECT 1 FROM mail WHERE conversation_id = ?1"
        " AND from_address = ?2) OR EXISTS (SELECT 1 FROM outbox"
        " WHERE kind = 'reply' AND conversation_id = ?1 AND recipient = ?2)";
static const char GET_CONVERSATION[] =
        "SELECT id, token, root_id, created_at, state, reason, data,"
        " (SELECT count(*) FROM mail WHERE conversation_id = c.id),"
        " (SELECT count(*) FROM outbox WHERE kind = 'reply'"
        " AND conversation_id = c.id"
        " AND state NOT IN ('held', 'refused', 'cancelled'))"
        " FROM conversation c WHERE id = ?1";

void
conversation_free(Conversation *conversation)
{
	if (conversation == NULL)
		return;
	g_free(conversation->token);
	g_free(conversation->state);
	g_free(conversation->reason);
	g_free(conversation->data);
	g_free(conversation);
}

/* Try tokens until one is free. */
static char *
conversation_set_token(Store *store, gint64 id, GError **error)
{
	Database *database = store_database(store);
	for (guint round = 0; round < TOKEN_ROUNDS; round++) {
		g_autofree char *token =
		        signing_key_make_token(store_secret(store), id, round);
		if (!database_run(database, SET_TOKEN, error, "is", id, token))
			return NULL;
		if (database_changed_rows(database) == 1)
			return g_steal_pointer(&token);
	}
	g_set_error(error, TRIAGED_ERROR, ERROR_STORE,
	        "no free token for conversation %d", (int)id);
	return NULL;
}

gboolean
conversation_new(Store *store, gint64 now, gint64 *id, char **token, GError **error)
{
	Database *database = store_database(store);
	if (!database_run(database, ADD_CONVERSATION, error, "i", now))
		return FALSE;
	*id = database_last_id(database);
	*token = conversation_set_token(store, *id, error);
	return *token != NULL;
}

gboolean
conversation_update(
        Store *store, gint64 id, const ConversationUpdate *update, GError **error)
{
	return database_run(store_database(store), UPDATE, error, "isssi", id,
	        update->state, update->reason, update->data, update->root);
}

gboolean
conversation_add_message(
        Store *store, gint64 id, const char *message_id, gboolean ours, GError **error)
{
	return database_run(store_database(store), ADD_MESSAGE, error, "sii",
	        message_id, id, (gint64)ours);
}

static gboolean
find_message(Store *store, const char *message_id, gint64 *id, gboolean *ours,
        GError **error)
{
	g_autoptr(Statement) query = database_query(
	        store_database(store), FIND_MESSAGE, error, "s", message_id);
	if (query == NULL)
		return FALSE;
	Step step = statement_step(query, error);
	if (step == STEP_ROW) {
		*id = statement_int(query, 0);
		*ours = statement_int(query, 1) != 0;
	}
	return step != STEP_FAILED;
}

gboolean
conversation_find(Store *store, const char *const *message_ids, gint64 *id,
        gboolean *ours, GError **error)
{
	gboolean is_ours = FALSE;
	gsize count = 0;
	*id = 0;
	while (message_ids != NULL && message_ids[count] != NULL)
		count++;
	while (count > 0 && *id == 0) {
		if (!find_message(store, message_ids[--count], id, &is_ours, error))
			return FALSE;
	}
	if (ours != NULL)
		*ours = is_ours;
	return TRUE;
}

gboolean
conversation_find_token(Store *store, const char *token, gint64 *id, GError **error)
{
	g_autofree char *upper = g_ascii_strup(token, -1);
	return database_ask(store_database(store), FIND_TOKEN, id, error, "s", upper);
}

gboolean
conversation_has_sender(
        Store *store, gint64 id, const char *address, gboolean *has, GError **error)
{
	gint64 value;
	g_autofree char *key = g_utf8_strdown(address, -1);
	gboolean asked = database_ask(
	        store_database(store), HAS_SENDER, &value, error, "is", id, key);
	*has = value != 0;
	return asked;
}

Conversation *
conversation_get(Store *store, gint64 id, GError **error)
{
	g_autoptr(Statement) query =
	        database_query(store_database(store), GET_CONVERSATION, error, "i", id);
	Step step = query != NULL ? statement_step(query, error) : STEP_FAILED;
	if (step == STEP_END)
		g_set_error(error, TRIAGED_ERROR, ERROR_INPUT,
		        "there is no conversation %" G_GINT64_FORMAT, id);
	if (step != STEP_ROW)
		return NULL;
	Conversation *conversation = g_new0(Conversation, 1);
	conversation->id = statement_int(query, 0);
	conversation->token = statement_text(query, 1);
	conversation->root = statement_int(query, 2);
	conversation->created_at = statement_int(query, 3);
	conversation->state = statement_text(query, 4);
	conversation->reason = statement_text(query, 5);
	conversation->data = statement_text(query, 6);
	conversation->mails = (guint)statement_int(query, 7);
	conversation->replies = (guint)statement_int(query, 8);
	return conversation;
}
