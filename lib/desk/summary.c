#include "desk/summary.h"

#include <jansson.h>
#include <string.h>

#include "base/text.h"
#include "rules/template.h"
#include "triage/case.h"

#define VALUE_MAX 160  /* characters of one found item */
#define FOUND_MAX 12   /* items shown */
#define EVIDENCE_MAX 2 /* lines shown */

char *
summary_plain(const char *text)
{
	return g_strdup(text);
}

/* Cut first: an escaped text that is cut could end within an entity. */
char *
summary_html(const char *text)
{
	g_autofree char *line = text_one_line(text, VALUE_MAX);
	return g_markup_escape_text(line, -1);
}

static const char *
string_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static void
set(Values *values, const char *name, const char *text, SummaryEscape escape)
{
	g_autofree char *escaped = text != NULL ? escape(text) : NULL;
	values_set(values, name, escaped);
}

/* "is_error_text_or_screenshot" for "error_text|screenshot" */
static void
set_item(Values *element, const char *item)
{
	g_auto(GStrv) kinds = g_strsplit(item, "|", -1);
	g_autofree char *joined = g_strjoinv("_or_", kinds);
	g_autofree char *flag = g_strconcat("is_", joined, NULL);
	values_set_flag(element, flag, TRUE);
}

static void
set_place(Values *element, const json_t *object)
{
	json_int_t line = json_integer_value(json_object_get(object, "line"));
	g_autofree char *flag = g_strconcat("is_", string_of(object, "origin"), NULL);
	g_autofree char *number = g_strdup_printf("%d", (int)line);
	values_set_flag(element, flag, TRUE);
	set(element, "part", string_of(object, "part"), summary_html);
	values_set(element, "line", line > 0 ? number : NULL);
}

/* What decided: the lines that a signature of the class knows. */
static void
add_evidence(Values *values, const json_t *kase, SummaryEscape escape)
{
	size_t index;
	const json_t *evidence;
	guint shown = 0;
	json_array_foreach(json_object_get(kase, "evidence"), index, evidence)
	{
		const char *text = string_of(evidence, "text");
		if (text == NULL || string_of(evidence, "signature") == NULL ||
		        string_of(evidence, "dropped") != NULL ||
		        shown++ >= EVIDENCE_MAX)
			continue;
		Values *element = values_append(values, "evidence_items");
		set(element, "value", text, escape);
		set_place(element, evidence);
	}
}

static void
add_items(Values *values, const json_t *kase, SummaryEscape escape)
{
	size_t index;
	const json_t *item;
	guint shown = 0;
	json_array_foreach(json_object_get(kase, "checklist"), index, item)
	{
		const char *name = string_of(item, "item");
		const char *value = string_of(item, "value");
		gboolean found = g_strcmp0(string_of(item, "state"), "present") == 0;
		if (name == NULL || !found || shown++ >= FOUND_MAX)
			continue;
		Values *element = values_append(values, "found_items");
		g_autofree char *line =
		        text_one_line(value != NULL ? value : "", VALUE_MAX);
		set_item(element, name);
		set(element, "value", line, escape);
		set_place(element, item);
		values_set_flag(values, "found", TRUE);
	}
}

/* The journal's word, not the case's: it follows the conversation. */
static void
add_missing(Values *values, const JournalMail *mail)
{
	g_auto(GStrv) names =
	        g_strsplit(mail->missing != NULL ? mail->missing : "", ",", -1);
	gboolean any = FALSE;
	for (char **name = names; *name != NULL; name++) {
		if (**name == '\0')
			continue;
		set_item(values_append(values, "missing_items"), *name);
		any = TRUE;
	}
	values_set_flag(values, "missing", any);
	values_set_flag(values, "complete", mail->missing != NULL && !any);
}

/* "is_no_reply", and why, in the form's own words where it has them. */
static void
add_outcome(Values *values, const JournalMail *mail, const json_t *kase,
        SummaryEscape escape)
{
	static const char *const flags[] = { [JOURNAL_PENDING] = "is_held",
		[JOURNAL_REPLIED] = "is_replied",
		[JOURNAL_DRAFTED] = "is_drafted",
		[JOURNAL_HELD] = "is_held",
		[JOURNAL_NO_REPLY] = "is_no_reply",
		[JOURNAL_ERROR] = "is_failed" };
	g_autofree char *flag =
	        g_strconcat("reason_", mail->reason != NULL ? mail->reason : "", NULL);
	g_strdelimit(flag, "- ", '_');
	values_set_flag(values, flags[mail->outcome], TRUE);
	if (g_strv_contains(template_names, flag))
		values_set_flag(values, flag, TRUE);
	else
		set(values, "reason", mail->reason, escape);
	set(values, "answered_to", string_of(json_object_get(kase, "reply"), "to"),
	        escape);
}

