#include "triage/case.h"

#include <string.h>

static const char *const nature_names[] = {
	[NATURE_PERSON] = "person",
	[NATURE_AUTO_REPLY] = "auto-reply",
	[NATURE_BOUNCE] = "bounce",
	[NATURE_BULK] = "bulk",
	[NATURE_LIST] = "list",
	[NATURE_RECEIPT] = "receipt",
	[NATURE_OWN] = "own",
};

static const char *const item_names[ITEM_COUNT] = {
	[ITEM_SENDER] = "sender",
	[ITEM_RECIPIENT] = "recipient",
	[ITEM_ERROR_TEXT] = "error_text",
	[ITEM_DATE] = "date",
	[ITEM_HEADERS] = "headers",
	[ITEM_SCREENSHOT] = "screenshot",
	[ITEM_MAILBOX] = "mailbox",
};

static const char *const gate_names[GATE_COUNT] = {
	[GATE_NONE] = "none",
	[GATE_AUTO_SUBMITTED] = "auto-submitted",
	[GATE_PRECEDENCE] = "precedence",
	[GATE_LIST] = "list",
	[GATE_AUTO_RESPONSE_SUPPRESS] = "auto-response-suppress",
	[GATE_NULL_SENDER] = "null-sender",
	[GATE_SYSTEM_SENDER] = "system-sender",
	[GATE_REPORT] = "report",
	[GATE_RECEIPT] = "receipt",
	[GATE_OWN] = "own",
	[GATE_LOOP] = "loop",
	[GATE_NOT_ADDRESSED] = "not-addressed-to-us",
	[GATE_SPAM] = "spam",
	[GATE_UNAUTHENTICATED] = "unauthenticated",
	[GATE_TOO_OLD] = "too-old",
	[GATE_BOUNCED_BEFORE] = "bounced-before",
	[GATE_AGENT_ANSWERED] = "agent-answered",
	[GATE_HUMAN_WANTED] = "human-wanted",
	[GATE_NOT_HELPED] = "not-helped",
	[GATE_HANDED_OVER] = "handed-over",
	[GATE_SENDER_LIMIT] = "sender-limit",
	[GATE_CONVERSATION_LIMIT] = "conversation-limit",
	[GATE_GLOBAL_LIMIT] = "global-limit",
	[GATE_CLASS] = "class",
	[GATE_LOW_CONFIDENCE] = "low-confidence",
	[GATE_NOT_A_TICKET] = "not-a-ticket",
};

Case *
case_new(void)
{
	Case *kase = g_new0(Case, 1);

	kase->references = g_new0(char *, 1);
	kase->verdict.reasons = g_ptr_array_new_with_free_func(g_free);
	kase->evidence = g_ptr_array_new_with_free_func((GDestroyNotify)evidence_free);
	kase->reports =
	        g_ptr_array_new_with_free_func((GDestroyNotify)case_report_free);
	kase->items = g_ptr_array_new_with_free_func((GDestroyNotify)item_free);
	kase->requirements = g_array_new(FALSE, TRUE, sizeof(Requirement));
	kase->unreadable = g_ptr_array_new_with_free_func(g_free);
	return kase;
}

static void
verdict_clear(Verdict *verdict)
{
	g_free(verdict->class);
	g_free(verdict->detail);
	g_free(verdict->runner_up);
	g_clear_pointer(&verdict->reasons, g_ptr_array_unref);
}

static void
case_clear_mail(Case *kase)
{
	g_free(kase->message_id);
	g_free(kase->subject);
	g_free(kase->from_address);
	g_free(kase->from_name);
	g_free(kase->reply_to);
	g_strfreev(kase->references);
	g_free(kase->language);
	g_free(kase->limit);
	g_free(kase->ticket_token);
}

void
case_free(Case *kase)
{
	if (kase == NULL)
		return;
	case_clear_mail(kase);
	g_free(kase->nature_why);
	g_free(kase->gate_why);
	verdict_clear(&kase->verdict);
	g_clear_pointer(&kase->evidence, g_ptr_array_unref);
	g_clear_pointer(&kase->reports, g_ptr_array_unref);
	g_clear_pointer(&kase->items, g_ptr_array_unref);
	g_clear_pointer(&kase->requirements, g_array_unref);
	g_clear_pointer(&kase->unreadable, g_ptr_array_unref);
	g_free(kase);
}

void
evidence_free(Evidence *evidence)
{
	if (evidence == NULL)
		return;
	g_free(evidence->part);
	g_free(evidence->text);
	g_free(evidence->class);
	g_free(evidence->signature);
	g_free(evidence->file);
	g_free(evidence->dropped);
	g_free(evidence);
}

void
item_free(Item *item)
{
	if (item == NULL)
		return;
	g_free(item->value);
	g_free(item->part);
	g_free(item->previous);
	g_free(item);
}

void
case_report_free(CaseReport *report)
{
	if (report == NULL)
		return;
	g_free(report->recipient);
	g_free(report->action);
	g_free(report->status);
	g_free(report->diagnostic);
	g_free(report->reporting_mta);
	g_free(report->remote_mta);
	g_free(report->date);
	g_free(report->original_from);
	g_free(report->original_to);
	g_free(report->original_subject);
	g_free(report->original_date);
	g_free(report->original_message_id);
	g_free(report);
}

const Item *
case_item(const Case *kase, ItemKind kind)
{
	for (guint i = 0; i < kase->items->len; i++) {
		const Item *item = g_ptr_array_index(kase->items, i);
		if (item->kind == kind)
			return item;
	}
	return NULL;
}

static int
name_index(const char *const *names, gsize count, const char *name)
{
	for (gsize i = 0; name != NULL && i < count; i++)
		if (strcmp(names[i], name) == 0)
			return (int)i;
	return -1;
}

const char *
nature_name(Nature nature)
{
	return nature_names[nature];
}

const char *
item_name(ItemKind kind)
{
	return item_names[kind];
}

const char *
gate_name(Gate gate)
{
	return gate_names[gate];
}

int
nature_from_name(const char *name)
{
	return name_index(nature_names, G_N_ELEMENTS(nature_names), name);
}

int
item_from_name(const char *name)
{
	return name_index(item_names, G_N_ELEMENTS(item_names), name);
}

int
gate_from_name(const char *name)
{
	return name_index(gate_names, G_N_ELEMENTS(gate_names), name);
}

guint
requirement_parse(const char *names)
{
	g_auto(GStrv) words = g_strsplit(names, "|", -1);
	guint kinds = 0;

	for (guint i = 0; words[i] != NULL; i++) {
		int kind = item_from_name(g_strstrip(words[i]));
		if (kind < 0)
			return 0;
		kinds |= 1u << kind;
	}
	return kinds;
}

char *
requirement_name(guint kinds)
{
	GString *names = g_string_new(NULL);

	/* The contract writes "error_text|screenshot": the order of the enumeration. */
	for (guint kind = 0; kind < ITEM_COUNT; kind++)
		if (kinds & 1u << kind)
			g_string_append_printf(names, "%s%s", names->len > 0 ? "|" : "",
			        item_names[kind]);
	return g_string_free(names, FALSE);
}
