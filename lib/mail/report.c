#include "mail/report.h"

#include <string.h>

#include "base/text.h"
#include "mail/lines.h"
#include "mail/report_fields.h"
#include "mail/report_layout.h"
#include "mail/report_text.h"

#define TEXT_PARTS_MAX 4 /* notifications of one mail: one per language at most */

/* Authors that only machines use; with '@' the local part must be the whole. */
static const char *const machine_authors[] = { "mailer-daemon", "mail-daemon",
	"mailerdaemon", "postmaster@", "post_master@", "mail.delivery.system@",
	"microsoftexchange" };

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

/* What a mail's own level has to read: parts in order, nested mails not entered. */
typedef struct {
	GPtrArray *texts;       /* of const Part *: plain and other text */
	GPtrArray *pages;       /* of const Part *: HTML */
	GPtrArray *machine;     /* of const Part *: delivery-status, feedback-report */
	const Header *original; /* of the returned mail, borrowed; or NULL */
	Header *parsed;         /* the same when it had to be parsed */
} Level;

static void
collect_original(Level *level, const Part *part)
{
	if (level->original != NULL)
		return;
	if (part->kind == PART_MESSAGE && part->message != NULL)
		level->original = part->message->header;
	else if (part->text != NULL)
		level->original = level->parsed =
		        header_parse(part->text, strlen(part->text));
}

static void
collect_part(Level *level, const Part *part)
{
	switch (part->kind) {
	case PART_MULTIPART:
		for (guint i = 0; part->children != NULL && i < part->children->len;
		        i++)
			collect_part(level, part->children->pdata[i]);
		break;
	case PART_TEXT: g_ptr_array_add(level->texts, (gpointer)part); break;
	case PART_HTML: g_ptr_array_add(level->pages, (gpointer)part); break;
	case PART_DELIVERY_STATUS:
		g_ptr_array_add(level->machine, (gpointer)part);
		break;
	case PART_MESSAGE:
	case PART_HEADERS: collect_original(level, part); break;
	case PART_OTHER:
		if (part->text != NULL)
			g_ptr_array_add(level->machine, (gpointer)part);
		break;
	case PART_IMAGE:
	case PART_UNREADABLE: break;
	}
}

static void
level_clear(Level *level)
{
	g_ptr_array_unref(level->texts);
	g_ptr_array_unref(level->pages);
	g_ptr_array_unref(level->machine);
	header_free(level->parsed);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Level, level_clear)

static void
read_machine_parts(const Level *level, GPtrArray *reports)
{
	for (guint i = 0; i < level->machine->len; i++) {
		const Part *part = level->machine->pdata[i];
		if (part->text == NULL)
			continue;
		g_autoptr(Lines) lines = lines_split(part->text);
		report_fields_read(lines, part->id, reports);
	}
}

static GPtrArray *
failed_recipients(const Mail *mail)
{
	GPtrArray *addresses = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) values =
	        header_get_all(mail->header, "X-Failed-Recipients");
	for (guint i = 0; i < values->len; i++) {
		g_autoptr(GPtrArray) list = header_addresses(values->pdata[i]);
		for (guint k = 0; k < list->len && addresses->len < MAIL_REPORTS_MAX;
		        k++) {
			const NameAddr *name_addr = list->pdata[k];
			g_ptr_array_add(addresses, g_strdup(name_addr->address));
		}
	}
	return addresses;
}

/* Read the human parts: plain ones first, HTML only where they say nothing. */
static void
read_human_parts(Level *level, const GPtrArray *addresses, const Markers *markers,
        GPtrArray *said)
{
	const GPtrArray *const kinds[] = { level->texts, level->pages };
	for (gsize k = 0; k < G_N_ELEMENTS(kinds) && said->len == 0; k++)
		for (guint i = 0; i < MIN(kinds[k]->len, TEXT_PARTS_MAX); i++) {
			const Part *part = kinds[k]->pdata[i];
			if (part->text == NULL || said->len > 0)
				continue;
			g_autoptr(Header) original = report_text_read(
			        part->text, part->id, addresses, TRUE, markers, said);
			if (level->original == NULL && original != NULL)
				level->original = level->parsed =
				        g_steal_pointer(&original);
		}
}

/* A report that names nobody is about those to whom the returned mail went. */
static void
blame_original_recipients(const Level *level, const Markers *markers, GPtrArray *said)
{
	const char *to =
	        level->original == NULL ? NULL : header_get(level->original, "To");
	if (to == NULL)
		return;
	g_autoptr(GPtrArray) addresses = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) list = header_addresses(to);
	for (guint i = 0; i < MIN(list->len, 1); i++)
		g_ptr_array_add(
		        addresses, g_strdup(((NameAddr *)list->pdata[i])->address));
	const Part *part = level->texts->len > 0   ? level->texts->pdata[0]
	                   : level->pages->len > 0 ? level->pages->pdata[0]
	                                           : NULL;
	g_autoptr(Header) ignored =
	        report_text_read(part != NULL && part->text != NULL ? part->text : "",
	                part != NULL ? part->id : "1", addresses, TRUE, markers, said);
}

