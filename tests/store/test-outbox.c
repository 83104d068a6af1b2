/* What a courier and a watcher are handed, and what becomes of their attempts. */
#include "base/errors.h"
#include "outbox_steps.h"

#include <string.h>

static void
test_effect_comes_back_whole(void **state)
{
	Store *store = *state;
	gint64 id = state_add_effect(store, 2, EFFECT_REPLY, "the mail");
	g_autoptr(GPtrArray) claimed = claim(store, &courier, NOW);
	assert_int_equal(claimed->len, 1);
	const Effect *effect = claimed->pdata[0];
	assert_true(effect->id == id && effect->mail == 2);
	assert_int_equal(effect->kind, EFFECT_REPLY);
	assert_int_equal(effect->state, EFFECT_CLAIMED);
	assert_string_equal(effect->place.mailbox, "assistenza");
	assert_int_equal(effect->place.uid, 2);
	assert_string_equal(effect->recipient, "anna@example.it");
	assert_string_equal(effect->envelope_from, "");
	assert_int_equal(g_bytes_get_size(effect->payload), 8);
	assert_memory_equal(g_bytes_get_data(effect->payload, NULL), "the mail", 8);
	assert_int_equal(effect->attempts, 0);
	assert_true(effect->queued_at == NOW && effect->next_at == NOW);
}

static void
test_claimed_once(void **state)
{
	Store *store = *state;
	state_add_effect(store, 1, EFFECT_REPLY, "x");
	assert_int_equal(claim_count(store, &courier, NOW), 1);
	assert_int_equal(claim_count(store, &courier, NOW), 0);
}

static void
test_claim_goes_by_owner_time_and_number(void **state)
{
	Store *store = *state;
	OutboxClaim other = watcher, one = courier;
	other.mailbox = "altra";
	one.max = 1;
	state_add_effect(store, 1, EFFECT_TAG, "+a");
	state_add_effect(store, 1, EFFECT_REPLY, "x");
	state_add_effect(store, 2, EFFECT_REPLY, "y");
	assert_int_equal(claim_count(store, &other, NOW), 0);
	assert_int_equal(claim_count(store, &watcher, NOW - 1), 0);
	assert_int_equal(claim_count(store, &watcher, NOW), 1);
	assert_int_equal(claim_count(store, &one, NOW), 1);
	assert_int_equal(claim_count(store, &one, NOW), 1);
	assert_int_equal(claim_count(store, &one, NOW), 0);
}

static void
test_held_is_not_claimed_until_released(void **state)
{
	Store *store = *state;
	g_autoptr(GBytes) payload = g_bytes_new_static("x", 1);
	Effect held = { .mail = 1,
		.kind = EFFECT_REPLY,
		.state = EFFECT_HELD,
		.place = { .mailbox = S("assistenza") },
		.words = S("global-limit"),
		.payload = payload };
	gint64 id = state_queue(store, &held, NOW);
	assert_int_equal(claim_count(store, &courier, NOW), 0);
	must_commit(store, outbox_release(store, id, NOW + 7, &error));
	assert_int_equal(claim_count(store, &courier, NOW + 7), 1);
}

/* Each of the four outcomes of an attempt, and what the effect is in then. */
static const struct outcome_sample {
	const char *name;
	EffectFinish finish;
	EffectState wanted;
} outcomes[] = {
	{ "done", { RESULT_DONE, 250, "2.0.0 Ok", 0, FALSE }, EFFECT_DONE },
	{ "refused", { RESULT_REFUSED, 550, "5.1.1 no", 0, FALSE }, EFFECT_REFUSED },
	{ "retry", { RESULT_RETRY, 451, "4.7.1 later", 0, FALSE }, EFFECT_QUEUED },
	{ "unknown", { RESULT_UNKNOWN, 354, NULL, 0, FALSE }, EFFECT_UNKNOWN },
	{ "unknown, resend", { RESULT_UNKNOWN, 354, NULL, 0, TRUE }, EFFECT_QUEUED },
};

static void
test_outcomes(void **state)
{
	Store *store = *state;
	for (gsize i = 0; i < G_N_ELEMENTS(outcomes); i++) {
		const struct outcome_sample *sample = &outcomes[i];
		gint64 id = state_add_effect(store, 1, EFFECT_REPLY, "x");
		claim_count(store, &courier, NOW);
		attempt(store, id);
		if (finish(store, id, sample->finish, NOW) != sample->wanted)
			fail_msg("%s", sample->name);
		g_autoptr(Effect) effect = outbox_get(store, id, NULL);
		assert_int_equal(effect->state, sample->wanted);
		assert_int_equal(effect->code, sample->finish.code);
		assert_int_equal(effect->attempts, 1);
		must(store_begin(store, &error));
		outbox_cancel(store, id, NULL, NOW, NULL);
		must(store_commit(store, &error));
	}
}

