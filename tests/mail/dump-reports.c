/*
 * dump-reports FILE...: every report in each mail, nested mails and pasted sections included,
 * as lines of FILE, place, layout, action, recipient, original recipient, status, diagnostic
 * between tabs. tests/measure-reports reads them.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "mail/report.h"
#include "mail/section.h"
#include "rules/vocabulary.h"

#define FIELD_MAX 20000

static void
print_reports(const char *file, const char *place, GPtrArray *reports)
{
	for (guint i = 0; i < reports->len; i++) {
		const Report *report = reports->pdata[i];
		g_autofree char *diagnostic = text_one_line(
		        report->diagnostic != NULL ? report->diagnostic : "",
		        FIELD_MAX);
		printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", file, place, report->layout,
		        report_action_name(report->action),
		        report->recipient != NULL ? report->recipient : "",
		        report->original_recipient != NULL ? report->original_recipient
		                                           : "",
		        report->status != NULL ? report->status : "", diagnostic);
	}
	g_ptr_array_unref(reports);
}

static void
dump_text(
        const char *file, const Part *part, const char *subject, const Markers *markers)
{
	static const char *const names[] = { "words", "forward", "quote", "headers",
		"report", "signature" };
	g_autoptr(GPtrArray) sections = sections_split(part->text, subject, markers);
	for (guint i = 0; i < sections->len; i++) {
		const Section *section = sections->pdata[i];
		if (section->kind == SECTION_FORWARD)
			print_reports(file, names[section->kind],
			        reports_read_text(section->text, markers));
		if (section->kind == SECTION_REPORT)
			print_reports(file, names[section->kind],
			        reports_read_pasted(section->text, markers));
	}
}

static void dump_mail(const char *file, const Mail *mail, const Markers *markers);

static void
dump_part(const char *file, const Part *part, const Mail *mail, gboolean report,
        const Markers *markers)
{
	for (guint i = 0; part->children != NULL && i < part->children->len; i++)
		dump_part(file, part->children->pdata[i], mail, report, markers);
	if (part->message != NULL)
		dump_mail(file, part->message, markers);
	if (part->text != NULL && !report && !part->alternative)
		dump_text(file, part, mail->subject, markers);
}

static void
dump_mail(const char *file, const Mail *mail, const Markers *markers)
{
	GPtrArray *reports = reports_read(mail, markers);
	gboolean report = reports->len > 0;
	print_reports(file, "mail", reports);
	dump_part(file, mail->root, mail, report, markers);
}

static gboolean
dump_file(const char *file, const Markers *markers)
{
	g_autofree char *data = NULL;
	gsize length = 0;
	g_autoptr(GError) error = NULL;
	if (!g_file_get_contents(file, &data, &length, &error)) {
		fprintf(stderr, "dump-reports: %s\n", error->message);
		return FALSE;
	}
	g_autoptr(GBytes) bytes = g_bytes_new(data, length);
	g_autoptr(Mail) mail = mail_parse(bytes, &MAIL_LIMITS_DEFAULT, &error);
	if (mail == NULL)
		fprintf(stderr, "dump-reports: %s: %s\n", file, error->message);
	else
		dump_mail(file, mail, markers);
	return TRUE;
}

int
main(int argc, char **argv)
{
	const char *data = g_getenv("TRIAGED_DATADIR");
	g_autofree char *catalogue =
	        g_build_filename(data != NULL ? data : "config", "catalogue", NULL);
	const char *const directories[] = { catalogue, NULL };
	g_autoptr(GError) error = NULL;
	g_autoptr(Vocabulary) vocabulary = vocabulary_load(directories, &error);
	if (vocabulary == NULL) {
		fprintf(stderr, "dump-reports: %s\n", error->message);
		return 78;
	}
	for (int i = 1; i < argc; i++)
		if (!dump_file(argv[i], vocabulary_markers(vocabulary)))
			return 74;
	return 0;
}
