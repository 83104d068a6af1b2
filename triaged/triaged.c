#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/log.h"
#include "triaged/check.h"
#include "triaged/master.h"
#include "triaged/program.h"

typedef struct {
	char *file;
	gboolean dry_run, once, check, online, verbose, version;
} Options;

static void
options_clear(Options *options)
{
	g_free(options->file);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean
options_parse(Options *options, int *count, char ***arguments, GError **error)
{
	const GOptionEntry entries[] = {
		{ "config", 'c', 0, G_OPTION_ARG_FILENAME, &options->file,
		        "The configuration (default " SYSCONFDIR
		        "/triaged/triaged.conf)",
		        "FILE" },
		{ "dry-run", 'n', 0, G_OPTION_ARG_NONE, &options->dry_run,
		        "One pass that changes nothing: print a JSON line per mail",
		        NULL },
		{ "once", 0, 0, G_OPTION_ARG_NONE, &options->once,
		        "One pass over every mailbox, then drain the outbox, then exit",
		        NULL },
		{ "check-config", 0, 0, G_OPTION_ARG_NONE, &options->check,
		        "Check settings, catalogue, examples and templates, then exit",
		        NULL },
		{ "online", 0, 0, G_OPTION_ARG_NONE, &options->online,
		        "With --check-config: also log in to each server", NULL },
		{ "verbose", 'v', 0, G_OPTION_ARG_NONE, &options->verbose, "Log more",
		        NULL },
		{ "version", 0, 0, G_OPTION_ARG_NONE, &options->version,
		        "Print the version and exit", NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GOptionContext) context =
	        g_option_context_new("- triage a helpdesk's mailbox and answer it");
	g_option_context_add_main_entries(context, entries, NULL);
	return g_option_context_parse(context, count, arguments, error);
}

static int
usage(const char *problem)
{
	program_warn("%s (see triaged --help)", problem);
	return EX_USAGE;
}

static int
run(const Options *options)
{
	g_autoptr(GError) error = NULL;
	const char *file = options->file != NULL ? options->file
	                                         : SYSCONFDIR "/triaged/triaged.conf";
	if (options->check)
		return check_config(file, options->online);
	log_open("triaged", NULL, options->verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	if (!options->dry_run && !options->once)
		master_hold_signals();
	g_autoptr(Generation) generation = generation_load(file, &error);
	if (generation == NULL)
		return program_complain(error);
	if (options->dry_run)
		return master_dry_run(generation);
	if (options->once)
		return master_once(generation);
	return master_serve(file, g_steal_pointer(&generation));
}

int
main(int count, char **arguments)
{
	g_auto(Options) options = { 0 };
	g_autoptr(GError) error = NULL;
	program_set_name("triaged");
	if (!options_parse(&options, &count, &arguments, &error))
		return usage(error->message);
	if (count > 1)
		return usage("no arguments are taken");
	if (options.online && !options.check)
		return usage("--online goes with --check-config");
	if (options.version) {
		printf("triaged %s\n", PACKAGE_VERSION);
		return EX_OK;
	}
	return run(&options);
}
