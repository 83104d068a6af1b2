#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "base/address.h"
#include "base/errors.h"
#include "rules/settings.h"
#include "triaged/check.h"
#include "triaged/command.h"
#include "triaged/program.h"
#include "triaged/question.h"
#include "triaged/setup.h"

#define CONFIGURATION SYSCONFDIR "/triaged/triaged.conf"
#define PASSWORD_NAME "mailbox.password" /* beside the configuration */

#define FILES "pCS" /* options that name a file: the service runs elsewhere */

typedef struct {
	Setup setup;
	const char *file; /* to be written */
	gboolean force;
	gboolean asks_password;
} Init;

static gboolean
misses(const char *what)
{
	g_autofree char *message = g_strdup_printf("%s is not given", what);
	command_complain(message);
	return FALSE;
}

static gboolean
ask_address(Setup *setup)
{
	while (question_ask("Address of the support mailbox", &setup->address)) {
		if (address_is_valid(setup->address))
			return TRUE;
		command_complain("that is no address");
		g_clear_pointer(&setup->address, g_free);
		if (!question_has_person())
			break;
	}
	return misses("--address");
}

static char *
guess_address(const Setup *setup)
{
	return g_strdup(setup->address);
}

static char *
guess_imap(const Setup *setup)
{
	return setup_guess_server(setup->address, "imaps");
}

static char *
guess_smtp(const Setup *setup)
{
	return setup_guess_server(setup->address, "submissions");
}

static const struct {
	const char *words;
	size_t member;
	char *(*guess)(const Setup *setup);
} questions[] = {
	{ "Name that replies are signed with", offsetof(Setup, name), guess_address },
	{ "IMAP server", offsetof(Setup, imap), guess_imap },
	{ "SMTP server", offsetof(Setup, smtp), guess_smtp },
	{ "User name on both", offsetof(Setup, user), guess_address },
};

/* Ask for what no option gave, with a guess to be confirmed; again: for everything. */
static gboolean
ask_all(Setup *setup, gboolean again)
{
	if ((setup->address == NULL || again || !address_is_valid(setup->address)) &&
	        !ask_address(setup))
		return FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(questions); i++) {
		char **value = (char **)((char *)setup + questions[i].member);
		if (*value != NULL && !again)
			continue;
		if (*value == NULL)
			*value = questions[i].guess(setup);
		if (!question_ask(questions[i].words, value))
			return FALSE;
	}
	return TRUE;
}

/* Without --password-file the password is asked for and kept beside the configuration. */
static int
take_password(Init *init)
{
	g_autoptr(GError) error = NULL;
	if (!init->asks_password)
		return EX_OK;
	char *secret = question_ask_secret("Password");
	if (secret == NULL || *secret == '\0') {
		g_free(secret);
		misses("--password-file");
		return EX_USAGE;
	}
	gboolean written =
	        setup_write_secret(init->setup.password_file, secret, &error);
	explicit_bzero(secret, strlen(secret));
	g_free(secret);
	return written ? EX_OK : command_fail(error);
}

/* Write the configuration beside its place, and try everything in it. */
static int
try_out(const Init *init, const char *draft)
{
	g_autoptr(GError) failed = NULL;
	g_autofree char *text = setup_compose(&init->setup);
	if (!g_file_set_contents(draft, text, -1, &failed)) {
		command_complain(failed->message);
		return EX_NOPERM;
	}
	chmod(draft, 0644); /* whatever root's umask: the service's user reads it */
	puts("Trying the servers ...");
	fflush(stdout);
	return check_config(draft, TRUE);
}

static void
print_next_steps(const Init *init)
{
	const char *file = init->file;
	gboolean usual = strcmp(file, CONFIGURATION) == 0;
	g_autofree char *option =
	        usual ? g_strdup("") : g_strconcat(" -c ", file, NULL);
	printf("\n%s is written, in mode \"observe\": mail is read and judged, and "
	       "nothing "
	       "is changed.\n\nNext, as the user \"triaged\" (sudo -u triaged ...):\n",
	        file);
	printf("  triaged%s -n | less                what would become of each mail\n",
	        option);
	printf("and then\n"
	       "  systemctl enable --now triaged\n"
	       "  triagectl%s list                   what came, and how it was "
	       "judged\n",
	        option);
	printf("After a week \"triagectl report --what-if send\" says what it would "
	       "have "
	       "answered; then\nmode = \"tag\", \"draft\", \"send\".\n");
}