static void
date_reports(GPtrArray *reports, const Mail *mail)
{
	for (guint i = 0; i < reports->len; i++) {
		Report *report = reports->pdata[i];
		if (report->date == NULL && mail->date != NULL)
			report->date = g_date_time_ref(mail->date);
	}
}

static gboolean
has_recipient(const GPtrArray *reports)
{
	for (guint i = 0; i < reports->len; i++)
		if (((Report *)reports->pdata[i])->recipient != NULL)
			return TRUE;
	return FALSE;
}

static GPtrArray *
merge(GPtrArray *machine, GPtrArray *said)
{
	if (machine->len == 0)
		return g_ptr_array_ref(said);
	reports_enrich(machine, said);
	return g_ptr_array_ref(machine);
}

GPtrArray *
reports_read(const Mail *mail, const Markers *markers)
{
	g_autoptr(GPtrArray) machine =
	        g_ptr_array_new_with_free_func((GDestroyNotify)report_free);
	g_autoptr(GPtrArray) said =
	        g_ptr_array_new_with_free_func((GDestroyNotify)report_free);
	g_auto(Level) level = { .texts = g_ptr_array_new(),
		.pages = g_ptr_array_new(),
		.machine = g_ptr_array_new() };
	collect_part(&level, mail->root);
	read_machine_parts(&level, machine);
	if (machine->len == 0 && !mail_is_report(mail, markers))
		return g_steal_pointer(&machine);
	g_autoptr(GPtrArray) addresses = failed_recipients(mail);
	read_human_parts(&level, addresses, markers, said);
	if (!has_recipient(machine) && !has_recipient(said))
		blame_original_recipients(&level, markers, said);
	GPtrArray *reports = merge(machine, said);
	reports_attach_original(reports, 0, level.original);
	date_reports(reports, mail);
	return reports;
}

GPtrArray *
reports_read_text(const char *text, const Markers *markers)
{
	GPtrArray *reports =
	        g_ptr_array_new_with_free_func((GDestroyNotify)report_free);
	g_autoptr(Header) original =
	        report_text_read(text, "1", NULL, FALSE, markers, reports);
	return reports;
}

GPtrArray *
reports_read_pasted(const char *text, const Markers *markers)
{
	GPtrArray *reports =
	        g_ptr_array_new_with_free_func((GDestroyNotify)report_free);
	g_autoptr(Header) original =
	        report_text_read(text, "1", NULL, TRUE, markers, reports);
	return reports;
}

static gboolean
author_is_machine(const Header *header)
{
	const char *from = header_get(header, "From");
	if (from == NULL || strstr(from, "<>") != NULL)
		return from != NULL;
	g_autoptr(GPtrArray) authors = header_addresses(from);
	const char *address =
	        authors->len > 0 ? ((NameAddr *)authors->pdata[0])->address : NULL;
	const char *const names[] = { address != NULL ? address : "", from };
	for (gsize k = 0; k < G_N_ELEMENTS(names); k++)
		for (gsize i = 0; i < G_N_ELEMENTS(machine_authors); i++)
			if (g_ascii_strncasecmp(names[k], machine_authors[i],
			            strlen(machine_authors[i])) == 0)
				return TRUE;
	return FALSE;
}

static gboolean
subject_is_report(const Header *header, const Markers *markers)
{
	const char *value = header_get(header, "Subject");
	g_autoptr(FoldedText) folded = text_fold(value != NULL ? value : "", -1, FALSE);
	const char *subject = folded->text;
	for (guint i = 0; markers != NULL && i < markers->report_lines->len; i++)
		if (g_str_has_prefix(subject, markers->report_lines->pdata[i]))
			return TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS(report_subjects); i++)
		if (g_str_has_prefix(subject, report_subjects[i]))
			return TRUE;
	return FALSE;
}

gboolean
header_is_report(const Header *header, const Markers *markers)
{
	return header != NULL &&
	       (author_is_machine(header) || subject_is_report(header, markers));
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

gboolean
mail_is_report(const Mail *mail, const Markers *markers)
{
	if (structure_is_report(mail) ||
	        header_has(mail->header, "X-Failed-Recipients"))
		return TRUE;
	const char *path = header_get(mail->header, "Return-Path");
	gboolean null_path = path != NULL && strstr(path, "<>") != NULL;
	gboolean automatic = header_has(mail->header, "Auto-Submitted");
	if (author_is_machine(mail->header))
		return TRUE;
	return subject_is_report(mail->header, markers) && (null_path || automatic);
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
