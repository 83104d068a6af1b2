#include "desk/effects.h"

#include <string.h>

#include "base/clock.h"
#include "base/crash_point.h"
#include "base/errors.h"
#include "base/log.h"
#include "desk/tagging.h"
#include "net/folder.h"
#include "store/journal.h"
#include "store/note.h"
#include "store/outbox.h"

#define CLAIM_MAX 500 /* effects in hand at once */

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
		.max = CLAIM_MAX };
	if (!store_begin(effects->store, error))
		return NULL;
	g_autoptr(GPtrArray) claimed = outbox_claim(effects->store, &claim, now, error);
	gboolean ok = claimed != NULL;
	for (guint i = 0; ok && i < claimed->len; i++) {
		const Effect *effect = g_ptr_array_index(claimed, i);
		ok = outbox_mark_attempted(effects->store, effect->id, now, error);
	}
	if (ok && store_commit(effects->store, error))
		return g_steal_pointer(&claimed);
	store_rollback(effects->store);
	return NULL;
}

/* The folder for drafts or copies: the setting's, else the special use, else "". */
static const char *
effects_folder(Effects *effects, EffectKind kind, GError **error)
{
	gboolean draft = kind == EFFECT_DRAFT;
	char **known = draft ? &effects->drafts : &effects->sent;
	const char *set = draft ? effects->settings->drafts : effects->settings->sent;
	if (*known != NULL)
		return *known;
	if (set != NULL) {
		*known = g_strdup(set);
		return *known;
	}
	g_autofree char *found = NULL;
	if (!mailbox_special_use(
	            effects->mailbox, draft ? "\\Drafts" : "\\Sent", &found, error))
		return NULL;
	*known = found != NULL ? g_steal_pointer(&found) : g_strdup("");
	return *known;
}

/* *there: a former attempt whose answer was lost did append it. */
static gboolean
is_appended(Effects *effects, const Effect *effect, const char *folder, gboolean *there,
        GError **error)
{
	*there = FALSE;
	if (effect->attempts == 0)
		return TRUE;
	g_autoptr(GArray) uids = mailbox_search_header(
	        effects->mailbox, folder, "Message-ID", effect->message_id, error);
	*there = uids != NULL && uids->len > 0;
	return uids != NULL;
}

static gboolean
append(Effects *effects, const Effect *effect, GError **error)
{
	static const char *const draft_flags[] = { "\\Draft", NULL };
	static const char *const sent_flags[] = { "\\Seen", NULL };
	gboolean there = FALSE;
	const char *folder = effects_folder(effects, effect->kind, error);
	if (folder == NULL)
		return FALSE;
	if (*folder == '\0' && effect->kind == EFFECT_SENT_COPY)
		return TRUE;
	if (*folder == '\0') {
		g_set_error(error, TRIAGED_ERROR, ERROR_REFUSED,
		        "mailbox '%s' has no drafts folder: set 'drafts'",
		        effects->settings->name);
		return FALSE;
	}
	if (!is_appended(effects, effect, folder, &there, error))
		return FALSE;
	MailboxAppend wanted = { .folder = folder,
		.flags = effect->kind == EFFECT_DRAFT ? draft_flags : sent_flags,
		.bytes = effect->payload };
	role_beat(effects->role, 0);
	crash_point("imap-append-before");
	gboolean done = there || mailbox_append(effects->mailbox, &wanted, NULL, error);
	crash_point("imap-append-after");
	return done;
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
 * 0: by the rule of growing pauses. */
static gint64
retry_time(const Effects *effects)
{
	return role_stopping(effects->role) ? clock_now() : 0;
}

static gboolean
finish_one(Effects *effects, const Effect *effect, const GError *failed, GError **error)
{
	EffectFinish result = { .result = result_of(failed),
		.retry_at = retry_time(effects),
		.words = failed != NULL ? failed->message : NULL };
	if (store_begin(effects->store, error) &&
	        finish(effects, effect, &result, error) &&
	        store_commit(effects->store, error))
		return TRUE;
	store_rollback(effects->store);
	return FALSE;
}

/* One append, committed on its own. *failed is the server's or the network's trouble. */
static gboolean
run_append(Effects *effects, const Effect *effect, GError **failed, GError **error)
{
	append(effects, effect, failed);
	if (!finish_one(effects, effect, *failed, error))
		return FALSE;
	if (result_of(*failed) == RESULT_REFUSED) {
		log_error(LOG_LEVEL_WARNING, "a copy could not be stored", *failed);
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
	return (EffectFinish){ .result = result_of(failed),
		.retry_at = retry_time(effects),
		.words = failed != NULL ? failed->message : NULL };
}

static gboolean
finish_tags(Effects *effects, const GPtrArray *claimed, const TagRefusal *refusal,
        const GError *failed, GError **error)
{
	guint tags = 0;
	gboolean ok = store_begin(effects->store, error);
	for (guint i = 0; ok && i < claimed->len; i++) {
		const Effect *effect = g_ptr_array_index(claimed, i);
		EffectFinish result = tag_result(effects, effect, refusal, failed);
		if (effect->kind != EFFECT_TAG)
			continue;
		ok = finish(effects, effect, &result, error) &&
		     (!is_spared(effect, refusal) ||
		             tagging_take_back(effects->store, effect, error));
		tags++;
	}
	if (ok && tags > 0 && (failed == NULL || refusal->words != NULL))
		ok = report_keywords(effects, refusal->words, error);
	if (ok && store_commit(effects->store, error))
		return TRUE;
	store_rollback(effects->store);
	return FALSE;
}

static gboolean
run_appends(Effects *effects, const GPtrArray *claimed, GError **failed, GError **error)
{
	for (guint i = 0; i < claimed->len; i++) {
		const Effect *effect = g_ptr_array_index(claimed, i);
		if (effect->kind == EFFECT_TAG)
			continue;
		/* The connection is over: the rest is tried again, as this one is. */
		if (*failed != NULL && !finish_one(effects, effect, *failed, error))
			return FALSE;
		if (*failed == NULL && !run_append(effects, effect, failed, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
run_claimed(Effects *effects, const GPtrArray *claimed, GError **error)
{
	g_autoptr(GError) failed = NULL;
	g_auto(TagRefusal) refusal = { 0 };
	role_beat(effects->role, 0);
	crash_point("imap-store-before");
	tagging_store(effects->mailbox, claimed, &refusal, &failed);
	crash_point("imap-store-after");
	if (!finish_tags(effects, claimed, &refusal, failed, error) ||
	        !run_appends(effects, claimed, &failed, error))
		return FALSE;
	if (failed == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&failed));
	return FALSE;
}

gboolean
effects_run(Effects *effects, GError **error)
{
	for (;;) {
		g_autoptr(GPtrArray) claimed = effects_claim(effects, error);
		if (claimed == NULL)
			return FALSE;
		if (claimed->len == 0)
			return TRUE;
		if (!run_claimed(effects, claimed, error))
			return FALSE;
		if (role_stopping(effects->role))
			return TRUE;
	}
}
