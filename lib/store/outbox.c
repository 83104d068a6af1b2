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
        " unknowns = unknowns + ?6, changed_at = ?7, attempts = attempts + ?8"
        " WHERE id = ?1 AND state = ?9";
static const char READ_ATTEMPT[] =
        "SELECT kind, attempts, unknowns, queued_at FROM outbox WHERE id = ?1";

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

static gboolean
outbox_set_not(gint64 id, const char *wanted, GError **error)
{
	g_set_error(error, TRIAGED_ERROR, ERROR_STORE,
	        "outbox entry %" G_GINT64_FORMAT " is not %s", id, wanted);
	return FALSE;
}

/* Check that the last UPDATE found its row in the state that it needs. */
static gboolean
outbox_check_changed(Store *store, gint64 id, const char *wanted, GError **error)
{
	return database_changed_rows(store_database(store)) == 1 ||
	       outbox_set_not(id, wanted, error);
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

/* What an attempt's outcome depends on beside the outcome. */
typedef struct {
	EffectKind kind;
	gint64 number, unknowns, queued_at;
} Attempt;

static gboolean
read_attempt(Store *store, gint64 id, const EffectFinish *finish, Attempt *attempt,
        GError **error)
{
	g_autoptr(Statement) query =
	        database_query(store_database(store), READ_ATTEMPT, error, "i", id);
	Step step = query != NULL ? statement_step(query, error) : STEP_FAILED;
	if (step != STEP_ROW)
		return step == STEP_END &&
		       outbox_set_not(
		               id, finish->whole ? "claimed" : "attempted", error);
	attempt->kind = effect_kind_read(query, 0);
	attempt->number = statement_int(query, 1) + (finish->whole ? 1 : 0);
	attempt->unknowns = statement_int(query, 2);
	attempt->queued_at = statement_int(query, 3);
	return TRUE;
}

/* When to try again; 0: not any more. */
static gint64
retry_time(const Attempt *attempt, gint64 now)
{
	gint64 last = G_N_ELEMENTS(backoff_minutes);
	gint64 step = CLAMP(attempt->number, 1, last) - 1;
	gint64 at = now + backoff_minutes[step] * G_TIME_SPAN_MINUTE;
	return at > attempt->queued_at + RETRY_HOURS * G_TIME_SPAN_HOUR ? 0 : at;
}

static EffectState
finish_state(const Attempt *attempt, const EffectFinish *finish, gint64 now, gint64 *at)
{
	*at = finish->retry_at;
	switch (finish->result) {
	case RESULT_DONE: return EFFECT_DONE;
	case RESULT_REFUSED: return EFFECT_REFUSED;
	case RESULT_RETRY:
		if (*at == 0)
			*at = retry_time(attempt, now);
		return *at != 0 ? EFFECT_QUEUED : EFFECT_HELD;
	case RESULT_UNKNOWN:
		*at = now;
		return finish->resend && attempt->unknowns == 0 ? EFFECT_QUEUED
		                                                : EFFECT_UNKNOWN;
	}
	g_return_val_if_reached(EFFECT_HELD);
}

/* And how long a reply took to be accepted since it was ready, by itself or by an agent's
 * word. */
static gboolean
count_attempt(Store *store, const Attempt *attempt, EffectState state, gint64 now,
        GError **error)
{
	const char *result =
	        state == EFFECT_QUEUED ? "retry" : effect_state_word(state);
	return tally_add(store, TALLY_EFFECT, effect_kind_name(attempt->kind), result,
	               error) &&
	       (attempt->kind != EFFECT_REPLY || state != EFFECT_DONE ||
	               tally_add_time(
	                       store, TALLY_REPLY, now - attempt->queued_at, error));
}

gboolean
outbox_finish(Store *store, gint64 id, const EffectFinish *finish, gint64 now,
        EffectState *state, GError **error)
{
	Attempt attempt;
	gint64 at;
	if (!read_attempt(store, id, finish, &attempt, error))
		return FALSE;
	EffectState next = finish_state(&attempt, finish, now, &at);
	const char *before = finish->whole ? "claimed" : "attempted";
	if (state != NULL)
		*state = next;
	return database_run(store_database(store), FINISH, error, "isisiiiis", id,
	               effect_state_word(next), (gint64)finish->code, finish->words, at,
	               (gint64)(finish->result == RESULT_UNKNOWN), now,
	               (gint64)(finish->whole != FALSE), before) &&
	       outbox_check_changed(store, id, before, error) &&
	       count_attempt(store, &attempt, next, now, error);
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
