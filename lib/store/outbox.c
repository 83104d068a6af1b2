#include "store/outbox.h"
#include "base/errors.h"
#include "store/effect_row.h"
#include "store/tally.h"

static const char ADD_EFFECT[] =
        "INSERT INTO outbox (mail_id, conversation_id, kind, state, mailbox,"
        " folder, uidvalidity, uid, recipient, envelope_from, message_id,"
        " words, payload, next_at, attempts, unknowns, added_at, queued_at,"
        " changed_at, code) VALUES (nullif(?1, 0), nullif(?2, 0), ?3, ?4, ?5,"
        " ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 0, 0, ?15, ?15, ?15, 0)";
static const char RIPEN[] =
        "UPDATE outbox SET next_at = ?2, queued_at = ?2 WHERE mail_id = ?1"
        " AND state = 'queued' AND next_at = ?3"
        " AND EXISTS (SELECT 1 FROM mail WHERE id = ?1 AND outcome <> 'pending')";
static const char MARK_CLAIMED[] =
        "UPDATE outbox SET state = 'claimed', owner = ?2, changed_at = ?3"
        " WHERE id = ?1";
static const char MARK_ATTEMPTED[] =
        "UPDATE outbox SET state = 'attempted', attempts = attempts + 1,"
        " changed_at = ?2 WHERE id = ?1 AND state = 'claimed'";
static const char MARK_BEGUN[] =
        "UPDATE outbox SET state = 'attempted', attempts = attempts + 1, owner = ?2,"
        " changed_at = ?3 WHERE id = ?1";
static const char UNCLAIM[] =
        "UPDATE outbox SET state = 'queued', changed_at = ?2 WHERE id = ?1"
        " AND state = 'claimed'";
static const char FINISH[] =
        "UPDATE outbox SET state = ?2, code = ?3, words = ?4, next_at = ?5,"
        " unknowns = unknowns + ?6, changed_at = ?7 WHERE id = ?1"
        " AND state = 'attempted'";
static const char READ_ATTEMPTS[] = "SELECT attempts FROM outbox WHERE id = ?1";
static const char READ_UNKNOWNS[] = "SELECT unknowns FROM outbox WHERE id = ?1";
static const char READ_QUEUED_AT[] = "SELECT queued_at FROM outbox WHERE id = ?1";

/* After the n-th attempt in vain, in minutes; the last one goes on until RETRY_HOURS after
 * the effect was queued. Then an agent decides: an answer a day late helps nobody. */
static const guint backoff_minutes[] = { 1, 5, 15, 30, 60 };
#define RETRY_HOURS 24

/* How far a claim that is choosy looks: further ones wait until these are done. */
#define CHOICE_MAX 1000

gboolean
outbox_add(Store *store, const Effect *effect, gint64 now, gint64 *id, GError **error)
{
	Database *database = store_database(store);
	g_autofree char *recipient = effect->recipient != NULL
	                                     ? g_utf8_strdown(effect->recipient, -1)
	                                     : NULL;
	const Place *place = &effect->place;
	gint64 next_at = effect->next_at != 0 ? effect->next_at : now;
	if (!database_run(database, ADD_EFFECT, error, "iissssiissssbii", effect->mail,
	            effect->conversation, effect_kind_name(effect->kind),
	            effect_state_word(effect->state), place->mailbox, place->folder,
	            (gint64)place->uidvalidity, (gint64)place->uid, recipient,
	            effect->envelope_from, effect->message_id, effect->words,
	            effect->payload, next_at, now))
		return FALSE;
	if (id != NULL)
		*id = database_last_id(database);
	return TRUE;
}

gboolean
outbox_ripen(Store *store, gint64 mail, gint64 now, GError **error)
{
	return database_run(store_database(store), RIPEN, error, "iii", mail, now,
	        EFFECT_AFTER_OUTCOME);
}

/* A statement about the effects that a process takes; ?1 is the mailbox or NULL. Said so that
 * the indexes of what is due fit: replies of any mailbox, or all else of one. */
static const char *
claim_sql(const char *before, const OutboxClaim *claim, const char *after)
{
	g_autoptr(GString) sql = g_string_new(before);
	if (claim->kinds == EFFECTS_OF_COURIER) {
		g_string_append(sql, " kind = 'reply'");
	} else {
		g_string_append(sql, " kind IN (''");
		for (EffectKind kind = 0; kind < EFFECT_COUNT; kind++)
			if (claim->kinds & 1u << kind)
				g_string_append_printf(
				        sql, ", '%s'", effect_kind_name(kind));
		g_string_append(sql, claim->kinds & EFFECTS_OF_COURIER
		                             ? ")"
		                             : ") AND kind <> 'reply'");
	}
	g_string_append(
	        sql, claim->mailbox != NULL ? " AND mailbox = ?1" : " AND ?1 IS NULL");
	g_string_append(sql, after);
	return g_intern_string(sql->str);
}

