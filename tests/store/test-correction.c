/* What agents changed of the tags comes back as it was recorded, and nothing else does. */
#include "state.h"
#include "store/correction.h"

#include <string.h>

static void
add(Store *store, const Correction *correction)
{
	must_commit(store, correction_add(store, correction, &error));
}

static void
assert_same(const Correction *one, const Correction *other)
{
	assert_true(one->mail == other->mail && one->at == other->at);
	assert_true(g_strcmp0(one->from, other->from) == 0);
	assert_true(g_strcmp0(one->to, other->to) == 0);
	assert_string_equal(one->changes, other->changes);
	assert_string_equal(one->who, other->who);
}

static void
test_both_kinds_come_back(void **state)
{
	Store *store = *state;
	gint64 mail =
	        state_add_mail(store, 1, "spam-detected", "date", JOURNAL_REPLIED);
	Correction class = { mail, NOW, S("spam-detected"), S("sender-blacklisted"),
		S("-triage-spam-detected +triage-sender-blacklisted"),
		S("assistenza") };
	Correction other = { mail, NOW + 1, NULL, NULL, S("-triage-missing-date"),
		S("la nostra, by hand") };
	add(store, &class);
	add(store, &other);
	g_autoptr(GPtrArray) of_mail = corrections_of_mail(store, mail, NULL);
	assert_int_equal(of_mail->len, 2);
	assert_same(of_mail->pdata[0], &class);
	assert_same(of_mail->pdata[1], &other);
	g_autoptr(GPtrArray) events = journal_events(store, mail, NULL);
	const JournalEvent *event = events->pdata[0];
	assert_string_equal(event->detail,
	        "spam-detected -> sender-blacklisted, -triage-spam-detected"
	        " +triage-sender-blacklisted, by assistenza");
}

static void
test_keywords_may_look_odd(void **state)
{
	Store *store = *state;
	gint64 mail = state_add_mail(store, 1, "a", "", JOURNAL_REPLIED);
	Correction odd = { mail, NOW, S("a"), S("b"), S("-x,-> +y +z,"), S("m") };
	add(store, &odd);
	g_autoptr(GPtrArray) found = corrections_of_mail(store, mail, NULL);
	/* The first mark ends the list: a keyword may end in a comma, not hold a blank. */
	assert_same(found->pdata[0], &odd);
}

static void
test_list_is_of_classes_and_of_a_time(void **state)
{
	Store *store = *state;
	gint64 first = state_add_mail(store, 1, "a", "", JOURNAL_REPLIED);
	gint64 second = state_add_mail(store, 2, "a", "", JOURNAL_REPLIED);
	for (int i = 0; i < 3; i++) {
		Correction class = { i == 1 ? second : first, NOW + i, S("a"), S("b"),
			S("-triage-a +triage-b"), S("m") };
		Correction other = { first, NOW + i, NULL, NULL, S("-triage-held"),
			S("m") };
		add(store, &class);
		add(store, &other);
	}
	g_autoptr(GPtrArray) all = corrections_list(store, 0, 0, NULL);
	assert_int_equal(all->len, 3);
	g_autoptr(GPtrArray) middle = corrections_list(store, NOW + 1, NOW + 2, NULL);
	assert_int_equal(middle->len, 1);
	assert_true(((Correction *)middle->pdata[0])->mail == second);
}

static void
test_events_of_another_form_are_passed_over(void **state)
{
	Store *store = *state;
	gint64 mail = state_add_mail(store, 1, "a", "", JOURNAL_REPLIED);
	static const char *const details[] = { NULL, "", "a -> b", "a -> b, +c" };
	must(store_begin(store, &error));
	for (guint i = 0; i < G_N_ELEMENTS(details); i++) {
		JournalEvent event = { mail, NOW, S(EVENT_CORRECTION), S(details[i]) };
		must(journal_add_event(store, &event, &error));
	}
	must(store_commit(store, &error));
	g_autoptr(GPtrArray) found = corrections_of_mail(store, mail, NULL);
	assert_int_equal(found->len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(test_both_kinds_come_back),
		WITH_STORE(test_keywords_may_look_odd),
		WITH_STORE(test_list_is_of_classes_and_of_a_time),
		WITH_STORE(test_events_of_another_form_are_passed_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
