#include "desk/reply.h"

#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/errors.h"
#include "base/text.h"
#include "desk/quotation.h"
#include "mail/compose.h"
#include "triage/conversation_turn.h"
#include "triage/fact.h"

#define SUBJECT_MAX 150 /* characters kept of the customer's subject */
#define VALUE_MAX 160   /* characters of a found item */

static const struct {
	const char *flag;
	guint kinds;
} item_flags[] = {
	{ "is_sender", 1u << ITEM_SENDER },
	{ "is_recipient", 1u << ITEM_RECIPIENT },
	{ "is_error_text", 1u << ITEM_ERROR_TEXT },
	{ "is_date", 1u << ITEM_DATE },
	{ "is_headers", 1u << ITEM_HEADERS },
	{ "is_screenshot", 1u << ITEM_SCREENSHOT },
	{ "is_mailbox", 1u << ITEM_MAILBOX },
	{ "is_error_text_or_screenshot",
	        1u << ITEM_ERROR_TEXT | 1u << ITEM_SCREENSHOT },
};

static void
set_kind_flag(Values *element, guint kinds)
{
	for (gsize i = 0; i < G_N_ELEMENTS(item_flags); i++)
		if (item_flags[i].kinds == kinds)
			values_set_flag(element, item_flags[i].flag, TRUE);
}

/* "2026-11-06T14:58:00+01:00" as Italians and Britons write it: 06/11/2026 14:58. */
static char *
date_for_people(const char *iso)
{
	int year, month, day, hour, minute;
	int fields =
	        sscanf(iso, "%4d-%2d-%2dT%2d:%2d", &year, &month, &day, &hour, &minute);
	if (fields < 3)
		return g_strdup(iso);
	if (fields < 5)
		return g_strdup_printf("%02d/%02d/%04d", day, month, year);
	return g_strdup_printf(
	        "%02d/%02d/%04d %02d:%02d", day, month, year, hour, minute);
}

static char *
item_for_people(const Item *item)
{
	if (item->value == NULL)
		return NULL;
	if (item->kind == ITEM_DATE)
		return date_for_people(item->value);
	return text_one_line(item->value, VALUE_MAX);
}

static void
add_found(Values *values, const Case *kase, guint wanted)
{
	for (int kind = 0; kind < ITEM_COUNT; kind++) {
		const Item *item = case_item(kase, (ItemKind)kind);
		if (item == NULL || (wanted & 1u << kind) == 0)
			continue;
		g_autofree char *value = item_for_people(item);
		Values *element = values_append(values, "found_items");
		set_kind_flag(element, 1u << kind);
		values_set(element, "value", value);
		values_set_flag(values, "found", TRUE);
	}
}

/* What this mail added to its conversation, and what of it replaces an earlier word. What we
 * concluded ourselves is not the customer's word. */
static void
add_new(Values *values, const Case *kase, guint wanted)
{
	for (guint i = 0; i < kase->items->len; i++) {
		const Item *item = g_ptr_array_index(kase->items, i);
		gboolean first = item == case_item(kase, item->kind);
		gboolean asked = wanted == 0 || (wanted & 1u << item->kind) != 0;
		if (item->mail != 0 || !first || !asked ||
		        item->weight <= WEIGHT_DERIVED)
			continue;
		Item before = { .kind = item->kind, .value = item->previous };
		g_autofree char *value = item_for_people(item);
		g_autofree char *previous = item_for_people(&before);
		Values *element = values_append(values, "noted_items");
		set_kind_flag(element, 1u << item->kind);
		values_set(element, "value", value);
		values_set(element, "previous", previous);
		values_set_flag(values, "noted", TRUE);
	}
}

static void
add_checklist(Values *values, const Case *kase)
{
	guint wanted = 0;
	gboolean complete = TRUE;
	for (guint i = 0; i < kase->requirements->len; i++) {
		Requirement requirement =
		        g_array_index(kase->requirements, Requirement, i);
		wanted |= requirement.kinds;
		if (requirement.present)
			continue;
		complete = FALSE;
		set_kind_flag(
		        values_append(values, "missing_items"), requirement.kinds);
	}
	values_set_flag(values, "has_checklist", kase->requirements->len > 0);
	values_set_flag(values, "complete", kase->requirements->len > 0 && complete);
	values_set_flag(values, "missing", !complete);
	add_found(values, kase, wanted);
	add_new(values, kase, wanted);
}

static void
add_error_line(Values *values, const Case *kase)
{
	g_autofree char *line = quotation_error(kase);
	values_set(values, "error_line", line);
}

static void
add_item(Values *values, const Case *kase, const char *name, ItemKind kind)
{
	const Item *item = case_item(kase, kind);
	g_autofree char *value = item != NULL ? item_for_people(item) : NULL;
	values_set(values, name, value);
}

