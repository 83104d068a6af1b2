/* The packed case: nothing is lost on the way, and nothing wrong comes through. */

#include "base/errors.h"
#include "tests/suite.h"
#include "triage/case_json.h"

static Case *
sample_case(void)
{
	Case *kase = case_new();
	Evidence *evidence = g_new0(Evidence, 1);
	CaseReport *report = g_new0(CaseReport, 1);
	Item *item = g_new0(Item, 1);
	Requirement needed = { .kinds = 1u << ITEM_DATE };

	kase->subject = g_strdup("perché \"non\" va");
	kase->language = g_strdup("it");
	kase->references[0] = NULL;
	kase->date = G_GINT64_CONSTANT(1794234567);
	kase->utc_offset_minutes = -60;
	kase->nature = NATURE_PERSON;
	kase->header_gate = GATE_SPAM;
	kase->verdict.class = g_strdup("spam-detected");
	kase->verdict.confidence = 0.1 + 0.2;
	g_ptr_array_add(kase->verdict.reasons, g_strdup("a reason"));
	evidence->origin = ORIGIN_DIALOG;
	evidence->layer = LAYER_STATUS;
	evidence->part = g_strdup("1");
	evidence->text = g_strdup("552 spam detected");
	evidence->weight = 1.5;
	g_ptr_array_add(kase->evidence, evidence);
	report->recipient = g_strdup("b@example.org");
	report->has_original = TRUE;
	g_ptr_array_add(kase->reports, report);
	item->kind = ITEM_MAILBOX;
	item->part = g_strdup("0");
	item->value = g_strdup("a@example.it");
	g_ptr_array_add(kase->items, item);
	g_array_append_val(kase->requirements, needed);
	g_ptr_array_add(kase->unreadable, g_strdup("x.zip"));
	return kase;
}

static void
pack_returns_every_field(void **state)
{
	g_autoptr(Case) kase = sample_case();
	json_t *packed = case_pack(kase);
	g_autoptr(GError) error = NULL;
	g_autoptr(Case) back = case_unpack(packed, &error);

	(void)state;
	assert_null(error);
	json_t *again = case_pack(back);
	assert_true(json_equal(packed, again));
	assert_string_equal(back->subject, kase->subject);
	assert_int_equal(back->header_gate, GATE_SPAM);
	assert_int_equal(back->utc_offset_minutes, -60);
	assert_true(back->date == kase->date);
	json_decref(packed);
	json_decref(again);
}

static void
pack_cuts_what_is_too_long(void **state)
{
	g_autoptr(Case) kase = sample_case();
	g_autofree char *endless = g_strnfill(1000000, 'x');
	g_autoptr(GError) error = NULL;

	(void)state;
	g_free(kase->subject);
	kase->subject = g_strdup_printf("\xff%s", endless);
	for (guint i = 0; i < 10000; i++)
		g_ptr_array_add(kase->unreadable, g_strdup("x.zip"));
	json_t *packed = case_pack(kase);
	g_autoptr(Case) back = case_unpack(packed, &error);
	assert_null(error);
	assert_true(back->unreadable->len < 10000);
	json_decref(packed);
}

typedef struct {
	const char *name, *json;
} Sample;

#define CASE_WITH(fields)                                                              \
	"{\"subject\": \"\", \"language\": \"it\", \"verdict.class\": "                \
	"\"unknown\", " fields "}"

static const Sample refused[] = {
	{ "no object", "[]" },
	{ "no class", "{\"subject\": \"\", \"language\": \"it\"}" },
	{ "class a number",
	        "{\"subject\": \"\", \"language\": \"it\", \"verdict.class\": 7}" },
	{ "evidence without a text", CASE_WITH("\"evidence\": [{\"part\": \"1\"}]") },
	{ "evidence with a text of null",
	        CASE_WITH("\"evidence\": [{\"part\": \"1\", \"text\": null}]") },
	{ "item without a value", CASE_WITH("\"items\": [{\"part\": \"1\"}]") },
	{ "nature beyond the last", "{\"nature\": 7}" },
	{ "nature negative", "{\"nature\": -1}" },
	{ "nature a text", "{\"nature\": \"person\"}" },
	{ "gate beyond the last", "{\"header_gate\": 22}" },
	{ "offset of a month", "{\"utc_offset_minutes\": 43200}" },
	{ "bool a number", "{\"thanks\": 1}" },
	{ "real a text", "{\"verdict.confidence\": \"1\"}" },
	{ "list an object", "{\"evidence\": {}}" },
	{ "list of numbers", "{\"evidence\": [1]}" },
	{ "origin beyond the last", "{\"evidence\": [{\"origin\": 9}]}" },
	{ "item beyond the last", "{\"items\": [{\"kind\": 7}]}" },
	{ "requirement beyond the last", "{\"requirements\": [{\"kinds\": 128}]}" },
	{ "strings of null", "{\"reasons\": [null]}" },
	{ "references of numbers", "{\"references\": [1]}" },
};

static void
unpack_refuses(void **state)
{
	const Sample *sample = *state;
	json_t *json = json_loads(sample->json, 0, NULL);
	g_autoptr(GError) error = NULL;

	assert_non_null(json);
	g_autoptr(Case) kase = case_unpack(json, &error);
	assert_null(kase);
	assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_INPUT));
	json_decref(json);
}

static void
names_go_both_ways(void **state)
{
	(void)state;
	for (int i = 0; i < ITEM_COUNT; i++)
		assert_int_equal(item_from_name(item_name((ItemKind)i)), i);
	for (int i = 0; i < GATE_COUNT; i++)
		assert_int_equal(gate_from_name(gate_name((Gate)i)), i);
	for (int i = NATURE_PERSON; i <= NATURE_OWN; i++)
		assert_int_equal(nature_from_name(nature_name((Nature)i)), i);
	assert_int_equal(item_from_name("Sender"), -1);
	assert_int_equal(gate_from_name(NULL), -1);
}

static void
requirement_names_alternatives(void **state)
{
	guint kinds = requirement_parse("screenshot|error_text");
	g_autofree char *name = requirement_name(kinds);

	(void)state;
	assert_string_equal(name, "error_text|screenshot");
	assert_int_equal(requirement_parse("screenshot|picture"), 0);
	assert_int_equal(requirement_parse(""), 0);
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add(suite, cmocka_unit_test(pack_returns_every_field),
	        cmocka_unit_test(pack_cuts_what_is_too_long),
	        cmocka_unit_test(names_go_both_ways),
	        cmocka_unit_test(requirement_names_alternatives));
	suite_add_table(suite, refused, unpack_refuses);
	return suite_run(suite, "case_pack", NULL, NULL);
}