/* Tags wait for those added earlier to the same mail: "+missing-date" that is tried again
 * must not overtake "-missing-date". */
#define IN_TURN                                                                        \
	" AND NOT (kind = 'tag' AND EXISTS (SELECT 1 FROM outbox e"                    \
	" WHERE e.mail_id = o.mail_id AND e.id < o.id AND e.kind = 'tag'"              \
	" AND e.state IN ('queued', 'claimed', 'attempted')))"                         \
	" ORDER BY next_at, id LIMIT ?3"
#define DUE " AND next_at <= ?2" IN_TURN

/* What was changed a minute ahead is due: the clock was set back since, and nothing may wait
 * until it catches up. Looked for when nothing else is due, as it walks over all that waits. */
#define DUE_BY_OLD_CLOCK " AND changed_at > ?2 + 60000000" IN_TURN

static GPtrArray *
choose_due(Store *store, const OutboxClaim *claim, const char *due, gint64 now,
        GError **error)
{
	const char *sql =
	        claim_sql("SELECT " EFFECT_COLUMNS
	                  ", payload FROM outbox o WHERE state = 'queued' AND",
	                claim, due);
	gint64 most = claim->wanted != NULL ? CHOICE_MAX
	              : claim->max != 0     ? (gint64)claim->max
	                                    : -1;
	g_autoptr(Statement) query = database_query(
	        store_database(store), sql, error, "sii", claim->mailbox, now, most);
	return effects_choose(query, claim->wanted, claim->data, claim->max, error);
}

GPtrArray *
outbox_claim(Store *store, const OutboxClaim *claim, gint64 now, GError **error)
{
	const char *mark = claim->begin ? MARK_BEGUN : MARK_CLAIMED;
	g_autoptr(GPtrArray) effects = choose_due(store, claim, DUE, now, error);
	gint64 at;
	if (effects == NULL || !outbox_next_time(store, claim, &at, error))
		return NULL;
	if (effects->len == 0 && at > now) {
		g_ptr_array_unref(effects);
		effects = choose_due(store, claim, DUE_BY_OLD_CLOCK, now, error);
		if (effects == NULL)
			return NULL;
	}
	for (guint i = 0; i < effects->len; i++) {
		Effect *effect = g_ptr_array_index(effects, i);
		effect->state = claim->begin ? EFFECT_ATTEMPTED : EFFECT_CLAIMED;
		if (!database_run(store_database(store), mark, error, "isi", effect->id,
		            claim->owner, now))
			return NULL;
	}
	return g_steal_pointer(&effects);
}

/* Check that the last UPDATE found its row in the state that it needs. */
static gboolean
outbox_check_changed(Store *store, gint64 id, const char *wanted, GError **error)
{
	if (database_changed_rows(store_database(store)) == 1)
		return TRUE;
	g_set_error(error, TRIAGED_ERROR, ERROR_STORE,
	        "outbox entry %" G_GINT64_FORMAT " is not %s", id, wanted);
	return FALSE;
}

gboolean
outbox_mark_attempted(Store *store, gint64 id, gint64 now, GError **error)
{
	return database_run(
	               store_database(store), MARK_ATTEMPTED, error, "ii", id, now) &&
	       outbox_check_changed(store, id, "claimed", error);
}

gboolean
outbox_unclaim(Store *store, gint64 id, gint64 now, GError **error)
{
	return database_run(store_database(store), UNCLAIM, error, "ii", id, now) &&
	       outbox_check_changed(store, id, "claimed", error);
}

/* When to try again; 0: not any more. */
static gboolean
retry_time(Store *store, gint64 id, gint64 now, gint64 *at, GError **error)
{
	gint64 attempts, queued_at;
	Database *database = store_database(store);
	if (!database_ask(database, READ_ATTEMPTS, &attempts, error, "i", id) ||
	        !database_ask(database, READ_QUEUED_AT, &queued_at, error, "i", id))
		return FALSE;
	gint64 last = G_N_ELEMENTS(backoff_minutes);
	gint64 step = CLAMP(attempts, 1, last) - 1;
	*at = now + backoff_minutes[step] * G_TIME_SPAN_MINUTE;
	if (*at > queued_at + RETRY_HOURS * G_TIME_SPAN_HOUR)
		*at = 0;
	return TRUE;
}

