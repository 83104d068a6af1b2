/* What waits for a mail's outcome is due with it: not before, and not another mail's. */
#include "state.h"

#include <string.h>

static gint64
add_waiting(Store *store, gint64 mail, EffectKind kind)
{
	gint64 id;
	g_autoptr(GBytes) payload = g_bytes_new_static("Helpdesk", 8);
	Effect effect = { .mail = mail,
		.kind = kind,
		.place = { S("assistenza"), S("INBOX"), 7, 1 },
		.next_at = EFFECT_AFTER_OUTCOME,
		.payload = payload };
	must(store_begin(store, &error));
	must(outbox_add(store, &effect, NOW, &id, &error));
	must(outbox_ripen(store, mail, NOW, &error));
	must(store_commit(store, &error));
	return id;
}

static void
settle(Store *store, gint64 mail, JournalOutcome outcome, gint64 now)
{
	must_commit(
	        store, journal_set_outcome(store, mail, outcome, NULL, now, &error));
}

static guint
count_due(Store *store, gint64 now)
{
	OutboxClaim claim = { .kinds = EFFECTS_OF_WATCHER, .owner = "test" };
	must(store_begin(store, &error));
	g_autoptr(GPtrArray) claimed = outbox_claim(store, &claim, now, NULL);
	store_rollback(store);
	return claimed->len;
}

static void
test_waits_for_its_own_mail(void **state)
{
	Store *store = *state;
	gint64 mail = state_add_mail(store, 1, "a", "", JOURNAL_PENDING);
	gint64 other = state_add_mail(store, 2, "a", "", JOURNAL_PENDING);
	add_waiting(store, mail, EFFECT_HANDOVER);
	add_waiting(store, mail, EFFECT_MOVE);
	add_waiting(store, mail, EFFECT_NOTE);
	assert_int_equal(count_due(store, NOW + 400 * G_TIME_SPAN_DAY), 0);
	settle(store, other, JOURNAL_REPLIED, NOW + 1);
	settle(store, mail, JOURNAL_PENDING, NOW + 1);
	assert_int_equal(count_due(store, NOW + 2), 0);
	settle(store, mail, JOURNAL_HELD, NOW + 3);
	assert_int_equal(count_due(store, NOW + 3), 3);
}

static void
test_outcome_that_is_there_already(void **state)
{
	static const JournalOutcome outcomes[] = { JOURNAL_REPLIED, JOURNAL_DRAFTED,
		JOURNAL_HELD, JOURNAL_NO_REPLY, JOURNAL_ERROR };
	Store *store = *state;
	for (guint i = 0; i < G_N_ELEMENTS(outcomes); i++) {
		gint64 mail = state_add_mail(store, i + 1, "a", "", outcomes[i]);
		add_waiting(store, mail, EFFECT_NOTE);
	}
	assert_int_equal(count_due(store, NOW), G_N_ELEMENTS(outcomes));
}

static void
test_text_comes_back(void **state)
{
	Store *store = *state;
	gint64 mail = state_add_mail(store, 1, "a", "", JOURNAL_HELD);
	gint64 id = add_waiting(store, mail, EFFECT_MOVE);
	g_autoptr(Effect) effect = outbox_get(store, id, NULL);
	g_autofree char *folder = effect_text(effect);
	assert_string_equal(folder, "Helpdesk");
	assert_string_equal(effect_kind_name(effect->kind), "move");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(test_waits_for_its_own_mail),
		WITH_STORE(test_outcome_that_is_there_already),
		WITH_STORE(test_text_comes_back),
	};
	return cmocka_run_group_tests_name("outcome", tests, NULL, NULL);
}
