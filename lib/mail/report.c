#include "mail/report.h"

#include <string.h>

#include "base/text.h"
#include "mail/lines.h"
#include "mail/report_layout.h"
#include "mail/report_text.h"

/* How an author's address or name begins. A postmaster may be human: more is asked of his
 * mail, and of one without an author. */
static const struct {
	const char *start;
	gboolean human;
} machine_authors[] = {
	{ "mailer-daemon", FALSE },
	{ "mail-daemon", FALSE },
	{ "mailerdaemon", FALSE },
	{ "mail.delivery.system@", FALSE },
	{ "microsoftexchange", FALSE },
	{ "postmaster@", TRUE },
	{ "post_master@", FALSE },
	{ "no-reply@", TRUE },
	{ "noreply@", TRUE },
	{ "<>", TRUE },
};

typedef enum { AUTHOR_PERSON, AUTHOR_MAYBE, AUTHOR_MACHINE } Author;

/* Subjects that mail systems give their reports, in English whatever the language. */
static const char *const report_subjects[] = { "undelivered mail", "undeliverable",
	"undeliverable mail", "delivery status notification", "delivery failure",
	"mail delivery fail", "failure notice", "returned mail",
	"delivery notification", "mail system error", "delivery status",
	"mail could not be delivered", "postmaster notify", "warning: could not send",
	"warning: message", "non recapitabile", "delivery report",
	"permanent delivery failure", "failed delivery", "nondeliverable mail",
	"message delivery failure", "mail failure" };

void
report_free(Report *report)
{
	if (report == NULL)
		return;
	g_free(report->part);
	g_free(report->layout);
	g_free(report->recipient);
	g_free(report->original_recipient);
	g_free(report->status);
	g_free(report->reply_code);
	g_free(report->diagnostic);
	g_free(report->reporting_mta);
	g_free(report->remote_mta);
	g_free(report->last_attempt);
	g_free(report->final_log_id);
	g_free(report->sender);
	g_clear_pointer(&report->date, g_date_time_unref);
	header_free(report->original);
	g_free(report);
}

GPtrArray *
reports_read_lines(const Lines *lines, gboolean sure, const GPtrArray *known,
        guint *found, const Markers *markers)
{
	GPtrArray *reports =
	        g_ptr_array_new_with_free_func((GDestroyNotify)report_free);
	TextSource source = {
		.part = "1", .known = known, .sure = sure, .markers = markers
	};
	*found = report_text_read(lines, &source, reports);
	return reports;
}

static GPtrArray *
read_text(const char *text, gboolean sure, const Markers *markers)
{
	guint found;
	g_autoptr(Lines) lines = lines_split(text);
	return reports_read_lines(lines, sure, NULL, &found, markers);
}

GPtrArray *
reports_read_text(const char *text, const Markers *markers)
{
	return read_text(text, FALSE, markers);
}

GPtrArray *
reports_read_pasted(const char *text, const Markers *markers)
{
	return read_text(text, TRUE, markers);
}

gboolean
report_is_known(const GPtrArray *known, const Report *report)
{
	for (guint i = 0; known != NULL && i < known->len; i++) {
		const Report *other = known->pdata[i];
		if (g_strcmp0(other->recipient, report->recipient) == 0 &&
		        g_strcmp0(other->diagnostic, report->diagnostic) == 0)
			return TRUE;
	}
	return FALSE;
}

static Author
author_of(const Header *header)
{
	const char *from = header_get(header, "From");
	if (from == NULL)
		return AUTHOR_PERSON;
	g_autoptr(GPtrArray) authors = header_addresses_up_to(from, 1);
	const char *address =
	        authors->len > 0 ? ((NameAddr *)authors->pdata[0])->address : NULL;
	const char *const names[] = { address != NULL ? address : "", from };
	for (gsize k = 0; k < G_N_ELEMENTS(names); k++)
		for (gsize i = 0; i < G_N_ELEMENTS(machine_authors); i++)
			if (g_ascii_strncasecmp(names[k], machine_authors[i].start,
			            strlen(machine_authors[i].start)) == 0)
				return machine_authors[i].human ? AUTHOR_MAYBE
				                                : AUTHOR_MACHINE;
	return strstr(from, "<>") != NULL ? AUTHOR_MAYBE : AUTHOR_PERSON;
}

static gboolean
subject_is_report(const Header *header, const Markers *markers)
{
	const char *value = header_get(header, "Subject");
	g_autoptr(FoldedText) folded = text_fold(value != NULL ? value : "", -1, FALSE);
	const char *subject = folded->text;
	if (markers != NULL &&
	        phrase_set_at(markers->sets[MARKERS_REPORT], subject, NULL) != NULL)
		return TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS(report_subjects); i++)
		if (g_str_has_prefix(subject, report_subjects[i]))
			return TRUE;
	return FALSE;
}

gboolean
header_is_report(const Header *header, const Markers *markers)
{
	return header != NULL && (author_of(header) == AUTHOR_MACHINE ||
	                                 subject_is_report(header, markers));
}

static gboolean
structure_is_report(const Mail *mail)
{
	const char *type = mail->root->report_type;
	if (type != NULL && (g_ascii_strcasecmp(type, "delivery-status") == 0 ||
	                            g_ascii_strcasecmp(type, "feedback-report") == 0))
		return TRUE;
	return g_strcmp0(mail->root->type, "multipart/report") == 0 && type == NULL;
}

/* Whether a mail has the null reverse-path, or says that a program sent it. */
static gboolean
sender_is_null(const Mail *mail)
{
	const char *path = header_get(mail->header, "Return-Path");
	return (path != NULL && strstr(path, "<>") != NULL) ||
	       header_has(mail->header, "Auto-Submitted");
}

/* The layout whose marks stand in the first text of a mail, or NULL. */
static const char *
text_layout(const Part *part, const Markers *markers)
{
	for (guint i = 0; part->children != NULL && i < part->children->len; i++)
		if (((const Part *)part->children->pdata[i])->kind != PART_MESSAGE)
			return text_layout(part->children->pdata[i], markers);
	if (part->text == NULL)
		return NULL;
	const Lines *lines = part_lines(part);
	return layout_find(lines, 0, lines->count, markers);
}

gboolean
mail_is_report(const Mail *mail, const Markers *markers)
{
	if (structure_is_report(mail) ||
	        header_has(mail->header, "X-Failed-Recipients"))
		return TRUE;
	Author author = author_of(mail->header);
	gboolean null_sender = sender_is_null(mail);
	if (author == AUTHOR_MACHINE)
		return TRUE;
	if (author == AUTHOR_PERSON && !null_sender)
		return FALSE;
	if (subject_is_report(mail->header, markers))
		return TRUE;
	/* People write about failed deliveries too, but not with a null sender. */
	const char *layout = text_layout(mail->root, markers);
	return layout != NULL && (null_sender || strcmp(layout, "generic") != 0);
}

const char *
report_action_name(ReportAction action)
{
	switch (action) {
	case ACTION_FAILED: return "failed";
	case ACTION_DELAYED: return "delayed";
	case ACTION_DELIVERED: return "delivered";
	case ACTION_RELAYED: return "relayed";
	case ACTION_EXPANDED: return "expanded";
	case ACTION_NONE: return "none";
	}
	g_return_val_if_reached("none");
}
