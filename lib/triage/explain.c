#include "triage/explain.h"

#include <string.h>

#include "base/text.h"

#define SHOWN_CHARS 240 /* of a value of the mail */

static const char *const origin_words[ORIGIN_COUNT] = {
	[ORIGIN_REPORT] = "a delivery report",
	[ORIGIN_ATTACHED] = "an attachment",
	[ORIGIN_FORWARDED] = "a forwarded mail",
	[ORIGIN_PASTED] = "pasted text",
	[ORIGIN_DIALOG] = "a mail program's error window",
	[ORIGIN_WORDS] = "the customer's words",
	[ORIGIN_SCREENSHOT] = "a picture",
	[ORIGIN_SUBJECT] = "the subject",
	[ORIGIN_QUOTED] = "the quoted thread",
};

static const char *const refused_words[] = {
	[REFUSED_BY_ANY] = "",
	[REFUSED_BY_PROVIDER] = ", said by our own servers",
	[REFUSED_BY_REMOTE] = ", said by a foreign server",
};

static const char *const action_words[] = {
	[REPLY_SEND] = "goes out",
	[REPLY_DRAFT] = "is left as a draft for an agent",
	[REPLY_HOLD] = "is held for an agent",
	[REPLY_SUPPRESS] = "is not sent",
};

/* Why a gate is shut, as one says it. */
static const char *const gate_words[GATE_COUNT] = {
	[GATE_NONE] = "no gate is shut",
	[GATE_AUTO_SUBMITTED] = "the mail says that a machine wrote it",
	[GATE_PRECEDENCE] = "the mail is marked as bulk or automatic",
	[GATE_LIST] = "the mail came through a mailing list",
	[GATE_AUTO_RESPONSE_SUPPRESS] =
	        "the sender asks not to be answered by machines",
	[GATE_NULL_SENDER] = "there is nobody to answer",
	[GATE_SYSTEM_SENDER] = "the sender is a machine's address",
	[GATE_REPORT] = "the mail itself is a delivery report",
	[GATE_RECEIPT] = "the mail itself is a receipt",
	[GATE_OWN] = "the mail is from one of our own addresses",
	[GATE_LOOP] = "it is one of our own replies coming back",
	[GATE_NOT_ADDRESSED] = "none of our addresses is in To or Cc",
	[GATE_SPAM] = "a filter calls the mail spam",
	[GATE_UNAUTHENTICATED] = "the sender's domain disowns the mail",
	[GATE_TOO_OLD] = "the mail is too old to be answered",
	[GATE_BOUNCED_BEFORE] = "mail to this address has bounced before",
	[GATE_AGENT_ANSWERED] = "an agent has answered in this conversation",
	[GATE_HUMAN_WANTED] = "the customer asks for a person",
	[GATE_NOT_HELPED] = "the customer says that our guidance did not help",
	[GATE_HANDED_OVER] = "this conversation is in an agent's hands already",
	[GATE_SENDER_LIMIT] = "this sender had as many replies as one may have",
	[GATE_CONVERSATION_LIMIT] =
	        "this conversation had as many replies as one may have",
	[GATE_GLOBAL_LIMIT] = "all the replies that may go out now have gone out",
	[GATE_CLASS] = "this class is not answered by itself yet",
	[GATE_LOW_CONFIDENCE] = "it is not sure enough",
	[GATE_NOT_A_TICKET] = "it is no ticket",
};

static char *
shown(const char *text)
{
	return text_one_line(text != NULL ? text : "", SHOWN_CHARS);
}

/* "part 2.2, line 7 (a delivery report)" */
static void
put_place(GString *out, const char *part, guint line, Origin origin)
{
	if (origin == ORIGIN_SUBJECT) {
		g_string_append(out, origin_words[origin]);
		return;
	}
	g_autofree char *name = shown(part);
	g_string_append_printf(out, "part %s", name);
	if (line > 0)
		g_string_append_printf(out, ", line %u", line);
	g_string_append_printf(out, " (%s)", origin_words[origin]);
}

