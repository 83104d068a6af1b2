#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/errors.h"
#include "base/moment.h"
#include "store/erasure.h"
#include "store/person.h"
#include "store/quarantine.h"
#include "store/upkeep.h"
#include "triaged/command.h"
#include "triaged/journal_desk.h"

#define BATCH 200     /* mails erased in one transaction: others write between two */
#define EMPTY_MS 4000 /* waited for readers, each time */
#define EMPTY_TRIES 5

/* What was erased must go from the log, too. */
static gboolean
sweep(Store *store, gboolean compact, GError **error)
{
	gboolean emptied = FALSE;
	if (compact && !store_compact(store, error))
		return FALSE;
	for (guint i = 0; i < EMPTY_TRIES && !emptied; i++)
		if (!store_empty_log(store, EMPTY_MS, &emptied, error))
			return FALSE;
	if (!emptied)
		g_set_error(error, TRIAGED_ERROR, ERROR_TEMPORARY,
		        "it is erased, but still stands in the log of the store, which "
		        "another process reads (see fuser(1)): call again later");
	return emptied;
}

static int
prune(const CommandContext *context, gint64 before)
{
	g_autoptr(GError) error = NULL;
	g_auto(JournalDesk) desk = { 0 };
	guint erased = 0, all = 0;
	if (!journal_desk_open(&desk, context, &error))
		return command_fail(error);
	do {
		if (!erasure_round(
		            desk.store, before, BATCH, clock_now(), &erased, &error))
			return command_fail(error);
		all += erased;
	} while (erased == BATCH);
	guint kept = quarantine_clean(desk.store, before, NULL);
	g_autofree char *words = g_strdup_printf(
	        "%u mails erased, %u removed from the quarantine", all, kept);
	journal_desk_note(&desk, "last-prune", words);
	puts(words);
	return sweep(desk.store, TRUE, &error) ? EX_OK : command_fail(error);
}

static int
run_prune(const CommandContext *context, int argc, char **argv)
{
	static const struct option options[] = {
		{ "older-than", required_argument, NULL, 'o' },
		{ NULL, 0, NULL, 0 },
	};
	g_autoptr(GError) error = NULL;
	gint64 before = 0;
	int option;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'o')
			return command_misused(&command_prune);
		if (moment_parse(optarg, clock_now(), &before, &error))
			continue;
		command_complain(error->message);
		return EX_USAGE;
	}
	if (optind != argc || before == 0)
		return command_misused(&command_prune);
	return prune(context, before);
}

const Command command_prune = { "prune", "--older-than 90d|DATE",
	"erase what old mails held: addresses, subjects, findings, replies", run_prune,
	"What stays of a mail has no word of it: its hash, by which it is never "
	"answered\n"
	"again, its places, its class and outcome. Mails with something still to be "
	"carried\n"
	"out stay whole. At the end the store is written anew, for which the service "
	"waits.\n"
	"The service does the same by itself, see \"retention_days\".\n" };

/* Versions before left deleted words in free space: then all is written anew. */
static gboolean
sweep_away(Store *store, const char *address, gboolean waiting, GError **error)
{
	if (!sweep(store, FALSE, error))
		return FALSE;
	if (waiting || !store_names(store, address))
		return TRUE;
	if (!sweep(store, TRUE, error))
		return FALSE;
	if (!store_names(store, address))
		return TRUE;
	g_set_error(error, TRIAGED_ERROR, ERROR_TEMPORARY,
	        "the store names the address again: a mail has come meanwhile, call "
	        "again");
	return FALSE;
}

static gboolean
forget_in_store(
        Store *store, const char *address, PersonForgotten *forgotten, GError **error)
{
	g_autoptr(Person) person = person_find(store, address, error);
	if (person == NULL || !store_begin(store, error))
		return FALSE;
	if (person_forget(store, person, address, clock_now(), forgotten, error))
		return store_commit(store, error);
	store_rollback(store);
	return FALSE;
}

static int
forget(const CommandContext *context, const char *address)
{
	g_autoptr(GError) error = NULL;
	g_auto(JournalDesk) desk = { 0 };
	PersonForgotten forgotten;
	if (!journal_desk_open(&desk, context, &error) ||
	        !forget_in_store(desk.store, address, &forgotten, &error))
		return command_fail(error);
	guint kept = quarantine_clean(desk.store, 0, address);
	g_autofree char *words = g_strdup_printf(
	        "%u mails erased, %u of others that named the address, %u removed from "
	        "the quarantine",
	        forgotten.mails, forgotten.mentions, kept);
	journal_desk_note(&desk, "last-forget", words);
	puts(words);
	if (!sweep_away(desk.store, address, forgotten.waiting > 0, &error))
		return command_fail(error);
	if (forgotten.waiting == 0)
		return EX_OK;
	g_autofree char *left = g_strdup_printf(
	        "%u mails of others name the address and still wait to be answered: "
	        "call again when they are (triagectl outbox list)",
	        forgotten.waiting);
	command_complain(left);
	return EX_TEMPFAIL;
}

int
command_take_address(
        const Command *command, int argc, char **argv, const char **address)
{
	static const struct option options[] = {
		{ "address", required_argument, NULL, 'a' },
		{ NULL, 0, NULL, 0 },
	};
	int option;
	*address = NULL;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'a')
			return command_misused(command);
		*address = optarg;
	}
	if (optind != argc || *address == NULL)
		return command_misused(command);
	if (address_is_valid(*address))
		return EX_OK;
	command_complain("that is no mail address");
	return EX_USAGE;
}

static int
run_forget(const CommandContext *context, int argc, char **argv)
{
	const char *address;
	int status = command_take_address(&command_forget, argc, argv, &address);
	return status == EX_OK ? forget(context, address) : status;
}

const Command command_forget = { "forget", "--address ADDRESS",
	"erase all that the store holds of a person, as \"export\" shows it",
	run_forget,
	"Replies to it that have not gone out are dropped, and others' tickets that "
	"name it\n"
	"are erased, too. That it was written to, or refused our replies, is "
	"remembered by a\n"
	"keyed hash, so that the limits hold. The mails themselves stand in the "
	"mailbox, and\n"
	"what was logged in the system's log: delete them there. Exit status 75: call "
	"again.\n" };
