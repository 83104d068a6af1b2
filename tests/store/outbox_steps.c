#include "config.h"

#include "outbox_steps.h"

const OutboxClaim courier = { .kinds = EFFECTS_OF_COURIER, .owner = "a/courier/1" };
const OutboxClaim watcher = {
	.kinds = EFFECTS_OF_WATCHER, .mailbox = "assistenza", .owner = "a/watcher/2"
};

int
steps_open(void **state)
{
	state_open_memory(state);
	for (guint i = 1; i <= 3; i++)
		state_add_mail(*state, i, "unknown", "", JOURNAL_PENDING);
	return 0;
}

GPtrArray *
claim(Store *store, const OutboxClaim *what, gint64 now)
{
	must(store_begin(store, &error));
	GPtrArray *effects = outbox_claim(store, what, now, NULL);
	assert_non_null(effects);
	must(store_commit(store, &error));
	return effects;
}

guint
claim_count(Store *store, const OutboxClaim *what, gint64 now)
{
	g_autoptr(GPtrArray) effects = claim(store, what, now);
	return effects->len;
}

void
attempt(Store *store, gint64 id)
{
	must_commit(store, outbox_mark_attempted(store, id, NOW, &error));
}

EffectState
finish(Store *store, gint64 id, EffectFinish how, gint64 now)
{
	EffectState next;
	must_commit(store, outbox_finish(store, id, &how, now, &next, &error));
	return next;
}

void
assert_state(Store *store, gint64 id, EffectState wanted)
{
	g_autoptr(Effect) effect = outbox_get(store, id, NULL);
	assert_non_null(effect);
	assert_string_equal(effect_state_name(effect->kind, effect->state),
	        effect_state_name(effect->kind, wanted));
}