static const char *
title_of(const JournalMail *mail, const Catalogue *catalogue)
{
	const Class *class = NULL;
	if (mail->detail != NULL)
		class = catalogue_find(catalogue, mail->detail);
	if (class == NULL && mail->class != NULL)
		class = catalogue_find(catalogue, mail->class);
	return class != NULL ? class->title : mail->class;
}

static void
add_verdict(Values *values, const JournalMail *mail, const Catalogue *catalogue,
        SummaryEscape escape)
{
	g_autofree char *confidence =
	        g_strdup_printf("%.0f %%", mail->confidence * 100.0);
	g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, mail->id);
	set(values, "title", title_of(mail, catalogue), escape);
	set(values, "class", mail->class, escape);
	set(values, "detail", mail->detail, escape);
	values_set(values, "confidence", mail->class != NULL ? confidence : NULL);
	values_set(values, "mail_id", id);
	values_set(values, "ticket", mail->token);
}

static json_t *
case_of(const JournalMail *mail)
{
	return mail->case_json != NULL ? json_loads(mail->case_json, 0, NULL) : NULL;
}

Values *
summary_note(const JournalMail *mail, const Catalogue *catalogue, SummaryEscape escape)
{
	Values *values = values_new();
	json_t *kase = case_of(mail);
	add_verdict(values, mail, catalogue, escape);
	set(values, "runner_up", string_of(json_object_get(kase, "runner_up"), "class"),
	        escape);
	add_evidence(values, kase, escape);
	add_items(values, kase, escape);
	add_missing(values, mail);
	add_outcome(values, mail, kase, escape);
	json_decref(kase);
	return values;
}

/* "sender=a@example.it; date=2026-11-06", the best of each kind. */
static char *
found_words(const json_t *kase)
{
	GString *words = g_string_new(NULL);
	const char *last = NULL;
	size_t index;
	const json_t *item;
	json_array_foreach(json_object_get(kase, "checklist"), index, item)
	{
		const char *name = string_of(item, "item");
		const char *value = string_of(item, "value");
		if (name == NULL ||
		        g_strcmp0(string_of(item, "state"), "present") != 0 ||
		        g_strcmp0(name, last) == 0)
			continue;
		g_autofree char *line =
		        text_one_line(value != NULL ? value : "", VALUE_MAX);
		/* The form's own marks would read as another item. */
		g_strdelimit(line, ";", ',');
		g_string_append_printf(
		        words, "%s%s=%s", words->len > 0 ? "; " : "", name, line);
		last = name;
	}
	return g_string_free(words, FALSE);
}

char *
summary_found(const JournalMail *mail)
{
	json_t *kase = case_of(mail);
	char *found = found_words(kase);
	json_decref(kase);
	return found;
}

Values *
summary_copy(const JournalMail *mail, const Catalogue *catalogue)
{
	Values *values = values_new();
	gboolean sent = mail->outcome == JOURNAL_REPLIED;
	g_autofree char *found = summary_found(mail);
	g_autofree char *confidence = g_strdup_printf("%.2f", mail->confidence);
	g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, mail->id);
	g_autofree char *reply =
	        g_strdup_printf("%s%s%s%s", journal_outcome_name(mail->outcome),
	                mail->reason != NULL && !sent ? " (" : "",
	                mail->reason != NULL && !sent ? mail->reason : "",
	                mail->reason != NULL && !sent ? ")" : "");
	add_verdict(values, mail, catalogue, summary_plain);
	values_set(values, "confidence", mail->class != NULL ? confidence : NULL);
	values_set(values, "missing", mail->missing);
	values_set(values, "found", found);
	values_set(values, "reply", reply);
	values_set(values, "id", id);
	values_set(values, "mailbox", mail->place.mailbox);
	return values;
}
