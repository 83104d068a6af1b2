#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/errors.h"
#include "base/moment.h"
#include "triaged/command.h"
#include "triaged/journal_desk.h"
#include "triaged/report_form.h"
#include "triaged/report_page.h"

typedef struct {
	ReportWish wish;
	const char *html; /* the file; "-" is stdout; NULL: no page */
	gboolean json;
} Options;

/* A new file is its owner's only: it may hold customers' texts. */
static gboolean
write_file(const char *file, const char *text)
{
	size_t length = strlen(text);
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	FILE *stream = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (stream == NULL)
		return FALSE;
	gboolean written = fwrite(text, 1, length, stream) == length;
	return fclose(stream) == 0 && written;
}

/* The exit status. */
static int
print_page(const char *file, const JournalReport *report, const JournalDesk *desk,
        const Catalogue *catalogue)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *page = report_page(report, catalogue,
	        (const char *const *)desk->settings->catalogue->pdata, &error);
	if (page == NULL)
		return command_fail(error);
	if (strcmp(file, "-") == 0)
		return fputs(page, stdout) >= 0 ? EX_OK : EX_IOERR;
	if (write_file(file, page))
		return EX_OK;
	g_autofree char *message =
	        g_strdup_printf("'%s' cannot be written: %s", file, g_strerror(errno));
	command_complain(message);
	return EX_IOERR;
}

static int
report(const CommandContext *context, const Options *options)
{
	g_autoptr(GError) error = NULL;
	g_auto(JournalDesk) desk = { 0 };
	g_autoptr(Catalogue) catalogue = NULL;
	gboolean studied = options->html != NULL || options->wish.what_if;
	if (!journal_desk_open(&desk, context, &error))
		return command_fail(error);
	if (studied &&
	        (catalogue = settings_load_catalogue(desk.settings, &error)) == NULL)
		return command_fail(error);
	g_autoptr(JournalReport) found = journal_report_read(
	        desk.store, desk.settings, catalogue, &options->wish, &error);
	if (found == NULL)
		return command_fail(error);
	int status = options->html != NULL
	                     ? print_page(options->html, found, &desk, catalogue)
	                     : EX_OK;
	if (status != EX_OK)
		return status;
	if (options->json)
		report_print_json(found);
	else if (options->html == NULL)
		report_print_text(found);
	return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}

static gboolean
parse_mode(const char *name, Mode *mode, GError **error)
{
	int value = mode_from_name(name);
	if (value < 0) {
		g_set_error(error, TRIAGED_ERROR, ERROR_INPUT,
		        "'%s' is no mode: observe, tag, draft or send", name);
		return FALSE;
	}
	*mode = (Mode)value;
	return TRUE;
}

static int
run(const CommandContext *context, int argc, char **argv)
{
	static const struct option known[] = {
		{ "since", required_argument, NULL, 's' },
		{ "until", required_argument, NULL, 'u' },
		{ "html", required_argument, NULL, 'H' },
		{ "json", no_argument, NULL, 'j' },
		{ "with-addresses", no_argument, NULL, 'a' },
		{ "what-if", required_argument, NULL, 'w' },
		{ NULL, 0, NULL, 0 },
	};
	Options options = { .wish = { .now = clock_now() } };
	ReportWish *wish = &options.wish;
	gboolean understood = TRUE;
	g_autoptr(GError) error = NULL;
	int option;
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (option) {
		case 's':
			understood =
			        moment_parse(optarg, wish->now, &wish->since, &error);
			break;
		case 'u':
			understood =
			        moment_parse(optarg, wish->now, &wish->until, &error);
			break;
		case 'H': options.html = optarg; break;
		case 'j': options.json = TRUE; break;
		case 'a': wish->addresses = TRUE; break;
		case 'w':
			wish->what_if = TRUE;
			understood = parse_mode(optarg, &wish->mode, &error);
			break;
		default: return command_misused(&command_report);
		}
		if (!understood) {
			command_complain(error->message);
			return EX_USAGE;
		}
	}
	if (optind != argc)
		return command_misused(&command_report);
	return report(context, &options);
}

const Command command_report = { "report",
	"[--since DATE|12h|7d] [--until DATE] [--html FILE] [--json] "
	"[--with-addresses]\n        [--what-if send|draft|tag]",
	"what came, what was missing, how it was answered, what agents corrected", run,
	"  --html FILE        one page with charts, for a browser or for paper; - for "
	"stdout\n"
	"  --with-addresses   error texts as customers sent them, not only their "
	"likeness\n"
	"  --what-if MODE     what the mode would have done with these mails; gates "
	"stand as\n"
	"                     they were recorded, limits are counted anew\n\n"
	"The page's wording is in DIR/report/ of the catalogue's directories; that of "
	"a "
	"later\ndirectory wins.\n" };
