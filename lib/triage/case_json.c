#include "triage/case_json.h"

#include "triage/plan.h"

#define LINE_ROOM 2048 /* of most cases */

static void
put(GString *line, const char *name, const char *text)
{
	line_put_name(line, name);
	line_put_text(line, text);
}

static void
put_line(GString *line, guint number)
{
	line_put_name(line, "line");
	if (number > 0)
		line_put_number(line, number);
	else
		line_put_text(line, NULL);
}

static void
put_confidence(GString *line, double confidence)
{
	line_put_name(line, "confidence");
	line_put_hundredths(line, confidence);
}

/* Begin an object or array that is a member. */
static void
open_member(GString *line, const char *name, char bracket)
{
	line_put_name(line, name);
	g_string_append_c(line, bracket);
}

/* Begin an object that is an element of an array. */
static void
open_element(GString *line)
{
	line_put_comma(line);
	g_string_append_c(line, '{');
}

static void
put_strings(GString *line, const char *name, const GPtrArray *strings)
{
	open_member(line, name, '[');
	for (guint i = 0; strings != NULL && i < strings->len; i++) {
		line_put_comma(line);
		line_put_text(line, g_ptr_array_index(strings, i));
	}
	g_string_append_c(line, ']');
}

static void
put_verdict(GString *line, const Verdict *verdict)
{
	put(line, "class", verdict->class);
	put(line, "detail", verdict->detail);
	put_confidence(line, verdict->confidence);
	if (verdict->runner_up == NULL) {
		put(line, "runner_up", NULL);
		return;
	}
	open_member(line, "runner_up", '{');
	put(line, "class", verdict->runner_up);
	put_confidence(line, verdict->runner_up_confidence);
	g_string_append_c(line, '}');
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

static void
put_evidence(GString *line, const Evidence *evidence)
{
	const char *layer =
	        evidence->signature != NULL ? layer_name(evidence->layer) : NULL;

	open_element(line);
	put(line, "origin", origin_name(evidence->origin));
	put(line, "part", evidence->part);
	put_line(line, evidence->line);
	put(line, "text", evidence->text);
	put(line, "signature", evidence->signature);
	put(line, "layer", layer);
	put(line, "refused_by", refuser_name(evidence->refused_by));
	put(line, "dropped", evidence->dropped);
	g_string_append_c(line, '}');
}

static void
put_original(GString *line, const CaseReport *report)
{
	if (!report->has_original) {
		put(line, "original", NULL);
		return;
	}
	open_member(line, "original", '{');
	put(line, "from", report->original_from);
	put(line, "to", report->original_to);
	put(line, "subject", report->original_subject);
	put(line, "date", report->original_date);
	put(line, "message_id", report->original_message_id);
	g_string_append_c(line, '}');
}

static void
put_report(GString *line, const CaseReport *report)
{
	open_element(line);
	put(line, "recipient", report->recipient);
	put(line, "action", report->action);
	put(line, "status", report->status);
	put(line, "diagnostic", report->diagnostic);
	put(line, "reporting_mta", report->reporting_mta);
	put(line, "remote_mta", report->remote_mta);
	put(line, "date", report->date);
	put_original(line, report);
	g_string_append_c(line, '}');
}

static void
put_item(GString *line, const Item *item)
{
	open_element(line);
	put(line, "item", item_name(item->kind));
	put(line, "state", "present");
	put(line, "value", item->value);
	put(line, "origin", origin_name(item->origin));
	put(line, "part", item->part);
	put_line(line, item->line);
	if (item->mail > 0) {
		line_put_name(line, "mail");
		line_put_number(line, item->mail);
	}
	if (item->previous != NULL)
		put(line, "previous", item->previous);
	g_string_append_c(line, '}');
}

static void
put_missing(GString *line, const char *name)
{
	open_element(line);
	put(line, "item", name);
	put(line, "state", "missing");
	g_string_append_c(line, '}');
}

/* Found items in the order of the enumeration, best first, then what is missing. */
static void
put_checklist(GString *line, const Case *kase)
{
	g_autoptr(GPtrArray) missing = g_ptr_array_new_with_free_func(g_free);

	open_member(line, "checklist", '[');
	for (guint kind = 0; kind < ITEM_COUNT; kind++)
		for (guint i = 0; i < kase->items->len; i++) {
			const Item *item = g_ptr_array_index(kase->items, i);
			if (item->kind == kind)
				put_item(line, item);
		}
	for (guint i = 0; i < kase->requirements->len; i++) {
		const Requirement *needed =
		        &g_array_index(kase->requirements, Requirement, i);
		if (needed->present)
			continue;
		char *name = requirement_name(needed->kinds);
		g_ptr_array_add(missing, name);
		put_missing(line, name);
	}
	g_string_append_c(line, ']');
	put_strings(line, "missing", missing);
}

static void
put_plan(GString *line, const Plan *plan)
{
	put_strings(line, "tags", plan->tags);
	open_member(line, "reply", '{');
	put(line, "action", reply_action_name(plan->action));
	put(line, "reason", plan->reason);
	put(line, "to", plan->to);
	put(line, "template", plan->template);
	g_string_append_c(line, '}');
}

static void
put_findings(GString *line, const Case *kase)
{
	open_member(line, "evidence", '[');
	for (guint i = 0; i < kase->evidence->len; i++)
		put_evidence(line, g_ptr_array_index(kase->evidence, i));
	g_string_append_c(line, ']');
	open_member(line, "reports", '[');
	for (guint i = 0; i < kase->reports->len; i++)
		put_report(line, g_ptr_array_index(kase->reports, i));
	g_string_append_c(line, ']');
	put_strings(line, "unreadable", kase->unreadable);
}

char *
case_json_line(const Case *kase, const Plan *plan, const char *file, const char *name,
        const json_t *more)
{
	GString *line = g_string_sized_new(LINE_ROOM);

	g_string_append_c(line, '{');
	put(line, "file", file);
	put(line, "message_id", kase->message_id);
	put(line, "nature", nature_name(kase->nature));
	put_verdict(line, &kase->verdict);
	put_findings(line, kase);
	put_checklist(line, kase);
	if (plan != NULL)
		put_plan(line, plan);
	if (more != NULL) {
		line_put_name(line, name);
		line_put(line, more);
	}
	g_string_append_c(line, '}');
	return g_string_free(line, FALSE);
}

json_t *
case_to_json(const Case *kase, const Plan *plan, const char *file)
{
	g_autofree char *line = case_json_line(kase, plan, file, NULL, NULL);

	return json_loads(line, 0, NULL);
}
