#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/errors.h"
#include "config.h"
#include "triaged/command.h"

static char program[] = "triagectl"; /* how getopt's messages begin */

static const Command *const commands[] = {
	&command_classify,
	&command_preview,
	&command_replay,
	&command_rules,
	&command_tags,
	&command_init,
	&command_status,
	&command_list,
	&command_report,
	&command_show,
	&command_outbox,
	&command_backup,
	&command_restore,
	&command_verify,
	&command_prune,
	&command_export,
	&command_forget,
};

void
command_complain(const char *message)
{
	g_auto(GStrv) lines = g_strsplit(message, "\n", -1);
	for (char **line = lines; *line != NULL; line++) {
		if (**line != '\0')
			fprintf(stderr, "triagectl: %s\n", *line);
	}
}

int
command_fail(const GError *error)
{
	command_complain(error->message);
	return error_exit_status(error);
}

int
command_misused(const Command *command)
{
	fprintf(stderr, "usage: triagectl [-c FILE] %s %s\n", command->name,
	        command->synopsis);
	return EX_USAGE;
}

gboolean
command_take_flags(int argc, char **argv, const struct option *options)
{
	int option;
	do
		option = getopt_long(argc, argv, "", options, NULL);
	while (option == 0);
	return option == -1;
}

static void
print_help(FILE *stream)
{
	fputs("usage: triagectl [-c FILE] COMMAND ...\n\n", stream);
	for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
		fprintf(stream, "  %s %s\n        %s\n", commands[i]->name,
		        commands[i]->synopsis, commands[i]->summary);
	fputs("\ntriagectl COMMAND --help says more\n", stream);
}

static int
print_command_help(const Command *command)
{
	printf("usage: triagectl [-c FILE] %s %s\n\n%s\n", command->name,
	        command->synopsis, command->summary);
	if (command->help != NULL)
		printf("\n%s", command->help);
	return EX_OK;
}

static int
run_command(const CommandContext *context, int argc, char **argv)
{
	for (gsize i = 0; i < G_N_ELEMENTS(commands); i++) {
		if (strcmp(commands[i]->name, argv[0]) != 0)
			continue;
		if (argc > 1 && strcmp(argv[1], "--help") == 0)
			return print_command_help(commands[i]);
		argv[0] = program;
		return commands[i]->run(context, argc, argv);
	}
	g_autofree char *message = g_strdup_printf("unknown command '%s'", argv[0]);
	command_complain(message);
	print_help(stderr);
	return EX_USAGE;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	CommandContext context = { NULL };
	int option;

	setlocale(LC_CTYPE, "C.UTF-8");
	if (argc > 0)
		argv[0] = program;
	while ((option = getopt_long(argc, argv, "+c:h", options, NULL)) != -1) {
		switch (option) {
		case 'c': context.config = optarg; break;
		case 'h': print_help(stdout); return EX_OK;
		case 'V': puts("triagectl " PACKAGE_VERSION); return EX_OK;
		default: print_help(stderr); return EX_USAGE;
		}
	}
	if (optind == argc) {
		print_help(stderr);
		return EX_USAGE;
	}
	int first = optind;
	optind = 0; /* glibc: begin anew for the command's own options */
	return run_command(&context, argc - first, argv + first);
}