static void
test_finish_needs_an_attempt(void **state)
{
	Store *store = *state;
	EffectFinish how = { .result = RESULT_DONE };
	gint64 id = state_add_effect(store, 1, EFFECT_REPLY, "x");
	must(store_begin(store, &error));
	must_fail(outbox_finish(store, id, &how, NOW, NULL, &error), ERROR_STORE,
	        "is not attempted");
	must_fail(outbox_mark_attempted(store, id, NOW, &error), ERROR_STORE,
	        "is not claimed");
	store_rollback(store);
}

static void
test_resent_once_only(void **state)
{
	Store *store = *state;
	EffectFinish how = { .result = RESULT_UNKNOWN, .resend = TRUE };
	gint64 id = state_add_effect(store, 1, EFFECT_REPLY, "x");
	claim_count(store, &courier, NOW);
	attempt(store, id);
	assert_int_equal(finish(store, id, how, NOW), EFFECT_QUEUED);
	assert_int_equal(claim_count(store, &courier, NOW), 1);
	attempt(store, id);
	assert_int_equal(finish(store, id, how, NOW), EFFECT_UNKNOWN);
}

/* 1, 5, 15, 30, 60, 60 ... minutes, and after a day it is an agent's. */
static void
test_backoff(void **state)
{
	static const guint wanted[] = { 1, 5, 15, 30, 60, 60 };
	Store *store = *state;
	EffectFinish how = { .result = RESULT_RETRY, .code = 451 };
	gint64 id = state_add_effect(store, 1, EFFECT_REPLY, "x");
	gint64 now = NOW, next;
	for (guint i = 0; i < G_N_ELEMENTS(wanted); i++) {
		assert_int_equal(claim_count(store, &courier, now), 1);
		attempt(store, id);
		assert_int_equal(finish(store, id, how, now), EFFECT_QUEUED);
		must(outbox_next_time(store, &courier, &next, &error));
		assert_true(next == now + wanted[i] * G_TIME_SPAN_MINUTE);
		assert_int_equal(claim_count(store, &courier, next - 1), 0);
		now = next;
	}
	now = NOW + 24 * G_TIME_SPAN_HOUR;
	assert_int_equal(claim_count(store, &courier, now), 1);
	attempt(store, id);
	assert_int_equal(finish(store, id, how, now), EFFECT_HELD);
	must(outbox_next_time(store, &courier, &next, &error));
	assert_true(next == 0);
}

static void
test_retry_at_a_given_time(void **state)
{
	Store *store = *state;
	EffectFinish how = { .result = RESULT_RETRY, .retry_at = NOW + 3 };
	gint64 id = state_add_effect(store, 1, EFFECT_TAG, "+a");
	claim_count(store, &watcher, NOW);
	attempt(store, id);
	finish(store, id, how, NOW);
	assert_int_equal(claim_count(store, &watcher, NOW + 2), 0);
	assert_int_equal(claim_count(store, &watcher, NOW + 3), 1);
}

/* A clock that is set back by a day delays nothing by a day. */
static void
test_clock_set_back(void **state)
{
	Store *store = *state;
	gint64 day = 24 * 60 * G_TIME_SPAN_MINUTE;
	gint64 id = state_add_effect(store, 1, EFFECT_REPLY, "x");
	assert_int_equal(claim_count(store, &courier, NOW - day), 1);
	attempt(store, id);
	EffectFinish retry = { .result = RESULT_RETRY };
	assert_int_equal(finish(store, id, retry, NOW - day), EFFECT_QUEUED);
	assert_int_equal(claim_count(store, &courier, NOW - day), 0);
	assert_int_equal(claim_count(store, &courier, NOW - 2 * day), 1);
}

/* "-triage-missing-date" must not be overtaken by the "+" that was added before it. */
static void
test_tags_of_a_mail_stay_in_order(void **state)
{
	Store *store = *state;
	EffectFinish later = { .result = RESULT_RETRY, .retry_at = NOW + 100 };
	gint64 first = state_add_effect(store, 1, EFFECT_TAG, "+triage-missing-date");
	gint64 second = state_add_effect(store, 1, EFFECT_TAG, "-triage-missing-date");
	state_add_effect(store, 2, EFFECT_TAG, "+triage-complete");
	assert_int_equal(claim_count(store, &watcher, NOW), 2);
	attempt(store, first);
	finish(store, first, later, NOW);
	assert_int_equal(claim_count(store, &watcher, NOW + 50), 0);
	assert_int_equal(claim_count(store, &watcher, NOW + 100), 1);
	attempt(store, first);
	finish(store, first, (EffectFinish){ .result = RESULT_DONE }, NOW + 100);
	g_autoptr(GPtrArray) last = claim(store, &watcher, NOW + 100);
	assert_int_equal(last->len, 1);
	assert_true(((Effect *)last->pdata[0])->id == second);
}

