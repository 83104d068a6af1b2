#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "triaged/rules.h"

static const struct {
	const char *name;
	int (*run)(const CommandContext *context, int argc, char **argv);
} parts[] = {
	{ "list", rules_list },
	{ "check", rules_check },
	{ "test", rules_test },
};

static int
run(const CommandContext *context, int argc, char **argv)
{
	for (gsize i = 0; argc > 1 && i < G_N_ELEMENTS(parts); i++) {
		if (strcmp(parts[i].name, argv[1]) != 0)
			continue;
		argv[1] = argv[0]; /* how getopt's messages begin */
		return parts[i].run(context, argc - 1, argv + 1);
	}
	return command_misused(&command_rules);
}

const Command command_rules = { "rules",
	"list [--json] | check [--mails DIR]... | test [--as ORIGIN] [--json] TEXT|-",
	"the catalogue: its classes, its examples, what hits an error text", run,
	"list    the classes: parent, mode, tag, checklist, number of signatures\n"
	"check   runs every example, and warns of signatures that hit another class's\n"
	"        examples; with --mails (repeatable) also of those that no mail there "
	"hits.\n"
	"        Problems and warnings go to stderr as triagectl: FILE:LINE: message; "
	"exit 0,\n"
	"        or 78 when something must be mended\n"
	"test    says which signatures hit a text, in the order in which they count, "
	"and "
	"which\n"
	"        nearly do: what each of those asks that the text does not give. The "
	"text "
	"is\n"
	"        read as a customer's; --as report, attached, forwarded, subject or "
	"quoted\n"
	"        reads it as found there\n" };
