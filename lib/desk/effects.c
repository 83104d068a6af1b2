#include "desk/effects.h"

#include "base/clock.h"
#include "base/errors.h"
#include "base/log.h"
#include "desk/appending.h"
#include "desk/effects_core.h"
#include "desk/handover.h"
#include "desk/moving.h"
#include "desk/tagging.h"
#include "desk/ticket_note.h"
#include "net/folder.h"
#include "store/journal.h"
#include "store/note.h"
#include "store/outbox.h"

#define CLAIM_MAX 500 /* effects in hand at once */
#define QUICK_TRIES                                                                    \
	3 /* of an effect that lost its connection, as soon as there is a new one */

#define TAG_DRAFTED "triage-drafted"
#define TAG_HELD "triage-held"

void
effects_clear(Effects *effects)
{
	g_clear_pointer(&effects->drafts, g_free);
	g_clear_pointer(&effects->sent, g_free);
	g_clear_pointer(&effects->claimed, g_ptr_array_unref);
	g_clear_pointer(&effects->claiming, g_ptr_array_unref);
	g_clear_pointer(&effects->stored, g_array_unref);
}

static OutboxClaim
claim_of(const Effects *effects)
{
	return (OutboxClaim){ .kinds = EFFECTS_OF_WATCHER,
		.mailbox = effects->settings->name,
		.owner = effects->owner,
		.begin = TRUE,
		.max = CLAIM_MAX };
}

static gboolean
write_stored(Effects *effects, GError **error)
{
	const EffectFinish done = { .result = RESULT_DONE };
	gint64 now = clock_now();
	for (guint i = 0; effects->stored != NULL && i < effects->stored->len; i++)
		if (!outbox_finish(effects->store,
		            g_array_index(effects->stored, gint64, i), &done, now, NULL,
		            error))
			return FALSE;
	return TRUE;
}

/* To say in the same commit that the attempt begins is enough: to store the same tags twice
 * does no harm, and appends are looked for first. */
gboolean
effects_write(Effects *effects, GError **error)
{
	OutboxClaim claim = claim_of(effects);
	if (!write_stored(effects, error))
		return FALSE;
	if (effects->claimed != NULL)
		return TRUE;
	effects->claiming = outbox_claim(effects->store, &claim, clock_now(), error);
	return effects->claiming != NULL;
}

void
effects_written(Effects *effects, gboolean committed)
{
	g_autoptr(GPtrArray) claiming = g_steal_pointer(&effects->claiming);
	if (!committed)
		return;
	g_clear_pointer(&effects->stored, g_array_unref);
	if (claiming != NULL)
		effects->claimed = g_steal_pointer(&claiming);
}

/* A commit of its own, where none is at hand. */
static gboolean
write_turn(Effects *effects, GError **error)
{
	if (!store_begin(effects->store, error))
		return FALSE;
	gboolean ok =
	        effects_write(effects, error) && store_commit(effects->store, error);
	if (!ok)
		store_rollback(effects->store);
	effects_written(effects, ok);
	return ok;
}

/* What is to be carried out next: claimed with the last batch, or now. */
static gboolean
effects_claim(Effects *effects, GError **error)
{
	OutboxClaim claim = claim_of(effects);
	gint64 at = 0;
	if (effects->claimed != NULL)
		return TRUE;
	/* Nothing to do is the usual case, and costs no commit. */
	if (effects->stored == NULL &&
	        !outbox_next_time(effects->store, &claim, &at, error))
		return FALSE;
	if (effects->stored != NULL || at != 0)
		return write_turn(effects, error);
	effects->claimed = g_ptr_array_new();
	return TRUE;
}

gboolean
effects_is_there(Effects *effects, const Effect *effect, const char *folder,
        const char *field, gboolean *there, GError **error)
{
	*there = FALSE;
	if (effect->attempts == 0)
		return TRUE;
	g_autoptr(GArray) uids = mailbox_search_header(
	        effects->mailbox, folder, field, effect->message_id, error);
	*there = uids != NULL && uids->len > 0;
	return uids != NULL;
}

/* What a draft's fate means for its mail: an outcome and a tag of its own. */
static gboolean
settle_draft(Effects *effects, const Effect *effect, EffectState state, GError **error)
{
	gint64 now = clock_now();
	gboolean drafted = state == EFFECT_DONE;
	if (!drafted && state != EFFECT_REFUSED && state != EFFECT_HELD)
		return TRUE;
	const char *tag = drafted ? TAG_DRAFTED : TAG_HELD;
	return journal_set_outcome(effects->store, effect->mail,
	               drafted ? JOURNAL_DRAFTED : JOURNAL_HELD,
	               drafted ? NULL : "the draft was refused", now, error) &&
	       tagging_queue(
	               effects->store, &effect->place, effect->mail, tag, now, error);
}