/* What a finished attempt leads to; *at is when it is tried again, if it is. */
static gboolean
finish_state(Store *store, gint64 id, const EffectFinish *finish, gint64 now,
        EffectState *state, gint64 *at, GError **error)
{
	gint64 unknowns;
	*at = finish->retry_at;
	switch (finish->result) {
	case RESULT_DONE: *state = EFFECT_DONE; return TRUE;
	case RESULT_REFUSED: *state = EFFECT_REFUSED; return TRUE;
	case RESULT_RETRY:
		if (*at == 0 && !retry_time(store, id, now, at, error))
			return FALSE;
		*state = *at != 0 ? EFFECT_QUEUED : EFFECT_HELD;
		return TRUE;
	case RESULT_UNKNOWN:
		if (!database_ask(store_database(store), READ_UNKNOWNS, &unknowns,
		            error, "i", id))
			return FALSE;
		*at = now;
		*state = finish->resend && unknowns == 0 ? EFFECT_QUEUED
		                                         : EFFECT_UNKNOWN;
		return TRUE;
	}
	g_return_val_if_reached(FALSE);
}

/* How long a reply took to be accepted since it was ready, by itself or by an agent's word. */
static const char READ_READY_AT[] =
        "SELECT queued_at FROM outbox WHERE id = ?1 AND kind = 'reply'";

static gboolean
count_attempt(Store *store, gint64 id, EffectState state, gint64 now, GError **error)
{
	gboolean retry = state == EFFECT_QUEUED, done = state == EFFECT_DONE;
	gint64 ready_at = 0;
	if (!tally_add_effect(
	            store, id, retry ? "retry" : effect_state_word(state), error) ||
	        (done && !database_ask(store_database(store), READ_READY_AT, &ready_at,
	                         error, "i", id)))
		return FALSE;
	return ready_at == 0 ||
	       tally_add_time(store, TALLY_REPLY, now - ready_at, error);
}

gboolean
outbox_finish(Store *store, gint64 id, const EffectFinish *finish, gint64 now,
        EffectState *state, GError **error)
{
	EffectState next;
	gint64 at;
	if (!finish_state(store, id, finish, now, &next, &at, error))
		return FALSE;
	if (state != NULL)
		*state = next;
	return database_run(store_database(store), FINISH, error, "isisiii", id,
	               effect_state_word(next), (gint64)finish->code, finish->words, at,
	               (gint64)(finish->result == RESULT_UNKNOWN), now) &&
	       outbox_check_changed(store, id, "attempted", error) &&
	       count_attempt(store, id, next, now, error);
}

gboolean
outbox_next_time(Store *store, const OutboxClaim *claim, gint64 *at, GError **error)
{
	const char *sql =
	        claim_sql("SELECT next_at FROM outbox WHERE state = 'queued' AND",
	                claim, " ORDER BY next_at LIMIT 1");
	return database_ask(store_database(store), sql, at, error, "s", claim->mailbox);
}

GPtrArray *
outbox_left_behind(Store *store, const OutboxClaim *claim, GError **error)
{
	const char *sql = claim_sql("SELECT " EFFECT_COLUMNS " FROM outbox"
	                            " WHERE state IN ('claimed', 'attempted')"
	                            " AND state NOT IN ('done', 'cancelled') AND",
	        claim, " ORDER BY id");
	g_autoptr(Statement) query =
	        database_query(store_database(store), sql, error, "s", claim->mailbox);
	return effects_read(query, FALSE, error);
}

static gboolean
recover_one(Store *store, const Effect *effect, gboolean resend, gint64 now,
        EffectState *state, GError **error)
{
	gboolean reply = effect->kind == EFFECT_REPLY;
	EffectFinish finish = {
		.result = reply ? RESULT_UNKNOWN : RESULT_RETRY,
		.words = "the process ended during the attempt",
		.retry_at = now,
		.resend = resend,
	};
	*state = EFFECT_QUEUED;
	if (effect->state == EFFECT_CLAIMED)
		return outbox_unclaim(store, effect->id, now, error);
	return outbox_finish(store, effect->id, &finish, now, state, error);
}

GPtrArray *
outbox_recover(Store *store, const OutboxClaim *claim, gboolean resend, gint64 now,
        GError **error)
{
	g_autoptr(GPtrArray) left = outbox_left_behind(store, claim, error);
	for (guint i = 0; left != NULL && i < left->len;) {
		Effect *effect = g_ptr_array_index(left, i);
		EffectState state;
		if (!recover_one(store, effect, resend, now, &state, error))
			return NULL;
		effect->state = state;
		if (state == EFFECT_UNKNOWN)
			i++;
		else
			g_ptr_array_remove_index(left, i);
	}
	return g_steal_pointer(&left);
}
