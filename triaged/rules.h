/* The commands of "triagectl rules": what they share, and their parts in files of their own. */
#pragma once

#include "triaged/command.h"
#include "triaged/workbench.h"

/* Read options behind the command's name; the exit status. argv[0] is the program's name. */
int rules_list(const CommandContext *context, int argc, char **argv);
int rules_check(const CommandContext *context, int argc, char **argv);
int rules_test(const CommandContext *context, int argc, char **argv);
