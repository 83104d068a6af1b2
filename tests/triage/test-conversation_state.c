/* What a conversation knows: the union of its mails, and its way into the store and back. */
#include <string.h>

#include "base/errors.h"
#include "tests/suite.h"
#include "triage/conversation_items.h"
#include "triage/conversation_turn.h"

#define STATED 0.9
#define MAILS 4
#define SAID 3

/* What up to MAILS mails say of one kind, and what counts in the end, the newest first. */
static const struct sample {
	const char *name;
	ItemKind kind;
	const char *mails[MAILS][SAID];
	const char *counts;
	guint contradictions;
} samples[] = {
	{ "one", ITEM_RECIPIENT, { { "a@x.it" } }, "a@x.it", 0 },
	{ "the union of two kinds of silence", ITEM_RECIPIENT,
	        { { NULL }, { "a@x.it" } }, "a@x.it", 0 },
	{ "newest wins", ITEM_RECIPIENT, { { "a@x.it" }, { "b@x.it" } }, "b@x.it", 1 },
	{ "said again", ITEM_RECIPIENT, { { "a@x.it" }, { "A@X.it" } }, "a@x.it", 0 },
	{ "one more beside it", ITEM_RECIPIENT,
	        { { "a@x.it" }, { "a@x.it", "b@x.it" } }, "b@x.it a@x.it", 0 },
	{ "corrected above our quoted list", ITEM_RECIPIENT,
	        { { "a@x.it" }, { "b@x.it" }, { "c@x.it", "b@x.it" } }, "c@x.it b@x.it",
	        1 },
	{ "what was replaced stays so when both stand there", ITEM_RECIPIENT,
	        { { "a@x.it" }, { "b@x.it" }, { "a@x.it", "b@x.it" } }, "b@x.it", 1 },
	{ "back to the first", ITEM_RECIPIENT,
	        { { "a@x.it" }, { "b@x.it" }, { "a@x.it" } }, "a@x.it", 2 },
	{ "a day, then its time", ITEM_DATE,
	        { { "2026-11-06" }, { "2026-11-06T14:58:00+01:00" } },
	        "2026-11-06T14:58:00+01:00", 0 },
	{ "a time, then its day", ITEM_DATE,
	        { { "2026-11-06T14:58:00+01:00" }, { "2026-11-06" } },
	        "2026-11-06T14:58:00+01:00", 0 },
	{ "seconds are nobody's contradiction", ITEM_DATE,
	        { { "2026-11-06T14:58:40+01:00" }, { "2026-11-06T14:58:00+01:00" } },
	        "2026-11-06T14:58:40+01:00", 0 },
	{ "another day", ITEM_DATE, { { "2026-11-06" }, { "2026-11-05" } },
	        "2026-11-05", 1 },
	{ "pictures add up", ITEM_SCREENSHOT, { { "a.png" }, { "b.png" } },
	        "b.png a.png", 0 },
	{ "errors add up", ITEM_ERROR_TEXT, { { "552 a" }, { "550 b" } }, "550 b 552 a",
	        0 },
};

static void
say(ConversationState *state, ItemKind kind, const char *const *values, guint count,
        double weight)
{
	g_autoptr(GPtrArray) items =
	        g_ptr_array_new_with_free_func((GDestroyNotify)item_free);
	state->mails++;
	for (guint i = 0; i < count && values[i] != NULL; i++) {
		Item *item = g_new0(Item, 1);
		item->kind = kind;
		item->value = g_strdup(values[i]);
		item->part = g_strdup("1");
		item->origin = ORIGIN_WORDS;
		item->weight = weight;
		g_ptr_array_add(items, item);
	}
	conversation_items_add(state, items);
}

static void
test_union(void **state)
{
	const struct sample *sample = *state;
	g_autoptr(ConversationState) known = conversation_state_new();
	for (guint i = 0; i < MAILS; i++)
		say(known, sample->kind, sample->mails[i], SAID, STATED);
	g_autoptr(GPtrArray) list = conversation_items_list(known);
	g_autoptr(GString) counts = g_string_new(NULL);
	for (guint i = 0; i < list->len; i++)
		g_string_append_printf(counts, "%s%s", i > 0 ? " " : "",
		        ((Item *)g_ptr_array_index(list, i))->value);
	assert_string_equal(counts->str, sample->counts);
	assert_int_equal(known->contradictions->len, sample->contradictions);
}