static void
put_mail(GString *out, const Case *kase, const char *file)
{
	g_autofree char *from = shown(kase->from_address);
	g_autofree char *subject = shown(kase->subject);

	if (file != NULL) {
		/* a golden file must read the same in any directory */
		g_autofree char *base = g_path_get_basename(file);
		g_autofree char *name = shown(g_path_is_absolute(file) ? base : file);
		g_string_append_printf(out, "%s\n", name);
	}
	g_string_append_printf(
	        out, "From %s: \"%s\"\n", from[0] != '\0' ? from : "nobody", subject);
	g_autofree char *why = shown(kase->nature_why);
	g_string_append_printf(out, "Written by: %s%s%s%s\n", nature_name(kase->nature),
	        why[0] != '\0' ? " (" : "", why, why[0] != '\0' ? ")" : "");
	if (kase->limit != NULL)
		g_string_append_printf(out, "Read in part: limit '%s'\n", kase->limit);
	else if (kase->truncated)
		g_string_append(
		        out, "Read in part: only its first bytes were fetched\n");
}

static void
put_verdict(GString *out, const Verdict *verdict)
{
	g_string_append_printf(out, "Class: %s", verdict->class);
	if (verdict->detail != NULL)
		g_string_append_printf(out, ", more exactly %s", verdict->detail);
	g_string_append_printf(out, ", confidence %.2f\n", verdict->confidence);
	if (verdict->runner_up != NULL)
		g_string_append_printf(out, "Runner-up: %s, %.2f\n", verdict->runner_up,
		        verdict->runner_up_confidence);
	for (guint i = 0; i < verdict->reasons->len; i++) {
		g_autofree char *reason = shown(g_ptr_array_index(verdict->reasons, i));
		g_string_append_printf(out, "  - %s\n", reason);
	}
}

/* The signature's place is told by its file's name: directories differ, names do not. */
static void
put_signature(GString *out, const Evidence *evidence)
{
	if (evidence->signature == NULL) {
		g_string_append_printf(out, "    no signature knows it%s\n",
		        refused_words[evidence->refused_by]);
		return;
	}
	g_autofree char *file =
	        g_path_get_basename(evidence->file != NULL ? evidence->file : "-");
	g_string_append_printf(out, "    %s at %s:%d, %s layer%s\n",
	        evidence->signature, file, evidence->file_line,
	        layer_name(evidence->layer), refused_words[evidence->refused_by]);
}

static gboolean
same_text(const Evidence *a, const Evidence *b)
{
	return a->origin == b->origin && a->line == b->line &&
	       g_strcmp0(a->part, b->part) == 0 && g_strcmp0(a->text, b->text) == 0 &&
	       g_strcmp0(a->dropped, b->dropped) == 0;
}

/* A text that several signatures hit is told once, with each of them. */
static void
put_evidence(GString *out, const Case *kase)
{
	const Evidence *last = NULL;

	g_string_append(
	        out, kase->evidence->len > 0 ? "Seen:\n" : "Seen: no error text\n");
	for (guint i = 0; i < kase->evidence->len; i++) {
		const Evidence *evidence = g_ptr_array_index(kase->evidence, i);
		if (last == NULL || !same_text(last, evidence)) {
			g_autofree char *text = shown(evidence->text);
			g_string_append(out, "  ");
			put_place(
			        out, evidence->part, evidence->line, evidence->origin);
			g_string_append_printf(out, ": \"%s\"\n", text);
			if (evidence->dropped != NULL)
				g_string_append_printf(out, "    not counted: %s\n",
				        evidence->dropped);
		}
		put_signature(out, evidence);
		last = evidence;
	}
}

static void
put_field(GString *out, const char *before, const char *value)
{
	g_autofree char *text = shown(value);

	if (text[0] != '\0')
		g_string_append_printf(out, "%s%s", before, text);
}

static void
put_reports(GString *out, const Case *kase)
{
	if (kase->reports->len > 0)
		g_string_append(out, "Reports:\n");
	for (guint i = 0; i < kase->reports->len; i++) {
		const CaseReport *report = g_ptr_array_index(kase->reports, i);
		put_field(out, "  to ",
		        report->recipient != NULL ? report->recipient : "(unknown)");
		put_field(out, ": ", report->action);
		put_field(out, ", status ", report->status);
		put_field(out, ", refused by ", report->remote_mta);
		put_field(out, ", reported by ", report->reporting_mta);
		put_field(out, ", ", report->date);
		g_string_append_c(out, '\n');
	}
}

