#include "store/effect_row.h"
#include "store/journal_row.h"

static const char *const kind_names[] = {
	[EFFECT_TAG] = "tag",
	[EFFECT_REPLY] = "reply",
	[EFFECT_DRAFT] = "draft",
	[EFFECT_SENT_COPY] = "sent-copy",
	[EFFECT_HANDOVER] = "handover",
	[EFFECT_MOVE] = "move",
	[EFFECT_NOTE] = "note",
};
G_STATIC_ASSERT(G_N_ELEMENTS(kind_names) == EFFECT_COUNT);

static const char *const state_words[] = {
	[EFFECT_QUEUED] = "queued",
	[EFFECT_CLAIMED] = "claimed",
	[EFFECT_ATTEMPTED] = "attempted",
	[EFFECT_DONE] = "done",
	[EFFECT_REFUSED] = "refused",
	[EFFECT_UNKNOWN] = "unknown",
	[EFFECT_HELD] = "held",
	[EFFECT_CANCELLED] = "cancelled",
};
G_STATIC_ASSERT(G_N_ELEMENTS(state_words) == EFFECT_STATE_COUNT);

const char *
effect_kind_name(EffectKind kind)
{
	return kind_names[kind];
}

const char *
effect_state_word(EffectState state)
{
	return state_words[state];
}

const char *
effect_state_name(EffectKind kind, EffectState state)
{
	return kind == EFFECT_REPLY && state == EFFECT_DONE ? "sent"
	                                                    : state_words[state];
}

char *
effect_text(const Effect *effect)
{
	gsize size;
	const char *text = g_bytes_get_data(effect->payload, &size);
	return g_strndup(text != NULL ? text : "", size);
}

static guint
name_read(
        Statement *row, int column, const char *const *names, guint count, guint other)
{
	g_autofree char *name = statement_text(row, column);
	for (guint i = 0; i < count; i++) {
		if (g_strcmp0(name, names[i]) == 0)
			return i;
	}
	return other;
}

EffectKind
effect_kind_read(Statement *row, int column)
{
	return name_read(row, column, kind_names, EFFECT_COUNT, EFFECT_TAG);
}

EffectState
effect_state_read(Statement *row, int column)
{
	return name_read(row, column, state_words, EFFECT_STATE_COUNT, EFFECT_HELD);
}

void
effect_free(Effect *effect)
{
	if (effect == NULL)
		return;
	place_clear(&effect->place);
	g_clear_pointer(&effect->payload, g_bytes_unref);
	g_free(effect->recipient);
	g_free(effect->envelope_from);
	g_free(effect->message_id);
	g_free(effect->words);
	g_free(effect->owner);
	g_free(effect);
}

static Effect *
effect_read(Statement *row, gboolean payload)
{
	Effect *effect = g_new0(Effect, 1);
	effect->id = statement_int(row, 0);
	effect->mail = statement_int(row, 1);
	effect->conversation = statement_int(row, 2);
	effect->kind = effect_kind_read(row, 3);
	effect->state = effect_state_read(row, 4);
	place_read(&effect->place, row, 5);
	effect->recipient = statement_text(row, 9);
	effect->envelope_from = statement_text(row, 10);
	effect->message_id = statement_text(row, 11);
	effect->attempts = (guint)statement_int(row, 12);
	effect->added_at = statement_int(row, 13);
	effect->queued_at = statement_int(row, 14);
	effect->next_at = statement_int(row, 15);
	effect->changed_at = statement_int(row, 16);
	effect->code = (int)statement_int(row, 17);
	effect->words = statement_text(row, 18);
	effect->owner = statement_text(row, 19);
	if (payload)
		effect->payload = statement_bytes(row, EFFECT_COLUMN_COUNT);
	return effect;
}

GPtrArray *
effects_read(Statement *query, gboolean payload, GError **error)
{
	if (query == NULL)
		return NULL;
	g_autoptr(GPtrArray) effects =
	        g_ptr_array_new_with_free_func((GDestroyNotify)effect_free);
	Step step;
	while ((step = statement_step(query, error)) == STEP_ROW)
		g_ptr_array_add(effects, effect_read(query, payload));
	return step == STEP_END ? g_steal_pointer(&effects) : NULL;
}

GPtrArray *
effects_choose(
        Statement *query, EffectWanted wanted, gpointer data, guint max, GError **error)
{
	g_autoptr(GPtrArray) effects =
	        g_ptr_array_new_with_free_func((GDestroyNotify)effect_free);
	Step step = STEP_END;
	if (query == NULL)
		return NULL;
	while ((max == 0 || effects->len < max) &&
	        (step = statement_step(query, error)) == STEP_ROW) {
		g_autoptr(Effect) effect = effect_read(query, FALSE);
		if (wanted != NULL && !wanted(effect, data))
			continue;
		effect->payload = statement_bytes(query, EFFECT_COLUMN_COUNT);
		g_ptr_array_add(effects, g_steal_pointer(&effect));
	}
	return step != STEP_FAILED ? g_steal_pointer(&effects) : NULL;
}
