#include <stdio.h>
#include <sysexits.h>

#include "base/errors.h"
#include "base/text.h"
#include "triage/analyse.h"
#include "triage/case_json.h"
#include "triage/checklist.h"
#include "triage/decide.h"
#include "triage/explain.h"
#include "triaged/command.h"
#include "triaged/mail_files.h"
#include "triaged/workbench.h"

typedef struct {
	Workbench workbench;
	gboolean json, explain;
	int status;
} Classification;

static void
print_json(const Case *kase, const Plan *plan, const char *name)
{
	g_autofree char *line = case_json_line(kase, plan, name, NULL, NULL);
	puts(line);
}

static void
print_line(const Case *kase, const Plan *plan, const char *name)
{
	g_autoptr(GPtrArray) missing = checklist_missing(kase);
	g_ptr_array_add(missing, NULL);
	g_autofree char *names = g_strjoinv(",", (char **)missing->pdata);
	const char *detail = kase->verdict.detail;
	printf("%s: %s%s%s %.2f missing=%s reply=%s (%s)\n", name, kase->verdict.class,
	        detail != NULL ? "/" : "", detail != NULL ? detail : "",
	        kase->verdict.confidence, *names != '\0' ? names : "-",
	        reply_action_name(plan->action), plan->reason);
}

static void
print_error(Classification *classification, const char *name, const GError *error)
{
	classification->status = EX_DATAERR;
	if (!classification->json) {
		g_autofree char *message =
		        g_strdup_printf("%s: %s", name, error->message);
		command_complain(message);
		return;
	}
	g_autofree char *file = text_to_utf8(name, -1);
	json_t *object = json_pack("{s:s, s:s}", "file", file, "error", error->message);
	g_autofree char *line = json_line(object);
	json_decref(object);
	puts(line);
}

static void
print_case(const Classification *classification, const Case *kase, const char *name)
{
	const Workbench *workbench = &classification->workbench;
	const History none = { 0 };
	g_autoptr(Plan) plan =
	        decide(kase, workbench->catalogue, workbench->settings, &none);
	g_autofree char *file = text_to_utf8(name, -1);
	if (classification->json)
		print_json(kase, plan, file);
	if (classification->explain) {
		g_autofree char *text = explain(kase, plan, file);
		fputs(text, stdout);
	}
	if (!classification->json && !classification->explain)
		print_line(kase, plan, file);
}

static void
classify_mail(const char *name, GBytes *bytes, const GError *unreadable, gpointer data)
{
	Classification *classification = data;
	if (bytes == NULL) {
		print_error(classification, name, unreadable);
		return;
	}
	g_autoptr(GError) error = NULL;
	AnalyseContext context = { .catalogue = classification->workbench.catalogue,
		.settings = classification->workbench.settings };
	g_autoptr(Case) kase = analyse(bytes, &context, &error);
	if (kase == NULL)
		print_error(classification, name, error);
	else
		print_case(classification, kase, name);
}

static int
run(const CommandContext *context, int argc, char **argv)
{
	Classification classification = { .status = EX_OK };
	const struct option options[] = {
		{ "json", no_argument, &classification.json, TRUE },
		{ "explain", no_argument, &classification.explain, TRUE },
		{ NULL, 0, NULL, 0 },
	};
	if (!command_take_flags(argc, argv, options) || optind == argc)
		return command_misused(&command_classify);

	g_autoptr(GError) error = NULL;
	gboolean opened =
	        workbench_open(&classification.workbench, context->config, &error);
	for (int i = optind; opened && i < argc; i++)
		mail_files_visit(argv[i], classify_mail, &classification);
	workbench_clear(&classification.workbench);
	if (!opened)
		return command_fail(error);
	return fflush(stdout) == 0 ? classification.status : EX_IOERR;
}

const Command command_classify = { "classify",
	"[--json] [--explain] FILE... | DIR... | -",
	"analyse mails from files: class, evidence, checklist, reply", run, NULL };