/* The quoted thread fills a gap, and never contradicts what was said. */
static void
test_history(void **state)
{
	(void)state;
	const char *const old[] = { "old@x.it" }, *const said[] = { "new@x.it" };
	g_autoptr(ConversationState) known = conversation_state_new();
	say(known, ITEM_SENDER, old, 1, 0.3);
	assert_int_equal(known->items->len, 1);
	say(known, ITEM_SENDER, said, 1, STATED);
	say(known, ITEM_SENDER, old, 1, 0.31);
	g_autoptr(GPtrArray) list = conversation_items_list(known);
	assert_string_equal(((Item *)g_ptr_array_index(list, 0))->value, "new@x.it");
}

/* Who writes a thousand mails does not make the state grow without end. */
static void
test_bounds(void **state)
{
	(void)state;
	g_autoptr(ConversationState) known = conversation_state_new();
	for (guint i = 0; i < 1000; i++) {
		g_autofree char *address = g_strdup_printf("a%u@x.it", i);
		g_autofree char *picture = g_strdup_printf("%u.png", i);
		const char *const one[] = { address }, *const other[] = { picture };
		say(known, ITEM_RECIPIENT, one, 1, STATED);
		say(known, ITEM_SCREENSHOT, other, 1, STATED);
	}
	assert_true(known->items->len <= 2 * 20);
	assert_true(known->replaced->len <= 60);
	assert_true(known->contradictions->len <= 20);
	g_autoptr(GPtrArray) list = conversation_items_list(known);
	assert_string_equal(((Item *)g_ptr_array_index(list, 0))->value, "a999@x.it");
}

static void
test_round_trip(void **state)
{
	(void)state;
	const char *const a[] = { "a@x.it" }, *const b[] = { "b@\xff.it" };
	g_autoptr(ConversationState) known = conversation_state_new();
	say(known, ITEM_RECIPIENT, a, 1, STATED);
	say(known, ITEM_RECIPIENT, b, 1, STATED);
	conversation_note_agent(known, "carla@agenti.example.it");
	known->replies = 2;
	known->class = g_strdup("spam-detected");
	known->told = g_strdup("unknown");
	known->language = g_strdup("en");
	ClassChange *change = g_new0(ClassChange, 1);
	change->from = g_strdup("unknown");
	change->to = g_strdup("spam-detected");
	change->mail = 2;
	g_ptr_array_add(known->changes, change);
	json_t *packed = conversation_state_pack(known);
	g_autofree char *text = json_dumps(packed, JSON_SORT_KEYS);
	g_autoptr(ConversationState) back = conversation_state_unpack(text, NULL);
	json_t *again = conversation_state_pack(back);
	g_autofree char *second = json_dumps(again, JSON_SORT_KEYS);
	assert_string_equal(text, second);
	assert_int_equal(back->phase, PHASE_AGENT);
	assert_int_equal(back->contradictions->len, 1);
	json_decref(packed);
	json_decref(again);
}

/* An older or a newer version's state is read as far as it is understood. */
static void
test_strange_states(void **state)
{
	(void)state;
	static const char *const strange[] = { "{}", "{\"phase\": 7, \"mails\": -3}",
		"{\"phase\": \"dancing\", \"items\": [7, {}, {\"item\": \"shoe\"}]}",
		"{\"items\": [{\"item\": \"date\", \"origin\": \"dream\"}]}",
		"{\"items\": [{\"item\": \"date\", \"origin\": \"words\"}]}",
		"{\"contradictions\": {}, \"class_changes\": [null]}" };
	for (gsize i = 0; i < G_N_ELEMENTS(strange); i++) {
		g_autoptr(ConversationState) read =
		        conversation_state_unpack(strange[i], NULL);
		assert_non_null(read);
		assert_int_equal(read->phase, PHASE_OPEN);
		assert_int_equal(read->items->len, 0);
		assert_int_equal(read->mails, 0);
	}
	g_autoptr(GError) error = NULL;
	assert_null(conversation_state_unpack("[", &error));
	assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_STORE));
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, samples, test_union);
	suite_add(suite, cmocka_unit_test(test_history), cmocka_unit_test(test_bounds),
	        cmocka_unit_test(test_round_trip),
	        cmocka_unit_test(test_strange_states));
	return suite_run(suite, "conversation_state", NULL, NULL);
}
