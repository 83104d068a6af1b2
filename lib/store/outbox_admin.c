#include "store/outbox_admin.h"
#include "base/errors.h"
#include "store/effect_row.h"

static const char GET_EFFECT[] =
        "SELECT " EFFECT_COLUMNS ", payload FROM outbox WHERE id = ?1";
/* A tag's payload is a few words, as is a folder's name; a mail's may be large. */
#define TAG_PAYLOAD ", CASE WHEN kind IN ('tag', 'handover', 'move') THEN payload END"
/* By the index of what is open: among a million that are done these few are not looked for. */
static const char LIST_OPEN[] =
        "SELECT " EFFECT_COLUMNS TAG_PAYLOAD " FROM outbox WHERE id IN"
        " (SELECT id FROM outbox INDEXED BY outbox_open"
        " WHERE state NOT IN ('done', 'cancelled')) ORDER BY id";
static const char LIST_OF_MAIL[] = "SELECT " EFFECT_COLUMNS TAG_PAYLOAD " FROM outbox"
                                   " WHERE mail_id = ?1 ORDER BY id";
static const char COUNT_OPEN[] =
        "SELECT kind, state, count(*), min(queued_at),"
        " min(CASE state WHEN 'queued' THEN next_at END) FROM outbox"
        " WHERE state NOT IN ('done', 'cancelled') GROUP BY kind, state";
static const char QUEUE_AGAIN[] =
        "UPDATE outbox SET state = 'queued', unknowns = 0, queued_at = ?2,"
        " next_at = ?2, changed_at = ?2 WHERE id = ?1";
static const char CANCEL[] =
        "UPDATE outbox SET state = 'cancelled', words = ifnull(?2, words),"
        " changed_at = ?3 WHERE id = ?1";

Effect *
outbox_get(Store *store, gint64 id, GError **error)
{
	g_autoptr(Statement) query =
	        database_query(store_database(store), GET_EFFECT, error, "i", id);
	g_autoptr(GPtrArray) effects = effects_read(query, TRUE, error);
	if (effects == NULL)
		return NULL;
	if (effects->len == 1)
		return g_ptr_array_steal_index(effects, 0);
	g_set_error(error, TRIAGED_ERROR, ERROR_INPUT,
	        "there is no outbox entry %" G_GINT64_FORMAT, id);
	return NULL;
}

GPtrArray *
outbox_list(Store *store, gint64 mail, GError **error)
{
	Database *database = store_database(store);
	g_autoptr(Statement) query =
	        mail != 0 ? database_query(database, LIST_OF_MAIL, error, "i", mail)
	                  : database_query(database, LIST_OPEN, error, "");
	return effects_read(query, TRUE, error);
}

GPtrArray *
outbox_counts(Store *store, GError **error)
{
	g_autoptr(GPtrArray) counts = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(Statement) query =
	        database_query(store_database(store), COUNT_OPEN, error, "");
	if (query == NULL)
		return NULL;
	Step step;
	while ((step = statement_step(query, error)) == STEP_ROW) {
		OutboxCount *count = g_new0(OutboxCount, 1);
		count->kind = effect_kind_read(query, 0);
		count->state = effect_state_read(query, 1);
		count->count = statement_int(query, 2);
		count->oldest = statement_int(query, 3);
		count->due = statement_int(query, 4);
		g_ptr_array_add(counts, count);
	}
	return step == STEP_END ? g_steal_pointer(&counts) : NULL;
}

/* Check that an effect is there and in one of the states, a bit set. */
static gboolean
outbox_check_state(
        Store *store, gint64 id, guint states, const char *verb, GError **error)
{
	g_autoptr(Effect) effect = outbox_get(store, id, error);
	if (effect == NULL)
		return FALSE;
	if (states & 1u << effect->state)
		return TRUE;
	g_set_error(error, TRIAGED_ERROR, ERROR_INPUT,
	        "outbox entry %" G_GINT64_FORMAT " is %s and cannot be %s", id,
	        effect_state_name(effect->kind, effect->state), verb);
	return FALSE;
}

#define STATES_TO_RELEASE (1u << EFFECT_HELD | 1u << EFFECT_UNKNOWN)
#define STATES_TO_CHANGE                                                               \
	(STATES_TO_RELEASE | 1u << EFFECT_QUEUED | 1u << EFFECT_REFUSED)

gboolean
outbox_retry(Store *store, gint64 id, gint64 now, GError **error)
{
	return outbox_check_state(store, id, STATES_TO_CHANGE, "retried", error) &&
	       database_run(store_database(store), QUEUE_AGAIN, error, "ii", id, now);
}

gboolean
outbox_release(Store *store, gint64 id, gint64 now, GError **error)
{
	return outbox_check_state(store, id, STATES_TO_RELEASE, "released", error) &&
	       database_run(store_database(store), QUEUE_AGAIN, error, "ii", id, now);
}

gboolean
outbox_cancel(Store *store, gint64 id, const char *words, gint64 now, GError **error)
{
	return outbox_check_state(store, id, STATES_TO_CHANGE, "cancelled", error) &&
	       database_run(
	               store_database(store), CANCEL, error, "isi", id, words, now);
}
