#include <stdio.h>
#include <sysexits.h>

#include "base/clock.h"
#include "store/backup.h"
#include "store/inspection.h"
#include "store/note.h"
#include "triaged/command.h"
#include "triaged/journal_desk.h"
#include "triaged/workbench.h"

static int
complain_of(const GPtrArray *lines)
{
	for (guint i = 0; i < lines->len; i++)
		command_complain(g_ptr_array_index(lines, i));
	return lines->len == 0 ? EX_OK : EX_IOERR;
}

/* A backup that nobody looked at is none. Returns EX_OK, or the exit status after the complaint. */
static int
check_backup(const char *file)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) lines = inspection_of_backup(file, &error);
	return lines != NULL ? complain_of(lines) : command_fail(error);
}

static int
run_backup(const CommandContext *context, int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	g_auto(JournalDesk) desk = { 0 };
	if (argc != 2 || argv[1][0] == '-')
		return command_misused(&command_backup);
	if (!journal_desk_open(&desk, context, &error) ||
	        !backup_write(desk.store, argv[1], &error))
		return command_fail(error);
	int status = check_backup(argv[1]);
	if (status != EX_OK)
		return status;
	journal_desk_note(&desk, "last-backup", argv[1]);
	printf("%s: the whole store, checked\n", argv[1]);
	return EX_OK;
}

const Command command_backup = { "backup", "FILE",
	"write the whole store into a new file, while the service works on", run_backup,
	"The file is readable by its owner only and holds the secret that signs "
	"replies, too;\n"
	"nothing is overwritten. The quarantine is left out. Back it comes by "
	"\"restore\".\n" };

static int
run_restore(const CommandContext *context, int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	if (argc != 2 || argv[1][0] == '-')
		return command_misused(&command_restore);
	g_autoptr(Settings) settings = workbench_settings(context->config, &error);
	if (settings == NULL)
		return command_fail(error);
	int status = check_backup(argv[1]);
	if (status != EX_OK)
		return status;
	if (!backup_restore(argv[1], settings->state, &error))
		return command_fail(error);
	printf("%s: restored; start triaged\n", settings->state);
	return EX_OK;
}

const Command command_restore = { "restore", "FILE",
	"put a backup into a state directory that has no store", run_restore,
	"The service must be stopped, and what is left of the old store moved away. "
	"Mails that\n"
	"came since the backup are tagged, not answered, as they may have been; "
	"replies that\n"
	"were under way are held as \"unknown\" for an agent.\n" };

static int
run_verify(const CommandContext *context, int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	g_auto(JournalDesk) desk = { 0 };
	g_autoptr(GPtrArray) lines = NULL;
	if (argc > 2 || (argc == 2 && argv[1][0] == '-'))
		return command_misused(&command_verify);
	if (argc == 2)
		lines = inspection_of_backup(argv[1], &error);
	else if (journal_desk_open(&desk, context, &error))
		lines = inspection_of_store(desk.store, &error);
	if (lines == NULL)
		return command_fail(error);
	int status = complain_of(lines);
	if (status == EX_OK)
		printf("%s: whole\n", argc == 2 ? argv[1] : desk.settings->state);
	return status;
}

const Command command_verify = { "verify", "[FILE]",
	"check that the store, or a backup, is whole and its parts agree", run_verify,
	"Exit status 74 when it is not; each problem is said in a line.\n" };
