/* The reports of a mail: its own parts, machine's and human's, made one. */
#include <string.h>

#include "mail/diagnostic.h"
#include "mail/lines.h"
#include "mail/report_fields.h"
#include "mail/report_text.h"

#define TEXT_PARTS_MAX 4 /* notifications of one mail: one per language at most */

/* What a mail's own level has to read: parts in order, nested mails not entered. */
typedef struct {
	GPtrArray *texts;       /* of const Part *: plain and other text */
	GPtrArray *pages;       /* of const Part *: HTML */
	GPtrArray *machine;     /* of const Part *: delivery-status, feedback-report */
	const Header *original; /* of the returned mail, borrowed; or NULL */
	Header *parsed;         /* the same when it had to be parsed */
	/* The returned mail when it is a report itself: its addressee did not fail. */
	const Mail *wrapped;
} Level;

static void
collect_original(Level *level, const Part *part, const Markers *markers)
{
	if (level->original != NULL)
		return;
	if (part->kind == PART_MESSAGE && part->message != NULL) {
		level->original = part->message->header;
		if (mail_is_report(part->message, markers))
			level->wrapped = part->message;
	} else if (part->text != NULL)
		level->original = level->parsed =
		        header_parse(part->text, strlen(part->text));
}

static void
collect_part(Level *level, const Part *part, const Markers *markers)
{
	switch (part->kind) {
	case PART_MULTIPART:
		for (guint i = 0; part->children != NULL && i < part->children->len;
		        i++)
			collect_part(level, part->children->pdata[i], markers);
		break;
	case PART_TEXT: g_ptr_array_add(level->texts, (gpointer)part); break;
	case PART_HTML: g_ptr_array_add(level->pages, (gpointer)part); break;
	case PART_DELIVERY_STATUS:
		g_ptr_array_add(level->machine, (gpointer)part);
		break;
	case PART_MESSAGE:
	case PART_HEADERS: collect_original(level, part, markers); break;
	case PART_OTHER: /* a disposition-notification has like fields, but no failure */
		if (strcmp(part->type, "message/feedback-report") == 0)
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
		report_fields_read(part_lines(part), part->id, reports);
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
read_human_parts(Level *level, TextSource *source, GPtrArray *said)
{
	const GPtrArray *const kinds[] = { level->texts, level->pages };
	for (gsize k = 0; k < G_N_ELEMENTS(kinds); k++)
		for (guint i = 0; i < MIN(kinds[k]->len, TEXT_PARTS_MAX); i++) {
			const Part *part = kinds[k]->pdata[i];
			if (part->text == NULL || said->len > 0)
				continue;
			source->part = part->id;
			source->original =
			        level->wrapped != NULL ? NULL : level->original;
			source->returned =
			        level->original == NULL ? &level->parsed : NULL;
			report_text_read(part_lines(part), source, said);
			if (level->original == NULL)
				level->original = level->parsed;
		}
}

/* Hotmail's complaints have no fields but a header in the mail complained about. */
static void
read_complaint(const Level *level, GPtrArray *reports)
{
	const char *value =
	        level->original == NULL
	                ? NULL
	                : header_get(level->original, "X-HmXmrOriginalRecipient");
	if (value == NULL)
		return;
	Report *report = g_new0(Report, 1);
	report->part = g_strdup("1");
	report->line = 1;
	report->layout = g_strdup("hotmail");
	report->recipient = g_strstrip(g_strdup(value));
	report->action = ACTION_NONE;
	g_ptr_array_add(reports, report);
}

/* A complaint has no server's words: the first paragraph says what it is about. Of an
 * automatic answer all of the text does. */
static void
describe_complaints(const Level *level, GPtrArray *reports)
{
	const Part *part = level->texts->len > 0 ? level->texts->pdata[0] : NULL;
	if (part == NULL || part->text == NULL)
		return;
	const char *start = part->text + strspn(part->text, " \t\n");
	const char *end = strstr(start, "\n\n");
	g_autofree char *paragraph =
	        g_strndup(start, end == NULL ? strlen(start) : (gsize)(end - start));
	for (guint i = 0; i < reports->len; i++) {
		Report *report = reports->pdata[i];
		gboolean answer = strcmp(report->layout, "rfc3834") == 0;
		if (report->action == ACTION_NONE && report->diagnostic == NULL)
			report->diagnostic =
			        diagnostic_unfold(answer ? start : paragraph);
	}
}

static void
name_recipients(const Level *level, GPtrArray *reports)
{
	const char *to = level->original == NULL || level->wrapped != NULL
	                         ? NULL
	                         : header_get(level->original, "To");
	g_autoptr(GPtrArray) list = to == NULL ? NULL : header_addresses(to);
	for (guint i = 0; list != NULL && list->len > 0 && i < reports->len; i++) {
		Report *report = reports->pdata[i];
		if (report->recipient == NULL)
			report->recipient =
			        g_strdup(((NameAddr *)list->pdata[0])->address);
	}
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

/* Whether a mail says that a program answered in its author's name (RFC 3834 5). */
static gboolean
is_auto_reply(const Mail *mail)
{
	static const char *const names[] = { "X-Autoreply", "X-Autorespond",
		"X-MS-Exchange-Inbox-Rules-Loop" };
	const char *submitted = header_get(mail->header, "Auto-Submitted");
	if (submitted != NULL &&
	        g_ascii_strncasecmp(submitted, "auto-replied", 12) == 0)
		return TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		if (header_has(mail->header, names[i]))
			return TRUE;
	return FALSE;
}

/* An automatic answer tells of its author, not of a failure. */
static void
read_auto_reply(const Mail *mail, GPtrArray *reports)
{
	if (!is_auto_reply(mail) || mail->from == NULL || mail->from->address == NULL)
		return;
	Report *report = g_new0(Report, 1);
	report->part = g_strdup("1");
	report->line = 1;
	report->layout = g_strdup("rfc3834");
	report->recipient = g_strdup(mail->from->address);
	report->action = ACTION_NONE;
	g_ptr_array_add(reports, report);
}

/* Of machine and said, the one that counts, enriched by the other. */
static GPtrArray *
merge(GPtrArray *machine, GPtrArray *said)
{
	if (machine->len == 0)
		return g_ptr_array_ref(said);
	reports_enrich(machine, said);
	return g_ptr_array_ref(machine);
}

static gboolean
names_anybody(const GPtrArray *reports)
{
	for (guint i = 0; i < reports->len; i++)
		if (((const Report *)reports->pdata[i])->recipient != NULL)
			return TRUE;
	return FALSE;
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
	collect_part(&level, mail->root, markers);
	read_machine_parts(&level, machine);
	if (machine->len == 0)
		read_complaint(&level, machine);
	if (machine->len == 0 && !mail_is_report(mail, markers)) {
		read_auto_reply(mail, machine);
		describe_complaints(&level, machine);
		return g_steal_pointer(&machine);
	}
	g_autoptr(GPtrArray) addresses = failed_recipients(mail);
	TextSource source = {
		.addresses = addresses, .sure = TRUE, .markers = markers
	};
	read_human_parts(&level, &source, said);
	/* A gateway that only wraps another's report: that one says who failed. */
	if (level.wrapped != NULL && !names_anybody(machine) && !names_anybody(said))
		return reports_read(level.wrapped, markers);
	GPtrArray *reports = merge(machine, said);
	reports_attach_original(reports, 0, level.original);
	describe_complaints(&level, reports);
	name_recipients(&level, reports);
	date_reports(reports, mail);
	return reports;
}
