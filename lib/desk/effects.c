#include "desk/effects.h"

#include <string.h>

#include "base/clock.h"
#include "base/crash_point.h"
#include "base/errors.h"
#include "base/log.h"
#include "desk/appending.h"
#include "desk/handover.h"
#include "desk/moving.h"
#include "desk/tagging.h"
#include "desk/ticket_note.h"
#include "net/folder.h"
#include "net/visit.h"
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
}

/* Claim what is due and say that the attempt begins, in one commit: to store the same tags
 * twice does no harm, and appends are looked for first. */
static GPtrArray *
effects_claim(Effects *effects, GError **error)
{
	gint64 now = clock_now();
	OutboxClaim claim = { .kinds = EFFECTS_OF_WATCHER,
		.mailbox = effects->settings->name,
		.owner = effects->owner,
		.begin = TRUE,
		.max = CLAIM_MAX };
	gint64 at;
	/* Nothing to do is the usual case, and costs no commit. */
	if (!outbox_next_time(effects->store, &claim, &at, error))
		return NULL;
	if (at == 0)
		return g_ptr_array_new();
	if (!store_begin(effects->store, error))
		return NULL;
	g_autoptr(GPtrArray) claimed = outbox_claim(effects->store, &claim, now, error);
	if (claimed != NULL && claimed->len == 0) {
		store_rollback(effects->store);
		return g_steal_pointer(&claimed);
	}
	if (claimed != NULL && store_commit(effects->store, error))
		return g_steal_pointer(&claimed);
	store_rollback(effects->store);
	return NULL;
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

static gboolean
finish(Effects *effects, const Effect *effect, const EffectFinish *result,
        GError **error)
{
	EffectState state;
	if (!outbox_finish(
	            effects->store, effect->id, result, clock_now(), &state, error))
		return FALSE;
	return effect->kind != EFFECT_DRAFT ||
	       settle_draft(effects, effect, state, error);
}

static EffectResult
result_of(const GError *failed)
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
static EffectFinish
finish_of(const Effects *effects, const Effect *effect, const GError *failed)
{
	gboolean cut = mailbox_is_dead(effects->mailbox);
	gboolean quick =
	        role_stopping(effects->role) || (cut && effect->attempts < QUICK_TRIES);
	return (EffectFinish){ .result = result_of(failed),
		.words = failed != NULL ? failed->message : NULL,
		.retry_at = quick ? clock_now() : 0 };
}

/* place: where the mail was moved to; without a folder: nowhere. */
static gboolean
finish_one(Effects *effects, const Effect *effect, const Place *place,
        const GError *failed, GError **error)
{
	EffectFinish result = finish_of(effects, effect, failed);
	if (store_begin(effects->store, error) &&
	        finish(effects, effect, &result, error) &&
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
	if (result_of(*failed) == RESULT_REFUSED) {
		g_autofree char *mail =
		        g_strdup_printf("%" G_GINT64_FORMAT, effect->mail);
		log_line(LOG_LEVEL_WARNING, "an effect was refused", "kind",
		        effect_kind_name(effect->kind), "id", mail, "error",
		        (*failed)->message, NULL);
		g_clear_error(failed);
	}
	return TRUE;
}

/* Say once that the server keeps no keywords, where status shows it; and that it does again. */
static gboolean
report_keywords(Effects *effects, const char *refused, GError **error)
{
	if (refused == NULL && !effects->keywords_reported)
		return TRUE;
	g_autofree char *scope = g_strdup_printf("mailbox/%s", effects->settings->name);
	if (refused != NULL && !effects->keywords_reported)
		log_line(LOG_LEVEL_WARNING, "the server does not store tags", "mailbox",
		        effects->settings->name, "error", refused, NULL);
	effects->keywords_reported = refused != NULL;
	return note_set(effects->store, scope, "keywords", refused, clock_now(), error);
}

static gboolean
is_spared(const Effect *effect, const TagRefusal *refusal)
{
	return refusal->spared != NULL &&
	       g_hash_table_contains(refusal->spared, effect);
}

/* What became of one mail's tags: refused, stored, or to be tried again. */
static EffectFinish
tag_result(const Effects *effects, const Effect *effect, const TagRefusal *refusal,
        const GError *failed)
{
	gpointer uid = GUINT_TO_POINTER(effect->place.uid);
	if (is_spared(effect, refusal))
		return (EffectFinish){ .result = RESULT_DONE,
			.words = "an agent has changed the tag: left alone" };
	if (refusal->uids != NULL && g_hash_table_contains(refusal->uids, uid))
		return (EffectFinish){ .result = RESULT_REFUSED,
			.words = refusal->words };
	return finish_of(effects, effect, failed);
}

/* The tags of one folder: the watched one, or one that mails were moved to. */
typedef struct {
	const char *folder;
	const GPtrArray *effects; /* of Effect */
	TagRefusal refusal;
	guint32 uidvalidity;
} TagRun;

static gboolean
is_watched(const Effects *effects, const char *folder)
{
	return g_strcmp0(folder, effects->settings->folder) == 0;
}

static gboolean
finish_tags(Effects *effects, const TagRun *run, const GError *failed, GError **error)
{
	gboolean ok = store_begin(effects->store, error);
	for (guint i = 0; ok && i < run->effects->len; i++) {
		const Effect *effect = g_ptr_array_index(run->effects, i);
		EffectFinish result =
		        tag_result(effects, effect, &run->refusal, failed);
		ok = finish(effects, effect, &result, error) &&
		     (!is_spared(effect, &run->refusal) ||
		             tagging_take_back(effects->store, effect, error));
	}
	if (ok && is_watched(effects, run->folder) &&
	        (failed == NULL || run->refusal.words != NULL))
		ok = report_keywords(effects, run->refusal.words, error);
	if (ok && store_commit(effects->store, error))
		return TRUE;
	store_rollback(effects->store);
	return FALSE;
}

static gboolean
store_tags(Mailbox *mailbox, gpointer data, GError **error)
{
	TagRun *run = data;
	return tagging_store(
	        mailbox, run->effects, run->uidvalidity, &run->refusal, error);
}

/* UIDVALIDITY is known once the folder is entered; the work asks for it through the visit. */
typedef struct {
	TagRun *run;
	Visit *visit;
} TagVisit;

static gboolean
store_visited_tags(Mailbox *mailbox, gpointer data, GError **error)
{
	TagVisit *tag_visit = data;
	tag_visit->run->uidvalidity = tag_visit->visit->uidvalidity;
	return store_tags(mailbox, tag_visit->run, error);
}

static gboolean
visit_and_store(Effects *effects, TagRun *run, GError **error)
{
	Visit visit = {
		.folder = run->folder, .change = TRUE, .work = store_visited_tags
	};
	TagVisit tag_visit = { run, &visit };
	visit.data = &tag_visit;
	if (!mailbox_visit(effects->mailbox, &visit, error))
		return FALSE;
	if (!visit.there)
		g_set_error(error, TRIAGED_ERROR, ERROR_REFUSED,
		        "folder \"%s\" is no longer there", run->folder);
	return visit.there;
}

static gboolean
run_tags_of(Effects *effects, TagRun *run, GError **failed, GError **error)
{
	g_autoptr(GError) trouble = NULL;
	role_beat(effects->role, 0);
	crash_point("imap-store-before");
	if (*failed == NULL)
		visit_and_store(effects, run, &trouble);
	crash_point("imap-store-after");
	if (!finish_tags(effects, run, *failed != NULL ? *failed : trouble, error))
		return FALSE;
	if (trouble != NULL && result_of(trouble) != RESULT_REFUSED)
		*failed = g_steal_pointer(&trouble);
	return TRUE;
}

/* Where a mail's tags go: to its place, or to where it was moved since. */
static gboolean
relocate(Effects *effects, Effect *effect, GError **error)
{
	g_autoptr(GPtrArray) places =
	        journal_places(effects->store, effect->mail, error);
	if (places == NULL)
		return FALSE;
	const Place *latest = places->len > 0 ? g_ptr_array_index(places, 0) : NULL;
	if (latest == NULL || is_watched(effects, latest->folder))
		return TRUE;
	g_free(effect->place.folder);
	effect->place.folder = g_strdup(latest->folder);
	effect->place.uidvalidity = latest->uidvalidity;
	effect->place.uid = latest->uid;
	return TRUE;
}

/* Folder (borrowed) to GPtrArray of Effect, of the tag effects. NULL on failure. */
static GHashTable *
tags_by_folder(Effects *effects, const GPtrArray *claimed, GError **error)
{
	gboolean elsewhere;
	g_autoptr(GHashTable) folders = g_hash_table_new_full(
	        g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
	if (!journal_has_elsewhere(effects->store, effects->settings->name,
	            effects->settings->folder, &elsewhere, error))
		return NULL;
	for (guint i = 0; i < claimed->len; i++) {
		Effect *effect = g_ptr_array_index(claimed, i);
		if (effect->kind != EFFECT_TAG)
			continue;
		if (elsewhere && !relocate(effects, effect, error))
			return NULL;
		GPtrArray *of_folder =
		        g_hash_table_lookup(folders, effect->place.folder);
		if (of_folder == NULL) {
			of_folder = g_ptr_array_new();
			g_hash_table_insert(folders, effect->place.folder, of_folder);
		}
		g_ptr_array_add(of_folder, effect);
	}
	return g_steal_pointer(&folders);
}

static gboolean
run_tags(Effects *effects, const GPtrArray *claimed, GError **failed, GError **error)
{
	GHashTableIter each;
	gpointer folder, of_folder;
	g_autoptr(GHashTable) folders = tags_by_folder(effects, claimed, error);
	if (folders == NULL)
		return FALSE;
	g_hash_table_iter_init(&each, folders);
	while (g_hash_table_iter_next(&each, &folder, &of_folder)) {
		TagRun run = { .folder = folder, .effects = of_folder };
		gboolean done = run_tags_of(effects, &run, failed, error);
		tag_refusal_clear(&run.refusal);
		if (!done)
			return FALSE;
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
	gboolean refused = failed != NULL && result_of(failed) == RESULT_REFUSED;
	gboolean ok = store_begin(effects->store, error);
	for (guint i = 0; ok && i < (refused ? count : group->len); i++) {
		Effect *effect = g_ptr_array_index(group, i);
		EffectFinish result =
		        finish_of(effects, effect, i < count ? NULL : failed);
		ok = finish(effects, effect, &result, error);
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
		if (trouble != NULL && result_of(trouble) != RESULT_REFUSED)
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
	if (!run_tags(effects, claimed, &failed, error) ||
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
	g_autoptr(GPtrArray) claimed = effects_claim(effects, error);
	*busy = claimed != NULL && claimed->len > 0;
	return claimed != NULL && (!*busy || run_claimed(effects, claimed, error));
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
