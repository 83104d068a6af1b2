/* A case told, and the same case as the contract's JSON: both whole, as people see them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "triage/case_json.h"
#include "triage/explain.h"

static void
add_item(Case *kase, ItemKind kind, const char *value, Origin origin, guint line)
{
	Item *item = g_new0(Item, 1);

	item->kind = kind;
	item->value = g_strdup(value);
	item->origin = origin;
	item->part = g_strdup("2.2");
	item->line = line;
	g_ptr_array_add(kase->items, item);
}

static void
add_requirement(Case *kase, const char *names, gboolean present)
{
	Requirement needed = { requirement_parse(names), present };

	g_array_append_val(kase->requirements, needed);
}

static void
add_evidence(Case *kase)
{
	Evidence *known = g_new0(Evidence, 1), *unknown = g_new0(Evidence, 1);

	known->origin = ORIGIN_REPORT;
	known->part = g_strdup("2.2");
	known->line = 7;
	known->text = g_strdup("552 5.2.0 x spam detected");
	known->class = g_strdup("spam-detected");
	known->signature = g_strdup("spam-detected/smtp-552");
	known->layer = LAYER_PROVIDER;
	known->file = g_strdup("/usr/share/triaged/catalogue/spam-detected.conf");
	known->file_line = 12;
	known->refused_by = REFUSED_BY_PROVIDER;
	unknown->origin = ORIGIN_QUOTED;
	unknown->part = g_strdup("1");
	unknown->line = 20;
	unknown->text = g_strdup("550 other\nline");
	unknown->dropped = g_strdup("history");
	g_ptr_array_add(kase->evidence, known);
	g_ptr_array_add(kase->evidence, unknown);
}

static void
add_report(Case *kase)
{
	CaseReport *report = g_new0(CaseReport, 1);

	report->recipient = g_strdup("b@due.example");
	report->action = g_strdup("failed");
	report->status = g_strdup("5.2.0");
	report->remote_mta = g_strdup("mx.due.example");
	report->has_original = TRUE;
	report->original_from = g_strdup("a@uno.example");
	g_ptr_array_add(kase->reports, report);
}

static Case *
sample_case(void)
{
	Case *kase = case_new();

	kase->message_id = g_strdup("<a1@uno.example>");
	kase->subject = g_strdup("Perché?");
	kase->from_address = g_strdup("a@uno.example");
	kase->language = g_strdup("it");
	kase->nature_why = g_strdup("nothing in the header says otherwise");
	kase->verdict.class = g_strdup("spam-detected");
	kase->verdict.confidence = 0.9712;
	kase->verdict.runner_up = g_strdup("policy-violation");
	kase->verdict.runner_up_confidence = 0.108;
	g_ptr_array_add(kase->verdict.reasons, g_strdup("report says spam-detected"));
	add_evidence(kase);
	add_report(kase);
	add_item(kase, ITEM_SENDER, "a@uno.example", ORIGIN_REPORT, 7);
	add_item(kase, ITEM_SCREENSHOT, "Cattura.PNG", ORIGIN_SCREENSHOT, 0);
	add_requirement(kase, "sender", TRUE);
	add_requirement(kase, "error_text|screenshot", TRUE);
	add_requirement(kase, "date", FALSE);
	return kase;
}

static Plan *
sample_plan(void)
{
	Plan *plan = g_new0(Plan, 1);

	plan->tags = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(plan->tags, g_strdup("triage-spam-detected"));
	g_ptr_array_add(plan->tags, g_strdup("triage-missing-date"));
	plan->action = REPLY_SEND;
	plan->reason = g_strdup("checklist incomplete");
	plan->to = g_strdup("a@uno.example");
	plan->template = g_strdup("spam-detected");
	plan->language = g_strdup("it");
	return plan;
}

static const char told[] =
        "0042.eml\n"
        "From a@uno.example: \"Perché?\"\n"
        "Written by: person (nothing in the header says otherwise)\n"
        "Class: spam-detected, confidence 0.97\n"
        "Runner-up: policy-violation, 0.11\n"
        "  - report says spam-detected\n"
        "Seen:\n"
        "  part 2.2, line 7 (a delivery report): \"552 5.2.0 x spam detected\"\n"
        "    spam-detected/smtp-552 at spam-detected.conf:12, provider layer, said by "
        "our "
        "own servers\n"
        "  part 1, line 20 (the quoted thread): \"550 other line\"\n"
        "    not counted: history\n"
        "    no signature knows it\n"
        "Reports:\n"
        "  to b@due.example: failed, status 5.2.0, refused by mx.due.example\n"
        "Found:\n"
        "  sender: a@uno.example, in part 2.2, line 7 (a delivery report)\n"
        "  screenshot: Cattura.PNG, in part 2.2 (a picture)\n"
        "Missing: date\n"
        "Tags: triage-spam-detected triage-missing-date\n"
        "Reply: goes out, to a@uno.example, template spam-detected.it: checklist "
        "incomplete\n";

static void
tells_a_case(void **state)
{
	g_autoptr(Case) kase = sample_case();
	g_autoptr(Plan) plan = sample_plan();
	g_autofree char *text = explain(kase, plan, "/home/x/0042.eml");

	(void)state;
	assert_string_equal(text, told);
}

static void
tells_a_shut_gate(void **state)
{
	g_autoptr(Case) kase = case_new();
	g_autoptr(Plan) plan = g_new0(Plan, 1);

	(void)state;
	kase->subject = g_strdup("\x1b[31mred\nline");
	kase->nature = NATURE_LIST;
	kase->verdict.class = g_strdup("not-a-ticket");
	kase->header_gate = GATE_LIST;
	kase->gate_why = g_strdup("List-Id: <x>");
	plan->tags = g_ptr_array_new();
	plan->action = REPLY_SUPPRESS;
	plan->gate = GATE_LIST;
	plan->reason = g_strdup("list");
	g_autofree char *text = explain(kase, plan, NULL);
	assert_string_equal(text,
	        "From nobody: \"[31mred line\"\n"
	        "Written by: list\n"
	        "Class: not-a-ticket, confidence 0.00\n"
	        "Seen: no error text\n"
	        "Found: nothing that support asks for\n"
	        "Missing: nothing, the class asks for nothing\n"
	        "Tags:\n"
	        "Reply: is not sent: the mail came through a mailing list (list)\n"
	        "  - List-Id: <x>\n");
}

static const char shown[] =
        "{\"file\": \"t/0042.eml\", \"message_id\": \"<a1@uno.example>\", \"nature\": "
        "\"person\", \"class\": \"spam-detected\", \"detail\": null, \"confidence\": "
        "0.97, "
        "\"runner_up\": {\"class\": \"policy-violation\", \"confidence\": 0.11}, "
        "\"evidence\": [{\"origin\": \"report\", \"part\": \"2.2\", \"line\": 7, "
        "\"text\": "
        "\"552 5.2.0 x spam detected\", \"signature\": \"spam-detected/smtp-552\", "
        "\"layer\": \"provider\", \"refused_by\": \"provider\", \"dropped\": null}, "
        "{\"origin\": \"quoted\", "
        "\"part\": "
        "\"1\", \"line\": 20, \"text\": \"550 other\\nline\", \"signature\": null, "
        "\"layer\": null, \"refused_by\": null, \"dropped\": \"history\"}], "
        "\"reports\": [{\"recipient\": "
        "\"b@due.example\", \"action\": \"failed\", \"status\": \"5.2.0\", "
        "\"diagnostic\": "
        "null, \"reporting_mta\": null, \"remote_mta\": \"mx.due.example\", \"date\": "
        "null, "
        "\"original\": {\"from\": \"a@uno.example\", \"to\": null, \"subject\": null, "
        "\"date\": null, \"message_id\": null}}], \"unreadable\": [], \"checklist\": "
        "[{\"item\": "
        "\"sender\", "
        "\"state\": \"present\", \"value\": \"a@uno.example\", \"origin\": \"report\", "
        "\"part\": \"2.2\", \"line\": 7}, {\"item\": \"screenshot\", \"state\": "
        "\"present\", \"value\": \"Cattura.PNG\", \"origin\": \"screenshot\", "
        "\"part\": "
        "\"2.2\", \"line\": null}, {\"item\": \"date\", \"state\": \"missing\"}], "
        "\"missing\": [\"date\"], \"tags\": [\"triage-spam-detected\", "
        "\"triage-missing-date\"], \"reply\": {\"action\": \"send\", \"reason\": "
        "\"checklist incomplete\", \"to\": \"a@uno.example\", \"template\": "
        "\"spam-detected\"}}";

static void
shows_the_contracts_json(void **state)
{
	g_autoptr(Case) kase = sample_case();
	g_autoptr(Plan) plan = sample_plan();
	g_autofree char *line = case_json_line(kase, plan, "t/0042.eml", NULL, NULL);
	json_t *more = json_pack("{s:[i, n, b]}", "x", -12, 1);
	g_autofree char *longer =
	        case_json_line(kase, plan, "t/0042.eml", "more", more);
	g_autofree char *wanted =
	        g_strdup_printf("%.*s, \"more\": {\"x\": [-12, null, true]}}",
	                (int)strlen(shown) - 1, shown);

	(void)state;
	assert_string_equal(line, shown);
	assert_string_equal(longer, wanted);
	json_decref(more);
}

static void
shows_alternatives_and_no_plan(void **state)
{
	g_autoptr(Case) kase = case_new();
	g_autofree char *bad = g_strdup("\xff\xfe");

	(void)state;
	kase->verdict.class = g_strdup("unknown");
	kase->message_id = g_steal_pointer(&bad);
	add_requirement(kase, "error_text|screenshot", FALSE);
	json_t *json = case_to_json(kase, NULL, NULL);
	assert_true(json_is_null(json_object_get(json, "file")));
	assert_true(json_is_null(json_object_get(json, "runner_up")));
	assert_null(json_object_get(json, "reply"));
	assert_true(json_is_string(json_object_get(json, "message_id")));
	const json_t *missing = json_object_get(json, "missing");
	assert_string_equal(
	        json_string_value(json_array_get(missing, 0)), "error_text|screenshot");
	json_decref(json);
}

/* What is written piece by piece is what the library would write of it. */
static void
writes_numbers_and_texts(void **state)
{
	static const double numbers[] = { 0, 1, 0.9, 0.97, 0.055, 12.5, -0.5, -3 };
	static const double reals[] = { 0, -0.0, 1, 0.97, 0.055, -0.25, 1.0 / 3, 1e6,
		123456.78, 999999.99, 1e300, 0.1 + 0.2 };
	static const char *const texts[] = { "", "a", "\"\\/", "\x01\n\t\x7f",
		"caff\xc3\xa8", "\xe2\x80\xa8" };
	static const gint64 integers[] = { 0, 7, -1, 10, G_MAXINT64, G_MININT64 };

	(void)state;
	json_t *array = json_array();
	g_autoptr(GString) line = g_string_new("[");
	for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++) {
		json_array_append_new(array, json_real(round(numbers[i] * 100) / 100));
		line_put_comma(line);
		line_put_hundredths(line, numbers[i]);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(reals); i++) {
		json_t *real = json_real(reals[i]);
		line_put_comma(line);
		line_put(line, real);
		json_array_append_new(array, real);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		json_array_append_new(array, json_string(texts[i]));
		line_put_comma(line);
		line_put_text(line, texts[i]);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(integers); i++) {
		json_array_append_new(array, json_integer(integers[i]));
		line_put_comma(line);
		line_put_number(line, integers[i]);
	}
	g_string_append_c(line, ']');
	char *wanted = json_dumps(array, JSON_REAL_PRECISION(12));
	assert_string_equal(line->str, wanted);
	free(wanted);
	json_decref(array);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_a_case),
		cmocka_unit_test(tells_a_shut_gate),
		cmocka_unit_test(shows_the_contracts_json),
		cmocka_unit_test(shows_alternatives_and_no_plan),
		cmocka_unit_test(writes_numbers_and_texts),
	};

	return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}
