#include "base/clock.h"
#include "base/crash_point.h"
#include "base/errors.h"
#include "base/log.h"
#include "desk/effects_core.h"
#include "desk/tagging.h"
#include "net/visit.h"
#include "store/journal.h"
#include "store/note.h"

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
	return effects_finish_of(effects, effect, failed);
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

/* Leave it to the next commit to record tags that are simply stored. */
static gboolean
note_stored(Effects *effects, const TagRun *run, const GError *failed)
{
	if (failed != NULL || run->refusal.words != NULL ||
	        run->refusal.spared != NULL || effects->keywords_reported)
		return FALSE;
	if (effects->stored == NULL)
		effects->stored = g_array_new(FALSE, FALSE, sizeof(gint64));
	for (guint i = 0; i < run->effects->len; i++) {
		const Effect *effect = g_ptr_array_index(run->effects, i);
		g_array_append_val(effects->stored, effect->id);
	}
	return TRUE;
}

static gboolean
finish_tags(Effects *effects, const TagRun *run, const GError *failed, GError **error)
{
	if (note_stored(effects, run, failed))
		return TRUE;
	gboolean ok = store_begin(effects->store, error);
	for (guint i = 0; ok && i < run->effects->len; i++) {
		const Effect *effect = g_ptr_array_index(run->effects, i);
		EffectFinish result =
		        tag_result(effects, effect, &run->refusal, failed);
		ok = effects_finish(effects, effect, &result, error) &&
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
	if (trouble != NULL && effects_result_of(trouble) != RESULT_REFUSED)
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

gboolean
effects_run_tags(
        Effects *effects, const GPtrArray *claimed, GError **failed, GError **error)
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
