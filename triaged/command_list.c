#include <getopt.h>
#include <stdio.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/moment.h"
#include "triaged/command.h"
#include "triaged/journal_desk.h"
#include "triaged/table.h"

static const char *const titles[] = { ">ID", "SEEN", "OUTCOME", "CLASS", ">CONF",
	"MISSING", "REASON", "FROM", "SUBJECT", NULL };

static gboolean
print_json(const JournalMail *mail, gpointer data)
{
	(void)data;
	json_t *object = json_object();
	json_put_mail(object, mail);
	json_print(object);
	return TRUE;
}

static gboolean
add_row(const JournalMail *mail, gpointer data)
{
	g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, mail->id);
	g_autofree char *seen = moment_show(mail->seen_at);
	g_autofree char *confidence = g_strdup_printf("%.2f", mail->confidence);
	gboolean analysed = mail->class != NULL;
	g_autofree char *class =
	        mail->detail != NULL
	                ? g_strdup_printf("%s/%s", mail->class, mail->detail)
	                : g_strdup(mail->class);
	const char *cells[] = { id, seen, journal_outcome_name(mail->outcome), class,
		analysed ? confidence : NULL, mail->missing,
		analysed ? mail->reason : mail->error, mail->from_address,
		mail->subject };
	G_STATIC_ASSERT(G_N_ELEMENTS(cells) + 1 == G_N_ELEMENTS(titles));
	table_add(data, stdout, cells);
	return TRUE;
}

static int
list(const CommandContext *context, const JournalFilter *filter, gboolean json)
{
	g_autoptr(GError) error = NULL;
	g_auto(JournalDesk) desk = { 0 };
	g_autoptr(Table) table = table_new(titles);
	if (!journal_desk_open(&desk, context, &error) ||
	        !journal_each(
	                desk.store, filter, json ? print_json : add_row, table, &error))
		return command_fail(error);
	table_print(table, stdout);
	return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}

static int
run(const CommandContext *context, int argc, char **argv)
{
	static const struct option options[] = {
		{ "class", required_argument, NULL, 'c' },
		{ "missing", required_argument, NULL, 'm' },
		{ "held", no_argument, NULL, 'h' },
		{ "since", required_argument, NULL, 's' },
		{ "limit", required_argument, NULL, 'l' },
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	JournalFilter filter = { 0 };
	gboolean json = FALSE, understood = TRUE;
	gint64 limit = 0;
	g_autoptr(GError) error = NULL;
	int option;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'c': filter.class = optarg; break;
		case 'm': filter.missing = optarg; break;
		case 'h': filter.held = TRUE; break;
		case 's':
			understood = moment_parse(
			        optarg, clock_now(), &filter.since, &error);
			break;
		case 'l': understood = id_parse(optarg, &limit, &error); break;
		case 'j': json = TRUE; break;
		default: return command_misused(&command_list);
		}
		if (!understood) {
			command_complain(error->message);
			return EX_USAGE;
		}
	}
	if (optind != argc)
		return command_misused(&command_list);
	filter.limit = (guint)MIN(limit, G_MAXUINT);
	return list(context, &filter, json);
}

const Command command_list = { "list",
	"[--class CLASS] [--missing ITEM] [--held] [--since DATE|12h|7d] [--limit N] "
	"[--json]",
	"list the mails of the journal, the newest first", run, NULL };
