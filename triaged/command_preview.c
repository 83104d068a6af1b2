#include <stdio.h>
#include <sysexits.h>

#include "base/errors.h"
#include "triage/explain.h"
#include "triaged/command.h"
#include "triaged/mail_files.h"
#include "triaged/rehearsal.h"
#include "triaged/reply_page.h"

typedef enum { PREVIEW_MAIL, PREVIEW_HTML, PREVIEW_TEXT } PreviewForm;

typedef struct {
	Workbench workbench;
	PreviewForm form;
	guint mails;
	GError *error;
} Preview;

static gboolean
print_reply(PreviewForm form, GBytes *reply, GError **error)
{
	gsize size;
	const char *bytes = g_bytes_get_data(reply, &size);
	g_autofree char *page = NULL;
	switch (form) {
	case PREVIEW_MAIL: fwrite(bytes, 1, size, stdout); return TRUE;
	case PREVIEW_HTML: page = reply_page_html(reply, error); break;
	case PREVIEW_TEXT: page = reply_page_text(reply, error); break;
	}
	if (page != NULL)
		fputs(page, stdout);
	return page != NULL;
}

/* What a script that only wants the mail need not read goes to stderr. */
static void
print_notes(const Preview *preview, const Rehearsal *rehearsal)
{
	if (rehearsal->plan->action != REPLY_SEND) {
		g_autofree char *fate = explain_reply(rehearsal->kase, rehearsal->plan);
		command_complain(fate);
	}
	if (rehearsal_replies(rehearsal) &&
	        preview->workbench.settings->identity.address == NULL)
		command_complain("no identity is set: the reply shows an example's");
}

static gboolean
preview_bytes(const Preview *preview, GBytes *bytes, GError **error)
{
	g_autoptr(Rehearsal) rehearsal =
	        rehearsal_new(&preview->workbench, bytes, error);
	if (rehearsal == NULL)
		return FALSE;
	print_notes(preview, rehearsal);
	if (!rehearsal_replies(rehearsal))
		return TRUE;
	g_autoptr(GBytes) reply =
	        rehearsal_reply(rehearsal, &preview->workbench, error);
	return reply != NULL && print_reply(preview->form, reply, error);
}

static void
preview_mail(const char *name, GBytes *bytes, const GError *unreadable, gpointer data)
{
	Preview *preview = data;
	if (preview->error != NULL || preview->mails++ > 0)
		return;
	if (bytes == NULL)
		preview->error = g_error_copy(unreadable);
	else if (!preview_bytes(preview, bytes, &preview->error))
		g_prefix_error(&preview->error, "%s: ", name);
}

static int
preview_file(const CommandContext *context, const char *file, PreviewForm form)
{
	g_autoptr(GError) error = NULL;
	Preview preview = { .form = form };
	if (workbench_open(&preview.workbench, context->config, &error)) {
		mail_files_visit(file, preview_mail, &preview);
		error = g_steal_pointer(&preview.error);
	}
	workbench_clear(&preview.workbench);
	if (error != NULL)
		return command_fail(error);
	if (preview.mails > 1)
		command_complain("there are more mails: only the first is shown");
	return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}

static int
run(const CommandContext *context, int argc, char **argv)
{
	int form = PREVIEW_MAIL;
	const struct option options[] = {
		{ "html", no_argument, &form, PREVIEW_HTML },
		{ "text", no_argument, &form, PREVIEW_TEXT },
		{ NULL, 0, NULL, 0 },
	};
	if (!command_take_flags(argc, argv, options) || argc - optind != 1)
		return command_misused(&command_preview);
	return preview_file(context, argv[optind], (PreviewForm)form);
}

const Command command_preview = { "preview", "[--html | --text] FILE|-",
	"print the reply mail that a customer's mail would get", run,
	"The mail is judged as \"classify\" judges it: in mode \"send\", at its own "
	"arrival,\nwithout a journal. Printed is the exact mail, byte for byte.\n\n"
	"  --html   a web page that shows it as the customer sees it\n"
	"  --text   the same for the terminal\n\n"
	"When no reply goes out (a gate is shut, or an agent decides), nothing is "
	"printed,\nstderr says which gate and why, and the exit status is 0. A reply "
	"that "
	"is only\nleft as a draft is printed, and stderr says so. Ticket number and "
	"Message-ID are\nmade from the mail's bytes, so they stay the same from call "
	"to "
	"call. Where no\nidentity is set, [identity.name] stands in its place.\n" };
