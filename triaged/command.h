/*
 * A command of triagectl: its name, its help, and what runs it.
 *
 * To add one, write triaged/command_NAME.c with a Command of its own and name it in the
 * table of triagectl.c.
 */
#pragma once

#include <getopt.h>
#include <glib.h>

/* What stands before the command's name. */
typedef struct {
	const char *config; /* -c FILE, or NULL */
} CommandContext;

typedef struct {
	const char *name;
	const char *synopsis; /* what stands behind the name */
	const char *summary;  /* one line, no full stop */
	/* argv[0] is the program's name. Returns the exit status (sysexits). */
	int (*run)(const CommandContext *context, int argc, char **argv);
	const char *help; /* further lines for --help, each ended by LF; or NULL */
} Command;

extern const Command command_backup;
extern const Command command_classify;
extern const Command command_export;
extern const Command command_forget;
extern const Command command_init;
extern const Command command_list;
extern const Command command_outbox;
extern const Command command_preview;
extern const Command command_prune;
extern const Command command_replay;
extern const Command command_report;
extern const Command command_restore;
extern const Command command_rules;
extern const Command command_show;
extern const Command command_status;
extern const Command command_tags;
extern const Command command_verify;

/* Print "triagectl: message" on stderr, each of its lines so. */
void command_complain(const char *message);

/* Print an error and give its exit status. */
int command_fail(const GError *error);

/* Print how the command is used and give the exit status for it (64). */
int command_misused(const Command *command);

/* Read options that take no argument, each into its own flag (getopt_long(3)); the words begin at
 * optind then. False for any other, which was complained of. */
gboolean command_take_flags(int argc, char **argv, const struct option *options);

/* Read the one option of commands about a person. Returns EX_OK, or the exit status after the
 * complaint. */
int command_take_address(
        const Command *command, int argc, char **argv, const char **address);