static Values *
reply_values(const Case *kase, const Class *class, const Settings *settings,
        const ReplyStamp *stamp)
{
	Values *values = values_new();
	if (quotation_is_name(kase->from_name))
		values_set(values, "name", kase->from_name);
	values_set(values, "title", class->title);
	values_set(values, "ticket", stamp->ticket);
	values_set(values, "signature", settings->identity.name);
	values_set_flag(values, "promised", kase->promised_attachment);
	values_set_flag(values, "follow_up", stamp->follow_up);
	values_set_flag(values, "handed_over", kase->not_helped || kase->wants_human);
	values_set_flag(values, "limit_note", kase->truncated);
	values_set_flag(values, "unreadable", kase->unreadable->len > 0);
	for (guint i = 0; i < kase->unreadable->len; i++)
		values_set(values_append(values, "unreadable_items"), "value",
		        g_ptr_array_index(kase->unreadable, i));
	add_item(values, kase, "sender", ITEM_SENDER);
	add_item(values, kase, "recipient", ITEM_RECIPIENT);
	add_item(values, kase, "mailbox", ITEM_MAILBOX);
	add_item(values, kase, "date", ITEM_DATE);
	add_error_line(values, kase);
	add_checklist(values, kase);
	return values;
}

/* The template that the plan names in the language, else in Italian. A class's may be its
 * parent's; a catalogue without an answer to follow-ups has the class's for it. */
static const Template *
find_template(const Catalogue *catalogue, const Class *class, const Plan *plan)
{
	int wanted = g_strcmp0(plan->language, "en") == 0 ? REPLY_LANGUAGE_EN
	                                                  : REPLY_LANGUAGE_IT;
	const Class *shown = catalogue_shown(catalogue, class);
	gboolean short_one = strcmp(plan->template, TEMPLATE_FOLLOW_UP) == 0;
	const Template *candidates[] = { short_one ? catalogue->follow_up[wanted]
		                                   : NULL,
		short_one ? catalogue->follow_up[REPLY_LANGUAGE_IT] : NULL,
		shown->reply[wanted], shown->reply[REPLY_LANGUAGE_IT] };
	for (gsize i = 0; i < G_N_ELEMENTS(candidates); i++)
		if (candidates[i] != NULL)
			return candidates[i];
	return NULL;
}

/* The class that the reply is about. */
static const Class *
find_class(const Catalogue *catalogue, const Case *kase, const Plan *plan)
{
	if (plan->template == NULL)
		return NULL;
	return catalogue_find(catalogue, strcmp(plan->template, TEMPLATE_FOLLOW_UP) == 0
	                                         ? kase->verdict.class
	                                         : plan->template);
}

char *
reply_text(const Case *kase, const Plan *plan, const Catalogue *catalogue,
        const Settings *settings, const ReplyStamp *stamp, GError **error)
{
	const Class *class = find_class(catalogue, kase, plan);
	const Template *template =
	        class != NULL ? find_template(catalogue, class, plan) : NULL;
	if (template == NULL) {
		g_set_error(error, TRIAGED_ERROR, ERROR_CONFIG,
		        "no reply template for class '%s'",
		        plan->template != NULL ? plan->template : "");
		return NULL;
	}
	g_autoptr(Values) values = reply_values(kase, class, settings, stamp);
	return template_fill(template, values);
}

static gboolean
has_reply_prefix(const char *subject)
{
	return g_ascii_strncasecmp(subject, "re:", 3) == 0;
}

char *
reply_subject(const char *subject, const char *ticket)
{
	g_autofree char *line =
	        text_one_line(subject != NULL ? subject : "", SUBJECT_MAX);
	g_autofree char *token = g_strdup_printf("[%s]", ticket);
	const char *prefix = has_reply_prefix(line) ? "" : "Re: ";
	if (strstr(line, token) != NULL)
		return g_strconcat(prefix, line, NULL);
	return g_strconcat(prefix, line, *line != '\0' ? " " : "", token, NULL);
}

GBytes *
reply_compose(const Case *kase, const Plan *plan, const Catalogue *catalogue,
        const Settings *settings, const ReplyStamp *stamp, GError **error)
{
	if (!address_is_valid(plan->to)) {
		g_set_error_literal(error, TRIAGED_ERROR, ERROR_INPUT,
		        "the mail has no address that can be answered");
		return NULL;
	}
	g_autofree char *text =
	        reply_text(kase, plan, catalogue, settings, stamp, error);
	if (text == NULL)
		return NULL;
	g_autofree char *subject = reply_subject(kase->subject, stamp->ticket);
	g_autoptr(GPtrArray) references = g_ptr_array_new();
	for (char **id = kase->references; id != NULL && *id != NULL; id++)
		g_ptr_array_add(references, *id);
	if (kase->message_id != NULL)
		g_ptr_array_add(references, kase->message_id);
	g_ptr_array_add(references, NULL);
	Outgoing outgoing = {
		.from_name = settings->identity.name,
		.from_address = settings->identity.address,
		.to = plan->to,
		.subject = subject,
		.message_id = stamp->message_id,
		.in_reply_to = kase->message_id,
		.references = (const char *const *)references->pdata,
		.instance = settings->instance,
		.date = stamp->now,
		.utc_offset_minutes = stamp->utc_offset_minutes,
		.language = plan->language,
		.text = text,
	};
	return compose_reply(&outgoing, error);
}
