#include "triage/case_json.h"

#include <math.h>

#include "triage/plan.h"

#define SHOWN_DIGITS 100.0 /* confidences are shown with two decimals */

/* Jansson refuses invalid UTF-8; a wrong byte must cost a character, not the object. */
static json_t *
text_json(const char *text)
{
	if (text == NULL)
		return json_null();
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	return json_string_nocheck(valid);
}

static void
put(json_t *object, const char *name, const char *text)
{
	json_object_set_new(object, name, text_json(text));
}

static void
put_line(json_t *object, guint line)
{
	json_object_set_new(
	        object, "line", line > 0 ? json_integer(line) : json_null());
}

static json_t *
confidence_json(double confidence)
{
	return json_real(round(confidence * SHOWN_DIGITS) / SHOWN_DIGITS);
}

static json_t *
strings_json(const GPtrArray *strings)
{
	json_t *array = json_array();

	for (guint i = 0; strings != NULL && i < strings->len; i++)
		json_array_append_new(array, text_json(g_ptr_array_index(strings, i)));
	return array;
}

static void
put_verdict(json_t *object, const Verdict *verdict)
{
	json_t *runner_up = json_null();

	if (verdict->runner_up != NULL) {
		runner_up = json_object();
		put(runner_up, "class", verdict->runner_up);
		json_object_set_new(runner_up, "confidence",
		        confidence_json(verdict->runner_up_confidence));
	}
	put(object, "class", verdict->class);
	put(object, "detail", verdict->detail);
	json_object_set_new(object, "confidence", confidence_json(verdict->confidence));
	json_object_set_new(object, "runner_up", runner_up);
}

/* Whose server said it, where that is known. */
static const char *
refuser_name(RefusedBy refused_by)
{
	switch (refused_by) {
	case REFUSED_BY_ANY: return NULL;
	case REFUSED_BY_PROVIDER: return "provider";
	case REFUSED_BY_REMOTE: return "remote";
	}
	return NULL;
}

static json_t *
evidence_json(const Evidence *evidence)
{
	json_t *object = json_object();
	const char *layer =
	        evidence->signature != NULL ? layer_name(evidence->layer) : NULL;

	put(object, "origin", origin_name(evidence->origin));
	put(object, "part", evidence->part);
	put_line(object, evidence->line);
	put(object, "text", evidence->text);
	put(object, "signature", evidence->signature);
	put(object, "layer", layer);
	put(object, "refused_by", refuser_name(evidence->refused_by));
	put(object, "dropped", evidence->dropped);
	return object;
}

static json_t *
original_json(const CaseReport *report)
{
	if (!report->has_original)
		return json_null();
	json_t *object = json_object();
	put(object, "from", report->original_from);
	put(object, "to", report->original_to);
	put(object, "subject", report->original_subject);
	put(object, "date", report->original_date);
	put(object, "message_id", report->original_message_id);
	return object;
}

static json_t *
report_json(const CaseReport *report)
{
	json_t *object = json_object();

	put(object, "recipient", report->recipient);
	put(object, "action", report->action);
	put(object, "status", report->status);
	put(object, "diagnostic", report->diagnostic);
	put(object, "reporting_mta", report->reporting_mta);
	put(object, "remote_mta", report->remote_mta);
	put(object, "date", report->date);
	json_object_set_new(object, "original", original_json(report));
	return object;
}

static json_t *
item_json(const Item *item)
{
	json_t *object = json_object();

	put(object, "item", item_name(item->kind));
	put(object, "state", "present");
	put(object, "value", item->value);
	put(object, "origin", origin_name(item->origin));
	put(object, "part", item->part);
	put_line(object, item->line);
	if (item->mail > 0)
		json_object_set_new(object, "mail", json_integer(item->mail));
	if (item->previous != NULL)
		put(object, "previous", item->previous);
	return object;
}

/* Found items in the order of the enumeration, best first, then what is missing. */
static void
put_checklist(json_t *object, const Case *kase)
{
	json_t *checklist = json_array(), *missing = json_array();

	for (guint kind = 0; kind < ITEM_COUNT; kind++)
		for (guint i = 0; i < kase->items->len; i++) {
			const Item *item = g_ptr_array_index(kase->items, i);
			if (item->kind == kind)
				json_array_append_new(checklist, item_json(item));
		}
	for (guint i = 0; i < kase->requirements->len; i++) {
		const Requirement *needed =
		        &g_array_index(kase->requirements, Requirement, i);
		if (needed->present)
			continue;
		g_autofree char *name = requirement_name(needed->kinds);
		json_t *entry = json_object();
		put(entry, "item", name);
		put(entry, "state", "missing");
		json_array_append_new(checklist, entry);
		json_array_append_new(missing, text_json(name));
	}
	json_object_set_new(object, "checklist", checklist);
	json_object_set_new(object, "missing", missing);
}

static void
put_plan(json_t *object, const Plan *plan)
{
	json_t *reply = json_object();

	put(reply, "action", reply_action_name(plan->action));
	put(reply, "reason", plan->reason);
	put(reply, "to", plan->to);
	put(reply, "template", plan->template);
	json_object_set_new(object, "tags", strings_json(plan->tags));
	json_object_set_new(object, "reply", reply);
}

json_t *
case_to_json(const Case *kase, const Plan *plan, const char *file)
{
	json_t *object = json_object();
	json_t *evidence = json_array(), *reports = json_array();

	for (guint i = 0; i < kase->evidence->len; i++)
		json_array_append_new(
		        evidence, evidence_json(g_ptr_array_index(kase->evidence, i)));
	for (guint i = 0; i < kase->reports->len; i++)
		json_array_append_new(
		        reports, report_json(g_ptr_array_index(kase->reports, i)));
	put(object, "file", file);
	put(object, "message_id", kase->message_id);
	put(object, "nature", nature_name(kase->nature));
	put_verdict(object, &kase->verdict);
	json_object_set_new(object, "evidence", evidence);
	json_object_set_new(object, "reports", reports);
	json_object_set_new(object, "unreadable", strings_json(kase->unreadable));
	put_checklist(object, kase);
	if (plan != NULL)
		put_plan(object, plan);
	return object;
}
