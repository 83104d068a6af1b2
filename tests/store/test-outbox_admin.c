/* The outbox as people see it: what is in it, the admin's word on an entry, and the limits. */
#include "base/errors.h"
#include "outbox_steps.h"
#include "store/reply_limit.h"

#include <string.h>

typedef enum { RETRY, RELEASE, CANCEL } Verb;

/* Whether an admin's verb is allowed in a state, and where it leads. */
static const struct verb_sample {
	const char *name;
	EffectState from;
	Verb verb;
	gboolean allowed;
} verbs[] = {
	{ "retry queued", EFFECT_QUEUED, RETRY, TRUE },
	{ "retry claimed", EFFECT_CLAIMED, RETRY, FALSE },
	{ "retry attempted", EFFECT_ATTEMPTED, RETRY, FALSE },
	{ "retry done", EFFECT_DONE, RETRY, FALSE },
	{ "retry refused", EFFECT_REFUSED, RETRY, TRUE },
	{ "retry unknown", EFFECT_UNKNOWN, RETRY, TRUE },
	{ "release queued", EFFECT_QUEUED, RELEASE, FALSE },
	{ "release refused", EFFECT_REFUSED, RELEASE, FALSE },
	{ "release unknown", EFFECT_UNKNOWN, RELEASE, TRUE },
	{ "release done", EFFECT_DONE, RELEASE, FALSE },
	{ "cancel queued", EFFECT_QUEUED, CANCEL, TRUE },
	{ "cancel claimed", EFFECT_CLAIMED, CANCEL, FALSE },
	{ "cancel attempted", EFFECT_ATTEMPTED, CANCEL, FALSE },
	{ "cancel unknown", EFFECT_UNKNOWN, CANCEL, TRUE },
	{ "cancel done", EFFECT_DONE, CANCEL, FALSE },
	{ "cancel cancelled", EFFECT_CANCELLED, CANCEL, FALSE },
};

static gboolean
verb_run(Store *store, Verb verb, gint64 id, GError **error)
{
	switch (verb) {
	case RETRY: return outbox_retry(store, id, NOW, error);
	case RELEASE: return outbox_release(store, id, NOW, error);
	case CANCEL: return outbox_cancel(store, id, "by the admin", NOW, error);
	}
	return FALSE;
}

/* Bring a new reply into a state by the ordinary way. */
static gint64
reply_in_state(Store *store, EffectState wanted)
{
	gint64 id = state_add_effect(store, 1, EFFECT_REPLY, "x");
	if (wanted == EFFECT_QUEUED)
		return id;
	if (wanted == EFFECT_CANCELLED) {
		must_commit(store, outbox_cancel(store, id, NULL, NOW, &error));
		return id;
	}
	claim_count(store, &courier, NOW);
	if (wanted == EFFECT_CLAIMED)
		return id;
	attempt(store, id);
	if (wanted == EFFECT_ATTEMPTED)
		return id;
	EffectResult result = wanted == EFFECT_DONE      ? RESULT_DONE
	                      : wanted == EFFECT_REFUSED ? RESULT_REFUSED
	                                                 : RESULT_UNKNOWN;
	finish(store, id, (EffectFinish){ .result = result }, NOW);
	return id;
}

static void
test_admin_verbs(void **state)
{
	Store *store = *state;
	for (gsize i = 0; i < G_N_ELEMENTS(verbs); i++) {
		const struct verb_sample *sample = &verbs[i];
		gint64 id = reply_in_state(store, sample->from);
		g_autoptr(GError) error = NULL;
		assert_true(store_begin(store, NULL));
		gboolean done = verb_run(store, sample->verb, id, &error);
		if (done != sample->allowed)
			fail_msg("%s", sample->name);
		if (!done)
			assert_int_equal(error->code, ERROR_INPUT);
		assert_true(store_commit(store, NULL));
		EffectState after = !done                    ? sample->from
		                    : sample->verb == CANCEL ? EFFECT_CANCELLED
		                                             : EFFECT_QUEUED;
		assert_state(store, id, after);
		assert_true(store_begin(store, NULL));
		outbox_cancel(store, id, NULL, NOW, NULL);
		assert_true(store_commit(store, NULL));
	}
}

static void
test_lists_and_counts(void **state)
{
	Store *store = *state;
	reply_in_state(store, EFFECT_DONE);
	reply_in_state(store, EFFECT_UNKNOWN);
	state_add_effect(store, 1, EFFECT_TAG, "+a");
	state_add_effect(store, 2, EFFECT_TAG, "+a");
	g_autoptr(GPtrArray) open = outbox_list(store, 0, NULL);
	assert_int_equal(open->len, 3);
	g_autoptr(GPtrArray) of_mail = outbox_list(store, 1, NULL);
	assert_int_equal(of_mail->len, 3);
	g_autoptr(GPtrArray) counts = outbox_counts(store, NULL);
	assert_int_equal(counts->len, 2);
	const OutboxCount *tags = counts->pdata[1];
	assert_int_equal(tags->kind, EFFECT_TAG);
	assert_int_equal(tags->state, EFFECT_QUEUED);
	assert_true(tags->count == 2 && tags->oldest == NOW);
}

/* What is held, refused or cancelled does not use up a limit. */
static void
test_limits_count_what_goes_out(void **state)
{
	Store *store = *state;
	guint count;
	reply_in_state(store, EFFECT_DONE);
	reply_in_state(store, EFFECT_UNKNOWN);
	reply_in_state(store, EFFECT_REFUSED);
	reply_in_state(store, EFFECT_CANCELLED);
	reply_in_state(store, EFFECT_QUEUED);
	state_add_effect(store, 1, EFFECT_DRAFT, "x");
	must(reply_limit_count_address(store, "ANNA@example.it", NOW, &count, &error));
	assert_int_equal(count, 3);
	must(reply_limit_count_address(
	        store, "anna@example.it", NOW + 1, &count, &error));
	assert_int_equal(count, 0);
	must(reply_limit_count_all(store, NOW, 100, &count, &error));
	assert_int_equal(count, 3);
	must(reply_limit_count_conversation(store, 1, &count, &error));
	assert_int_equal(count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_MAILS(test_admin_verbs),
		WITH_MAILS(test_lists_and_counts),
		WITH_MAILS(test_limits_count_what_goes_out),
	};
	return cmocka_run_group_tests_name("outbox_admin", tests, NULL, NULL);
}
