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

/* What a person reads at once. Programs, who ask for JSON, get every mail. */
#define MAILS_SHOWN 1000

typedef struct {
	JournalFilter filter;
	gint64 limit; /* 0: every mail */
	gboolean limited, json;
} Options;

/* A list on its way out. */
typedef struct {
	Table *table; /* NULL: as JSON */
	guint shown, most;
	gboolean more; /* than were to be shown */
} Listing;

static void
print_json(const JournalMail *mail)
{
	json_t *object = json_object();
	json_put_mail(object, mail);
	json_print(object);
}

static void
add_row(Table *table, const JournalMail *mail)
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
	table_add(table, stdout, cells);
}

static gboolean
show(const JournalMail *mail, gpointer data)
{
	Listing *listing = data;
	listing->more = listing->most != 0 && listing->shown == listing->most;
	if (listing->more)
		return FALSE;
	if (listing->table != NULL)
		add_row(listing->table, mail);
	else
		print_json(mail);
	listing->shown++;
	return TRUE;
}

/* Only where the limit was not asked for: nobody should take a part for the whole. */
static void
tell_of_more(const Listing *listing)
{
	g_autofree char *words = g_strdup_printf(
	        "these are the newest %u; --limit N shows as many, --all every one",
	        listing->shown);
	command_complain(words);
}

static int
list(const CommandContext *context, Options *options)
{
	g_autoptr(GError) error = NULL;
	g_auto(JournalDesk) desk = { 0 };
	g_autoptr(Table) table = options->json ? NULL : table_new(titles);
	Listing listing = { .table = table };
	if (!options->limited && !options->json)
		options->limit = MAILS_SHOWN;
	listing.most = (guint)MIN(options->limit, G_MAXUINT - 1);
	options->filter.limit = listing.most != 0 ? listing.most + 1 : 0;
	if (!journal_desk_open(&desk, context, &error) ||
	        !journal_each(desk.store, &options->filter, show, &listing, &error))
		return command_fail(error);
	if (table != NULL)
		table_print(table, stdout);
	if (fflush(stdout) != 0)
		return EX_IOERR;
	if (listing.more && !options->limited)
		tell_of_more(&listing);
	return EX_OK;
}

static gboolean
take_option(Options *options, int option, GError **error)
{
	switch (option) {
	case 'c': options->filter.class = optarg; return TRUE;
	case 'm': options->filter.missing = optarg; return TRUE;
	case 'h': options->filter.held = TRUE; return TRUE;
	case 'j': options->json = TRUE; return TRUE;
	case 's':
		return moment_parse(optarg, clock_now(), &options->filter.since, error);
	case 'l':
		options->limited = TRUE;
		return id_parse(optarg, &options->limit, error);
	case 'a':
		options->limited = TRUE;
		options->limit = 0;
		return TRUE;
	}
	return FALSE;
}

static int
run(const CommandContext *context, int argc, char **argv)
{
	static const struct option names[] = {
		{ "class", required_argument, NULL, 'c' },
		{ "missing", required_argument, NULL, 'm' },
		{ "held", no_argument, NULL, 'h' },
		{ "since", required_argument, NULL, 's' },
		{ "limit", required_argument, NULL, 'l' },
		{ "all", no_argument, NULL, 'a' },
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	Options options = { 0 };
	g_autoptr(GError) error = NULL;
	int option;
	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (take_option(&options, option, &error))
			continue;
		if (error == NULL)
			return command_misused(&command_list);
		command_complain(error->message);
		return EX_USAGE;
	}
	if (optind != argc)
		return command_misused(&command_list);
	return list(context, &options);
}

static const char help[] =
        "Without --limit or --all a table ends after the newest " G_STRINGIFY(
                MAILS_SHOWN) " mails and says so;\n"
                             "with --json every one is printed.\n";

const Command command_list = { "list",
	"[--class CLASS] [--missing ITEM] [--held] [--since DATE|12h|7d]\n"
	"        [--limit N | --all] [--json]",
	"list the mails of the journal, the newest first", run, help };