/* What stood there is kept: perhaps somebody has begun to write it. */
static int
put_in_place(const Init *init, const char *draft)
{
	g_autofree char *kept = g_strconcat(init->file, ".before-init", NULL);
	if ((rename(init->file, kept) != 0 && errno != ENOENT) ||
	        rename(draft, init->file) != 0) {
		g_autofree char *message = g_strdup_printf(
		        "'%s' cannot be written: %s", init->file, g_strerror(errno));
		command_complain(message);
		return EX_NOPERM;
	}
	print_next_steps(init);
	return EX_OK;
}

/* A configuration without a mailbox is what a package has put there. */
static gboolean
may_replace(const char *file)
{
	g_autoptr(GError) error = NULL;
	if (!g_file_test(file, G_FILE_TEST_EXISTS))
		return TRUE;
	g_autoptr(Settings) settings = settings_load_partial(file, &error);
	return settings != NULL && settings->mailboxes->len == 0;
}

static int
init_run(Init *init)
{
	g_autofree char *draft = g_strconcat(init->file, ".new", NULL);
	int status = EX_USAGE;
	if (!init->force && !may_replace(init->file)) {
		g_autofree char *message = g_strdup_printf(
		        "'%s' is there already: --force replaces it", init->file);
		command_complain(message);
		return EX_NOPERM;
	}
	do {
		if (status == EX_CONFIG)
			puts("\nOnce more; an empty line keeps what stands in [ ].");
		if (!ask_all(&init->setup, status == EX_CONFIG))
			return EX_USAGE;
		status = take_password(init);
		if (status == EX_OK)
			status = try_out(init, draft);
	} while (status == EX_CONFIG && question_has_person());
	if (status == EX_OK)
		status = put_in_place(init, draft);
	remove(draft);
	return status;
}

static gboolean
parse(Init *init, int argc, char **argv)
{
	static const struct option options[] = {
		{ "address", required_argument, NULL, 'a' },
		{ "name", required_argument, NULL, 'n' },
		{ "user", required_argument, NULL, 'u' },
		{ "imap", required_argument, NULL, 'i' },
		{ "smtp", required_argument, NULL, 's' },
		{ "password-file", required_argument, NULL, 'p' },
		{ "ca-file", required_argument, NULL, 'C' },
		{ "state", required_argument, NULL, 'S' },
		{ "force", no_argument, NULL, 'f' },
		{ NULL, 0, NULL, 0 },
	};
	static const size_t members[] = { ['a'] = offsetof(Setup, address),
		['n'] = offsetof(Setup, name),
		['u'] = offsetof(Setup, user),
		['i'] = offsetof(Setup, imap),
		['s'] = offsetof(Setup, smtp),
		['p'] = offsetof(Setup, password_file),
		['C'] = offsetof(Setup, ca_file),
		['S'] = offsetof(Setup, state) };
	int option;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == '?')
			return FALSE;
		if (option == 'f') {
			init->force = TRUE;
			continue;
		}
		char **member = (char **)((char *)&init->setup + members[option]);
		g_free(*member);
		*member = strchr(FILES, option) != NULL
		                  ? g_canonicalize_filename(optarg, NULL)
		                  : g_strdup(optarg);
	}
	return optind == argc;
}

static int
run(const CommandContext *context, int argc, char **argv)
{
	g_autofree char *file = g_canonicalize_filename(
	        context->config != NULL ? context->config : CONFIGURATION, NULL);
	Init init = { .file = file };
	program_set_name("triagectl");
	int status = EX_USAGE;
	if (!parse(&init, argc, argv)) {
		status = command_misused(&command_init);
	} else {
		g_autofree char *directory = g_path_get_dirname(file);
		init.asks_password = init.setup.password_file == NULL;
		if (init.asks_password)
			init.setup.password_file =
			        g_build_filename(directory, PASSWORD_NAME, NULL);
		g_mkdir_with_parents(directory, 0755);
		status = init_run(&init);
	}
	setup_clear(&init.setup);
	return status;
}

const Command command_init = {
	.name = "init",
	.synopsis = "[--address ADDRESS] [--name NAME] [--imap URL] [--smtp URL] "
	            "[--user NAME]\n"
	            "        [--password-file FILE] [--ca-file FILE] [--state DIR] "
	            "[--force]",
	.summary = "write a first configuration: ask, try the servers, begin in mode "
	           "\"observe\"",
	.help = "What no option gives is asked for. The servers are logged in to, and "
	        "only what\n"
	        "works is written: to FILE of -c, or to the usual place. The password "
	        "asked for is\n"
	        "kept beside it, for the service alone. A configuration that has a "
	        "mailbox already\n"
	        "is replaced only with --force, and kept as FILE.before-init.\n",
	.run = run,
};