gboolean
effects_finish(Effects *effects, const Effect *effect, const EffectFinish *result,
        GError **error)
{
	EffectState state;
	if (!outbox_finish(
	            effects->store, effect->id, result, clock_now(), &state, error))
		return FALSE;
	return effect->kind != EFFECT_DRAFT ||
	       settle_draft(effects, effect, state, error);
}

EffectResult
effects_result_of(const GError *failed)
{
	if (failed == NULL)
		return RESULT_DONE;
	gboolean final = g_error_matches(failed, TRIAGED_ERROR, ERROR_REFUSED) ||
	                 g_error_matches(failed, TRIAGED_ERROR, ERROR_INPUT);
	return final ? RESULT_REFUSED : RESULT_RETRY;
}

/* What our own end cuts short is no fault of the server's: the successor tries it at once.
 * What a server cuts short that restarts waits for the server, and not for minutes; what
 * loses its connection each time does. */
EffectFinish
effects_finish_of(const Effects *effects, const Effect *effect, const GError *failed)
{
	gboolean cut = mailbox_is_dead(effects->mailbox);
	gboolean quick =
	        role_stopping(effects->role) || (cut && effect->attempts < QUICK_TRIES);
	return (EffectFinish){ .result = effects_result_of(failed),
		.words = failed != NULL ? failed->message : NULL,
		.retry_at = quick ? clock_now() : 0 };
}

/* place: where the mail was moved to; without a folder: nowhere. */
static gboolean
finish_one(Effects *effects, const Effect *effect, const Place *place,
        const GError *failed, GError **error)
{
	EffectFinish result = effects_finish_of(effects, effect, failed);
	if (store_begin(effects->store, error) &&
	        effects_finish(effects, effect, &result, error) &&
	        (place->folder == NULL ||
	                journal_add_place(effects->store, effect->mail, place,
	                        clock_now(), error)) &&
	        store_commit(effects->store, error))
		return TRUE;
	store_rollback(effects->store);
	return FALSE;
}

static gboolean
carry_out(Effects *effects, const Effect *effect, Place *place, GError **error)
{
	switch (effect->kind) {
	case EFFECT_DRAFT:
	case EFFECT_SENT_COPY: return appending_run(effects, effect, error);
	case EFFECT_HANDOVER: return handover_run(effects, effect, error);
	case EFFECT_MOVE: return moving_run(effects, effect, place, error);
	case EFFECT_NOTE: return ticket_note_run(effects, effect, error);
	case EFFECT_TAG:
	case EFFECT_REPLY:
	case EFFECT_COUNT: break;
	}
	g_return_val_if_reached(FALSE);
}

/* One effect, committed on its own. *failed is the server's or the network's trouble. */
static gboolean
run_one(Effects *effects, const Effect *effect, GError **failed, GError **error)
{
	g_auto(Place) place = { 0 };
	role_beat(effects->role, 0);
	carry_out(effects, effect, &place, failed);
	if (!finish_one(effects, effect, &place, *failed, error))
		return FALSE;
	if (effects_result_of(*failed) == RESULT_REFUSED) {
		g_autofree char *mail =
		        g_strdup_printf("%" G_GINT64_FORMAT, effect->mail);
		log_line(LOG_LEVEL_WARNING, "an effect was refused", "kind",
		        effect_kind_name(effect->kind), "id", mail, "error",
		        (*failed)->message, NULL);
		g_clear_error(failed);
	}
	return TRUE;
}

/* Of one kind, those that nobody tried before: they need not be looked for. Of Effect. */
static GPtrArray *
fresh_of_kind(const GPtrArray *claimed, EffectKind kind)
{
	GPtrArray *group = g_ptr_array_new();
	for (guint i = 0; i < claimed->len; i++) {
		Effect *effect = g_ptr_array_index(claimed, i);
		if (effect->kind == kind && effect->attempts == 0)
			g_ptr_array_add(group, effect);
	}
	return group;
}

/* A group of which the first ones (count) are carried out, and the others are not: failed says
 * why; what was refused is left to be tried one by one, to know which one it is. */
