/* The packed case: nothing is lost on the way, and nothing wrong comes through. */

#include <math.h>
#include <string.h>

#include "base/errors.h"
#include "tests/suite.h"
#include "triage/case_pack.h"

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

static Case *
unpack(GBytes *packed, GError **error)
{
	gsize size;
	const void *data = g_bytes_get_data(packed, &size);
	return case_unpack(data, size, error);
}

static void
pack_returns_every_field(void **state)
{
	g_autoptr(Case) kase = sample_case();
	g_autoptr(GBytes) packed = case_pack(kase);
	g_autoptr(GError) error = NULL;
	g_autoptr(Case) back = unpack(packed, &error);

	(void)state;
	assert_null(error);
	g_autoptr(GBytes) again = case_pack(back);
	assert_true(g_bytes_equal(packed, again));
	assert_string_equal(back->subject, kase->subject);
	assert_null(back->message_id);
	assert_int_equal(back->header_gate, GATE_SPAM);
	assert_int_equal(back->utc_offset_minutes, -60);
	assert_true(back->date == kase->date);
	assert_true(back->verdict.confidence == kase->verdict.confidence);
	const Evidence *evidence = g_ptr_array_index(back->evidence, 0);
	assert_string_equal(evidence->text, "552 spam detected");
	const Item *item = g_ptr_array_index(back->items, 0);
	assert_string_equal(item->value, "a@example.it");
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
	g_autoptr(GBytes) packed = case_pack(kase);
	g_autoptr(Case) back = unpack(packed, &error);
	assert_null(error);
	assert_true(g_utf8_validate(back->subject, -1, NULL));
	assert_true(strlen(back->subject) < 100000);
	assert_true(back->unreadable->len < 10000);
}

/* What an analyst that was taken over may say: one thing wrong in a case that is right. */
static void
clear_text(char **text)
{
	g_clear_pointer(text, g_free);
}

#define EVIDENCE(kase) ((Evidence *)g_ptr_array_index((kase)->evidence, 0))
#define ITEM(kase) ((Item *)g_ptr_array_index((kase)->items, 0))
#define REQUIREMENT(kase) (&g_array_index((kase)->requirements, Requirement, 0))
#define WRONG(name, change)                                                            \
	static void name(Case *kase)                                                   \
	{                                                                              \
		change;                                                                \
	}

WRONG(no_class, clear_text(&kase->verdict.class))
WRONG(no_subject, clear_text(&kase->subject))
WRONG(evidence_without_text, clear_text(&EVIDENCE(kase)->text))
WRONG(item_without_value, clear_text(&ITEM(kase)->value))
WRONG(item_without_part, clear_text(&ITEM(kase)->part))
WRONG(nature_beyond_the_last, kase->nature = (Nature)(NATURE_OWN + 1))
WRONG(nature_negative, kase->nature = (Nature)-1)
WRONG(gate_beyond_the_last, kase->header_gate = GATE_COUNT)
WRONG(offset_of_a_month, kase->utc_offset_minutes = 43200)
WRONG(offset_of_a_month_back, kase->utc_offset_minutes = -43200)
WRONG(bool_of_seven, kase->thanks = 7)
WRONG(confidence_without_end, kase->verdict.confidence = INFINITY)
WRONG(weight_of_nothing, ITEM(kase)->weight = NAN)
WRONG(origin_beyond_the_last, EVIDENCE(kase)->origin = ORIGIN_COUNT)
WRONG(layer_beyond_the_last, EVIDENCE(kase)->layer = LAYER_COUNT)
WRONG(line_without_end, EVIDENCE(kase)->line = G_MAXUINT32)
WRONG(item_beyond_the_last, ITEM(kase)->kind = ITEM_COUNT)
WRONG(requirement_beyond_the_last, REQUIREMENT(kase)->kinds = 1u << ITEM_COUNT)

typedef struct {
	const char *name;
	void (*change)(Case *kase);
} Sample;

#define SAMPLE(change)                                                                 \
	{                                                                              \
#change, change                                                        \
	}

static const Sample refused[] = {
	SAMPLE(no_class),
	SAMPLE(no_subject),
	SAMPLE(evidence_without_text),
	SAMPLE(item_without_value),
	SAMPLE(item_without_part),
	SAMPLE(nature_beyond_the_last),
	SAMPLE(nature_negative),
	SAMPLE(gate_beyond_the_last),
	SAMPLE(offset_of_a_month),
	SAMPLE(offset_of_a_month_back),
	SAMPLE(bool_of_seven),
	SAMPLE(confidence_without_end),
	SAMPLE(weight_of_nothing),
	SAMPLE(origin_beyond_the_last),
	SAMPLE(layer_beyond_the_last),
	SAMPLE(line_without_end),
	SAMPLE(item_beyond_the_last),
	SAMPLE(requirement_beyond_the_last),
};

static void
unpack_refuses(void **state)
{
	const Sample *sample = *state;
	g_autoptr(Case) kase = sample_case();
	g_autoptr(GError) error = NULL;

	sample->change(kase);
	g_autoptr(GBytes) packed = case_pack(kase);
	g_autoptr(Case) back = unpack(packed, &error);
	assert_null(back);
	assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_INPUT));
}

static void
unpack_refuses_what_is_cut(void **state)
{
	g_autoptr(Case) kase = sample_case();
	g_autoptr(GBytes) packed = case_pack(kase);
	gsize size = g_bytes_get_size(packed);

	(void)state;
	for (gsize length = 0; length < size; length++) {
		g_autoptr(GBytes) cut = g_bytes_new_from_bytes(packed, 0, length);
		g_autoptr(Case) back = unpack(cut, NULL);
		assert_null(back);
	}
	GByteArray *longer = g_bytes_unref_to_array(g_bytes_ref(packed));
	g_byte_array_append(longer, (const guint8 *)"", 1);
	g_autoptr(GBytes) more = g_byte_array_free_to_bytes(longer);
	g_autoptr(Case) back = unpack(more, NULL);
	assert_null(back);
}

/* Whatever a byte is changed to: refused, or a case of which every text can be read. */
static void
unpack_survives_any_byte(void **state)
{
	static const guint8 values[] = { 0, 1, 0x7f, 0x80, 0xff };
	g_autoptr(Case) kase = sample_case();
	g_autoptr(GBytes) packed = case_pack(kase);
	gsize size, came_through = 0;
	const guint8 *data = g_bytes_get_data(packed, &size);

	(void)state;
	for (gsize i = 0; i < size * G_N_ELEMENTS(values); i++) {
		g_autofree guint8 *changed = g_memdup2(data, size);
		changed[i / G_N_ELEMENTS(values)] = values[i % G_N_ELEMENTS(values)];
		g_autoptr(Case) back = case_unpack(changed, size, NULL);
		if (back == NULL)
			continue;
		came_through++;
		assert_non_null(back->verdict.class);
		assert_true(g_utf8_validate(back->subject, -1, NULL));
		g_autoptr(GBytes) again = case_pack(back);
		assert_memory_equal(g_bytes_get_data(again, NULL), changed, size);
	}
	assert_true(came_through > 0);
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
	        cmocka_unit_test(unpack_refuses_what_is_cut),
	        cmocka_unit_test(unpack_survives_any_byte),
	        cmocka_unit_test(names_go_both_ways),
	        cmocka_unit_test(requirement_names_alternatives));
	suite_add_table(suite, refused, unpack_refuses);
	return suite_run(suite, "case_pack", NULL, NULL);
}