static GPtrArray *
recover(Store *store, const OutboxClaim *what, gboolean resend)
{
	must(store_begin(store, &error));
	GPtrArray *unknown = outbox_recover(store, what, resend, NOW, NULL);
	assert_non_null(unknown);
	must(store_commit(store, &error));
	return unknown;
}

static void
test_recover_after_a_crash(void **state)
{
	Store *store = *state;
	gint64 claimed = state_add_effect(store, 1, EFFECT_REPLY, "x");
	gint64 attempted = state_add_effect(store, 2, EFFECT_REPLY, "y");
	gint64 tag = state_add_effect(store, 1, EFFECT_TAG, "+a");
	gint64 copy = state_add_effect(store, 1, EFFECT_SENT_COPY, "z");
	claim_count(store, &courier, NOW);
	claim_count(store, &watcher, NOW);
	attempt(store, attempted);
	attempt(store, tag);
	attempt(store, copy);
	g_autoptr(GPtrArray) unknown = recover(store, &courier, FALSE);
	assert_int_equal(unknown->len, 1);
	assert_true(((Effect *)unknown->pdata[0])->id == attempted);
	assert_state(store, claimed, EFFECT_QUEUED);
	assert_state(store, attempted, EFFECT_UNKNOWN);
	assert_state(store, tag, EFFECT_ATTEMPTED);
	g_autoptr(GPtrArray) none = recover(store, &watcher, FALSE);
	assert_int_equal(none->len, 0);
	assert_state(store, tag, EFFECT_QUEUED);
	assert_state(store, copy, EFFECT_QUEUED);
	g_autoptr(Effect) effect = outbox_get(store, copy, NULL);
	assert_int_equal(effect->attempts, 1);
}

static void
test_recover_resends_when_set(void **state)
{
	Store *store = *state;
	gint64 id = state_add_effect(store, 1, EFFECT_REPLY, "x");
	claim_count(store, &courier, NOW);
	attempt(store, id);
	g_autoptr(GPtrArray) unknown = recover(store, &courier, TRUE);
	assert_int_equal(unknown->len, 0);
	assert_state(store, id, EFFECT_QUEUED);
}

static void
test_unclaim(void **state)
{
	Store *store = *state;
	gint64 id = state_add_effect(store, 1, EFFECT_REPLY, "x");
	claim_count(store, &courier, NOW);
	must_commit(store, outbox_unclaim(store, id, NOW, &error));
	assert_state(store, id, EFFECT_QUEUED);
}

static gboolean
is_of_even_mail(const Effect *effect, gpointer data)
{
	assert_null(effect->payload);
	++*(guint *)data;
	return effect->mail % 2 == 0;
}

/* What is not wanted stays queued, and is not even asked about beyond the last one chosen. */
static void
test_choosy_claim(void **state)
{
	Store *store = *state;
	guint asked = 0;
	gint64 ids[6];
	for (guint i = 0; i < G_N_ELEMENTS(ids); i++)
		ids[i] = state_add_effect(store, i % 2 + 1, EFFECT_REPLY, "x");
	OutboxClaim choosy = courier;
	choosy.max = 2;
	choosy.wanted = is_of_even_mail;
	choosy.data = &asked;
	g_autoptr(GPtrArray) claimed = claim(store, &choosy, NOW);
	assert_int_equal(claimed->len, 2);
	assert_int_equal(asked, 4);
	for (guint i = 0; i < G_N_ELEMENTS(ids); i++)
		assert_state(store, ids[i],
		        i == 1 || i == 3 ? EFFECT_CLAIMED : EFFECT_QUEUED);
	const Effect *first = g_ptr_array_index(claimed, 0);
	assert_true(first->id == ids[1]);
	assert_int_equal(g_bytes_get_size(first->payload), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_MAILS(test_effect_comes_back_whole),
		WITH_MAILS(test_claimed_once),
		WITH_MAILS(test_claim_goes_by_owner_time_and_number),
		WITH_MAILS(test_held_is_not_claimed_until_released),
		WITH_MAILS(test_outcomes),
		WITH_MAILS(test_finish_needs_an_attempt),
		WITH_MAILS(test_resent_once_only),
		WITH_MAILS(test_backoff),
		WITH_MAILS(test_clock_set_back),
		WITH_MAILS(test_retry_at_a_given_time),
		WITH_MAILS(test_tags_of_a_mail_stay_in_order),
		WITH_MAILS(test_recover_after_a_crash),
		WITH_MAILS(test_recover_resends_when_set),
		WITH_MAILS(test_unclaim),
		WITH_MAILS(test_choosy_claim),
	};
	return cmocka_run_group_tests_name("outbox", tests, NULL, NULL);
}