static gboolean
finish_group(Effects *effects, const GPtrArray *group, guint count,
        const GError *failed, GHashTable *done, GError **error)
{
	gboolean refused =
	        failed != NULL && effects_result_of(failed) == RESULT_REFUSED;
	gboolean ok = store_begin(effects->store, error);
	for (guint i = 0; ok && i < (refused ? count : group->len); i++) {
		Effect *effect = g_ptr_array_index(group, i);
		EffectFinish result =
		        effects_finish_of(effects, effect, i < count ? NULL : failed);
		ok = effects_finish(effects, effect, &result, error);
		g_hash_table_add(done, effect);
	}
	if (ok && store_commit(effects->store, error))
		return TRUE;
	store_rollback(effects->store);
	return FALSE;
}

/* Drafts and copies go out many at a time, and are recorded in one commit: what a crash cuts
 * off in between is looked for before it is appended again. */
static gboolean
run_together(Effects *effects, const GPtrArray *claimed, GHashTable *done,
        GError **failed, GError **error)
{
	static const EffectKind kinds[] = { EFFECT_DRAFT, EFFECT_SENT_COPY };
	for (gsize i = 0; i < G_N_ELEMENTS(kinds) && *failed == NULL; i++) {
		g_autoptr(GError) trouble = NULL;
		g_autoptr(GPtrArray) group = fresh_of_kind(claimed, kinds[i]);
		guint count;
		if (group->len < 2)
			continue;
		role_beat(effects->role, 0);
		appending_run_all(effects, group, &count, &trouble);
		if (!finish_group(effects, group, count, trouble, done, error))
			return FALSE;
		if (trouble != NULL && effects_result_of(trouble) != RESULT_REFUSED)
			*failed = g_steal_pointer(&trouble);
	}
	return TRUE;
}

static gboolean
run_others(Effects *effects, const GPtrArray *claimed, GError **failed, GError **error)
{
	g_autoptr(GHashTable) done = g_hash_table_new(NULL, NULL);
	if (!run_together(effects, claimed, done, failed, error))
		return FALSE;
	for (guint i = 0; i < claimed->len; i++) {
		const Effect *effect = g_ptr_array_index(claimed, i);
		if (effect->kind == EFFECT_TAG || g_hash_table_contains(done, effect))
			continue;
		/* The connection is over: the rest is tried again, as this one is. */
		Place nowhere = { 0 };
		if (*failed != NULL &&
		        !finish_one(effects, effect, &nowhere, *failed, error))
			return FALSE;
		if (*failed == NULL && !run_one(effects, effect, failed, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
run_claimed(Effects *effects, const GPtrArray *claimed, GError **error)
{
	g_autoptr(GError) failed = NULL;
	if (!effects_run_tags(effects, claimed, &failed, error) ||
	        !run_others(effects, claimed, &failed, error))
		return FALSE;
	if (failed == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&failed));
	return FALSE;
}

gboolean
effects_run_some(Effects *effects, gboolean *busy, GError **error)
{
	*busy = FALSE;
	if (!effects_claim(effects, error))
		return FALSE;
	g_autoptr(GPtrArray) claimed = g_steal_pointer(&effects->claimed);
	*busy = claimed->len > 0;
	return !*busy || run_claimed(effects, claimed, error);
}

gboolean
effects_run(Effects *effects, GError **error)
{
	gboolean busy = TRUE;
	while (busy && !role_stopping(effects->role))
		if (!effects_run_some(effects, &busy, error))
			return FALSE;
	return TRUE;
}

/* Best tried again at once by whoever comes next. */
static gboolean
give_back_claimed(Effects *effects, GError **error)
{
	gint64 now = clock_now();
	const EffectFinish later = { .result = RESULT_RETRY, .retry_at = now };
	for (guint i = 0; effects->claimed != NULL && i < effects->claimed->len; i++) {
		const Effect *effect = g_ptr_array_index(effects->claimed, i);
		if (!outbox_finish(
		            effects->store, effect->id, &later, now, NULL, error))
			return FALSE;
	}
	return TRUE;
}

void
effects_settle(Effects *effects)
{
	g_autoptr(GError) error = NULL;
	if (effects->stored == NULL && effects->claimed == NULL)
		return;
	if (store_begin(effects->store, &error) && write_stored(effects, &error) &&
	        give_back_claimed(effects, &error) &&
	        store_commit(effects->store, &error)) {
		g_clear_pointer(&effects->stored, g_array_unref);
		g_clear_pointer(&effects->claimed, g_ptr_array_unref);
		return;
	}
	/* They are done again then, by the next connection or process. */
	log_error(LOG_LEVEL_WARNING, "what was carried out cannot be recorded", error);
	store_rollback(effects->store);
}