static void
put_items(GString *out, const Case *kase)
{
	if (kase->items->len == 0)
		g_string_append(out, "Found: nothing that support asks for\n");
	else
		g_string_append(out, "Found:\n");
	for (guint i = 0; i < kase->items->len; i++) {
		const Item *item = g_ptr_array_index(kase->items, i);
		g_autofree char *value = shown(item->value);
		g_string_append_printf(
		        out, "  %s: %s, in ", item_name(item->kind), value);
		if (item->mail > 0)
			g_string_append_printf(out, "mail %u, ", item->mail);
		put_place(out, item->part, item->line, item->origin);
		put_field(out, "; earlier: ", item->previous);
		g_string_append_c(out, '\n');
	}
	for (guint i = 0; i < kase->unreadable->len; i++) {
		g_autofree char *name = shown(g_ptr_array_index(kase->unreadable, i));
		g_string_append_printf(out, "  attached but not opened: %s\n", name);
	}
	if (kase->promised_attachment)
		g_string_append(
		        out, "  an attachment is promised, and none is there\n");
}

static void
put_missing(GString *out, const Case *kase)
{
	GString *missing = g_string_new(NULL);

	for (guint i = 0; i < kase->requirements->len; i++) {
		const Requirement *needed =
		        &g_array_index(kase->requirements, Requirement, i);
		g_autofree char *name = requirement_name(needed->kinds);
		if (!needed->present)
			g_string_append_printf(
			        missing, "%s%s", missing->len > 0 ? ", " : "", name);
	}
	if (kase->requirements->len == 0)
		g_string_append(out, "Missing: nothing, the class asks for nothing\n");
	else
		g_string_append_printf(out, "Missing: %s\n",
		        missing->len > 0 ? missing->str : "nothing");
	g_string_free(missing, TRUE);
}

static void
put_mood(GString *out, const Case *kase)
{
	if (kase->thanks)
		g_string_append(out, "The customer says thank you.\n");
	if (kase->not_helped)
		g_string_append(
		        out, "The customer says that earlier advice did not help.\n");
	if (kase->wants_human)
		g_string_append(out, "The customer asks for a person.\n");
}

/* "is held for an agent, to anna@example.it, template unknown.it: it is not sure enough ..." */
static void
put_fate(GString *out, const Case *kase, const Plan *plan)
{
	g_autofree char *to = shown(plan->to);

	g_string_append(out, action_words[plan->action]);
	if (plan->action != REPLY_SUPPRESS)
		g_string_append_printf(out, ", to %s, template %s.%s",
		        to[0] != '\0' ? to : "nobody",
		        plan->template != NULL ? plan->template : "-",
		        plan->language != NULL ? plan->language : "-");
	if (plan->gate == GATE_NONE) {
		g_string_append_printf(out, ": %s\n", plan->reason);
		return;
	}
	g_string_append_printf(
	        out, ": %s (%s)\n", gate_words[plan->gate], gate_name(plan->gate));
	if (kase->gate_why != NULL && plan->gate == kase->header_gate) {
		g_autofree char *why = shown(kase->gate_why);
		g_string_append_printf(out, "  - %s\n", why);
	}
}

static void
put_plan(GString *out, const Case *kase, const Plan *plan)
{
	g_string_append(out, "Tags:");
	for (guint i = 0; i < plan->tags->len; i++)
		g_string_append_printf(
		        out, " %s", (const char *)g_ptr_array_index(plan->tags, i));
	g_string_append(out, "\nReply: ");
	put_fate(out, kase, plan);
}

char *
explain_reply(const Case *kase, const Plan *plan)
{
	GString *out = g_string_new("the reply ");
	put_fate(out, kase, plan);
	return g_string_free(out, FALSE);
}

char *
explain(const Case *kase, const Plan *plan, const char *file)
{
	GString *out = g_string_new(NULL);

	put_mail(out, kase, file);
	put_verdict(out, &kase->verdict);
	put_evidence(out, kase);
	put_reports(out, kase);
	put_items(out, kase);
	put_missing(out, kase);
	put_mood(out, kase);
	if (plan != NULL)
		put_plan(out, kase, plan);
	return g_string_free(out, FALSE);
}
