#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib/gstdio.h>
#include <string.h>

#include "base/errors.h"
#include "rules/setting_table.h"
#include "rules/settings.h"

/* A file that is right, to which a sample adds what it is about. */
#define IDENTITY "identity = { name = \"A\"; address = \"a@example.it\"; };\n"
#define IMAP "url = \"imaps://i.example.it\"; user = \"u\"; password_file = \"/p\"; "
#define MAILBOXES "mailboxes = ( { name = \"m\"; imap = { " IMAP "}; } );\n"
#define SMTP "smtp = { url = \"smtps://s.example.it\"; };\n"
#define REST IDENTITY MAILBOXES SMTP

static char *directory;

static int
make_directory(void **state)
{
	(void)state;
	directory = g_dir_make_tmp("triaged-settings-XXXXXX", NULL);
	return directory == NULL;
}

static int
remove_directory(void **state)
{
	(void)state;
	int result = g_rmdir(directory);
	g_free(directory);
	return result;
}

/* Load text as a file; its directory is taken out of the message. */
static Settings *
load(const char *text, gboolean partial, char **message)
{
	g_autofree char *file = g_build_filename(directory, "t.conf", NULL);
	g_autoptr(GError) error = NULL;
	assert_true(g_file_set_contents(file, text, -1, NULL));
	Settings *settings = partial ? settings_load_partial(file, &error)
	                             : settings_load(file, &error);
	g_unlink(file);
	if (error != NULL) {
		assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_CONFIG));
		assert_null(settings);
		g_autofree char *prefix = g_strconcat(directory, "/", NULL);
		g_auto(GStrv) pieces = g_strsplit(error->message, prefix, -1);
		*message = g_strjoinv("", pieces);
	}
	return settings;
}

static const struct sample {
	const char *name, *text, *wanted;
} samples[] = {
	{ "unknown setting", REST "reply = {\n  max_age_hour = 3;\n};",
	        "t.conf:5: unknown setting 'reply.max_age_hour', did you mean "
	        "'reply.max_age_hours'?" },
	{ "setting in the wrong group", REST "poll_second = 3;",
	        "t.conf:4: unknown setting 'poll_second', did you mean "
	        "'mailboxes.poll_seconds'?" },
	{ "unknown group", REST "limit = { };",
	        "t.conf:4: unknown setting 'limit', did you mean 'limits'?" },
	{ "unknown in a mailbox",
	        IDENTITY SMTP "mailboxes = (\n  { name = \"m\";\n imap = { " IMAP
	                      "usr = \"\"; }; } );",
	        "t.conf:5: unknown setting 'mailboxes.imap.usr', did you mean "
	        "'mailboxes.imap.user'?" },
	{ "a default that is wrong is told once",
	        IDENTITY SMTP "mailboxes = ( { name = \"a\"; imap = { " IMAP
	                      "}; },\n { name = \"b\"; imap = { " IMAP
	                      "}; folder = \"B\"; } );\ndefaults = { idle = 3; };",
	        "t.conf:5: setting 'defaults.idle' must be true or false" },
	{ "no default name", REST "defaults = { name = \"m\"; };",
	        "t.conf:4: unknown setting 'defaults.name', did you mean "
	        "'identity.name'?" },
	{ "what neither mailbox nor defaults say",
	        IDENTITY SMTP
	        "mailboxes = ( { name = \"a\"; } );\n"
	        "defaults = { imap = { url = \"imaps://i.example.it\"; }; };",
	        "t.conf:3: 'user' is missing" },
	{ "not a number", REST "analysts = \"two\";",
	        "t.conf:4: setting 'analysts' must be a whole number from 1 to 64, "
	        "without quotes" },
	{ "a fraction", REST "analysts = 2.5;",
	        "t.conf:4: setting 'analysts' must be a whole number from 1 to 64" },
	{ "too small", REST "analysts = 0;",
	        "t.conf:4: setting 'analysts' must be a whole number from 1 to 64" },
	{ "negative", REST "reply = { max_age_hours = -1; };",
	        "t.conf:4: setting 'reply.max_age_hours' must be a whole number from 0 "
	        "to 87600" },
	{ "too large", REST "limits = { message_bytes = 99999999999L; };",
	        "t.conf:4: setting 'limits.message_bytes' must be a whole number from "
	        "1024 to "
	        "1073741824" },
	{ "not a truth",
	        IDENTITY SMTP "mailboxes = ( { name = \"m\"; idle = 1; imap = { " IMAP
	                      "}; } );",
	        "t.conf:3: setting 'mailboxes.idle' must be true or false" },
	{ "no such mode", REST "mode = \"sned\";",
	        "t.conf:4: setting 'mode' must be one of \"observe\", \"tag\", "
	        "\"draft\", \"send\", not \"sned\": did you mean \"send\"?" },
	{ "a text for a group", REST "reply = \"no\";",
	        "t.conf:4: setting 'reply' must be a group in { }" },
	{ "a group for mailboxes", IDENTITY SMTP "mailboxes = { };",
	        "t.conf:3: setting 'mailboxes' must be a list of groups, ( { } )\n"
	        "t.conf:3: no mailbox is given in 'mailboxes'" },
	{ "an empty text", REST "state = \"\";",
	        "t.conf:4: setting 'state' must be a text in quotes, not empty" },
	{ "a line end in a text", REST "state = \"a\\nb\";",
	        "t.conf:4: setting 'state' must be a text in quotes, not empty" },
	{ "a number among texts", REST "provider = { hosts = ( \"a\", 1 ); };",
	        "t.conf:4: setting 'provider.hosts' must be a list of texts, [ \"...\" "
	        "]" },
	{ "no host pattern", REST "provider = { hosts = [ \"a b\" ]; };",
	        "t.conf:4: 'a b' is no host name or pattern of one" },
	{ "no address",
	        MAILBOXES SMTP "identity = { address = \"a\"; aliases = [ \"b\" ]; };",
	        "t.conf:3: 'address' is no mail address: write only "
	        "assistenza@example.it, the name goes into 'name'\n"
	        "t.conf:3: alias 'b' is no mail address" },
	{ "identity without address", MAILBOXES SMTP "\nidentity = { name = \"a\"; };",
	        "t.conf:4: 'address' is missing" },
	{ "bad instance", REST "instance = \"a b\";",
	        "t.conf:4: 'instance' must be of letters, digits, '-', '.' and '_'" },
	{ "nothing at all", "",
	        "t.conf:1: no mailbox is given in 'mailboxes'\n"
	        "t.conf:1: group 'identity' is missing\n"
	        "t.conf:1: group 'smtp' is missing, and mode is \"send\"" },
	{ "no catalogue", REST "catalogue = [ ];",
	        "t.conf:4: 'catalogue' names no directory" },
	{ "mailbox without everything", IDENTITY SMTP "mailboxes = (\n{ } );",
	        "t.conf:4: 'name' is missing\nt.conf:4: group 'imap' is missing" },
	{ "imap without everything",
	        IDENTITY SMTP "mailboxes = (\n{ name = \"m\";\nimap = { }; } );",
	        "t.conf:5: 'user' is missing\nt.conf:5: 'url' is missing" },
	{ "a mailbox twice",
	        IDENTITY SMTP "mailboxes = ( { name = \"m\"; imap = { " IMAP "}; },\n"
	                      "{ name = \"m\"; imap = { " IMAP
	                      "}; },\n{ name = \"n\"; imap = { " IMAP "}; } );",
	        "t.conf:4: another mailbox has the same 'name'\n"
	        "t.conf:5: another mailbox watches the same folder\n"
	        "t.conf:5: another mailbox watches the same folder" },
	{ "slash in a name",
	        IDENTITY SMTP "mailboxes = ( { name = \"a/b\"; imap = { " IMAP
	                      "}; } );",
	        "t.conf:3: 'name' must not hold '/'" },
	{ "two credentials",
	        IDENTITY MAILBOXES "smtp = { url = \"smtp://s\"; user = \"u\"; "
	                           "password_file = \"p\";\ncredential = \"c\"; };",
	        "t.conf:4: 'credential' contradicts 'password_file': give one of "
	        "them" },
	{ "a credential for nobody",
	        IDENTITY MAILBOXES
	        "smtp = { url = \"smtp://s\";\ntoken_command = \"t\"; };",
	        "t.conf:4: 'token_command' without 'user'" },
	{ "a user without credential",
	        IDENTITY MAILBOXES "smtp = { url = \"smtp://s\";\nuser = \"u\"; };",
	        "t.conf:4: 'user' without 'password_file', 'password_command', "
	        "'token_command' or "
	        "'credential'" },
	{ "an unfit command",
	        IDENTITY MAILBOXES "smtp = { url = \"smtp://s\"; user = \"u\"; "
	                           "password_command = \"a 'b\"; };",
	        "t.conf:3: 'password_command': Text ended before matching quote was "
	        "found for '. "
	        "(The text was “a 'b”)" },
	{ "a credential's path",
	        IDENTITY MAILBOXES
	        "smtp = { url = \"smtp://s\"; user = \"u\"; credential = \"/a\"; };",
	        "t.conf:3: 'credential' is a name, not a path" },
	{ "plain and encrypted",
	        IDENTITY MAILBOXES "smtp = { url = \"smtps://s\"; tls = \"none\"; };",
	        "t.conf:3: tls = \"none\" contradicts the encrypted 'url'" },
	{ "plain and a CA",
	        IDENTITY MAILBOXES "smtp = { url = \"smtp://s\"; ca_file = "
	                           "\"/dev/null\";\ntls = \"none\"; };",
	        "t.conf:4: tls = \"none\" contradicts 'ca_file'" },
	{ "no such CA",
	        IDENTITY MAILBOXES
	        "smtp = { url = \"smtp://s\"; ca_file = \"/nowhere\"; };",
	        "t.conf:3: 'ca_file': no file '/nowhere'" },
	{ "no such on_unknown",
	        IDENTITY MAILBOXES
	        "smtp = { url = \"smtp://s\"; on_unknown = \"x\"; };",
	        "t.conf:3: setting 'smtp.on_unknown' must be one of \"hold\", "
	        "\"resend\", not \"x\"" },
	{ "no envelope sender",
	        IDENTITY MAILBOXES
	        "smtp = { url = \"smtp://s\"; envelope_from = \"x\"; };",
	        "t.conf:3: 'envelope_from' must be a mail address, or empty" },
	{ "drafts to nowhere",
	        IDENTITY
	        "mode = \"draft\";\nmailboxes = ( { name = \"m\";\n drafts = \"\"; "
	        "imap = { " IMAP "}; } );",
	        "t.conf:4: mode \"draft\" needs a folder for drafts" },
	{ "a bad start",
	        IDENTITY SMTP "mailboxes = ( { name = \"m\";\n start = \"yesterday\"; "
	                      "imap = { " IMAP "}; } );",
	        "t.conf:4: setting 'mailboxes.start' must be \"now\", \"all\" or a day "
	        "such as "
	        "\"2026-11-01\"" },
	{ "an impossible day",
	        IDENTITY SMTP "mailboxes = ( { name = \"m\"; start = \"2026-02-30\"; "
	                      "imap = { " IMAP "}; } );",
	        "t.conf:3: setting 'mailboxes.start' must be \"now\", \"all\" or a day "
	        "such as "
	        "\"2026-11-01\"" },
	{ "a syntax error", REST "mode = ;\n", "t.conf:4: syntax error: a value is missing behind '='" },
	{ "a setting twice", REST "mode = \"send\";\nmode = \"tag\";\n",
	        "t.conf:5: setting 'mode' is set twice" },
	{ "no such include", REST "@include \"nowhere.conf\"\n",
	        "t.conf:4: cannot read the @include file 'nowhere.conf', named "
	        "relative to this one" },
	{ "metrics for everybody", REST "metrics_listen = \"0.0.0.0:9762\";",
	        "t.conf:4: 'metrics_listen' must be of this host alone, since there is "
	        "no login: \"127.0.0.1:PORT\", \"[::1]:PORT\" or \"unix:/PATH\"" },
	{ "metrics somewhere", REST "metrics_file = \"triaged.prom\";",
	        "t.conf:4: 'metrics_file' must be a path from the root on" },
	{ "several at once", REST "mod = 1;\nanalysts = 0;\nstat = \"x\";",
	        "t.conf:4: unknown setting 'mod', did you mean 'mode'?\n"
	        "t.conf:5: setting 'analysts' must be a whole number from 1 to 64\n"
	        "t.conf:6: unknown setting 'stat', did you mean 'state'?" },
};

static void
test_problem(void **state)
{
	const struct sample *sample = *state;
	g_autofree char *message = NULL;
	g_autoptr(Settings) settings = load(sample->text, FALSE, &message);
	assert_non_null(message);
	assert_string_equal(message, sample->wanted);
	assert_null(settings);
}

static const struct {
	const char *url;
	gboolean valid;
} urls[] = {
	{ "smtps://smtp.example.it", TRUE },
	{ "smtp://smtp.example.it:587", TRUE },
	{ "smtp://smtp.example.it/", TRUE },
	{ "smtp://[::1]:2525", TRUE },
	{ "smtp://127.0.0.1:1025", TRUE },
	{ "smtp.example.it", FALSE },
	{ "imap://smtp.example.it", FALSE },
	{ "https://smtp.example.it", FALSE },
	{ "smtp://", FALSE },
	{ "smtp://user:secret@smtp.example.it", FALSE },
	{ "smtp://smtp.example.it/path", FALSE },
	{ "smtp://smtp.example.it?x", FALSE },
	{ "smtp://smtp.example.it#x", FALSE },
	{ "smtp://smtp.example.it:0", FALSE },
	{ "smtp://smtp.example.it:99999", FALSE },
	{ "smtp://smtp.example.it:x", FALSE },
	{ "smtp://smtp example.it", FALSE },
};

static void
test_urls(void **state)
{
	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(urls); i++) {
		g_autofree char *message = NULL;
		g_autofree char *text = g_strdup_printf(
		        IDENTITY MAILBOXES "smtp = { url = \"%s\"; };", urls[i].url);
		g_autoptr(Settings) settings = load(text, FALSE, &message);
		if (urls[i].valid)
			assert_string_equal(settings->smtp.server.url, urls[i].url);
		else
			assert_true(g_str_has_prefix(message,
			        "t.conf:3: setting 'smtp.url' must be a URL, smtps:// "
			        "or smtp:// before a host, with or without a port: "));
	}
}

static void
test_defaults(void **state)
{
	(void)state;
	g_autoptr(Settings) settings = settings_default();
	assert_string_equal(settings->state, "/var/lib/triaged");
	assert_string_equal(settings->instance, g_get_host_name());
	assert_int_equal(settings->mode, MODE_SEND);
	assert_int_equal(settings->reply.max_age_hours, 48);
	assert_int_equal(settings->reply.per_sender_messages, 5);
	assert_int_equal(settings->reply.per_sender_hours, 24);
	assert_int_equal(settings->reply.per_conversation_messages, 3);
	assert_int_equal(settings->reply.global_messages, 200);
	assert_int_equal(settings->reply.global_minutes, 20);
	assert_int_equal(settings->limits.message_bytes, 26214400);
	assert_int_equal(settings->limits.parts, 500);
	assert_int_equal(settings->limits.depth, 12);
	assert_int_equal(settings->limits.analyse_seconds, 10);
	assert_int_equal(settings->analysts, 2);
	assert_int_equal(settings->smtp.connections, 2);
	assert_string_equal(settings->smtp.envelope_from, "");
	assert_false(settings->smtp.resend_unknown);
	assert_null(settings->identity.address);
	assert_null(settings->reply.authserv_id);
	assert_null(settings->smtp.server.url);
	assert_int_equal(settings->mailboxes->len, 0);
	g_autofree char *shipped = settings_shipped_catalogue();
	assert_string_equal(settings->catalogue->pdata[0], shipped);
	assert_null(settings->catalogue->pdata[settings->catalogue->len]);
}

#define EVERYTHING                                                                     \
	"instance = \"h-1\"; state = \"/s\"; catalogue = [ \"a\", \"b\" ]; mode = "     \
	"\"tag\";\n"                                                                   \
	"identity = { name = \"A\"; address = \"a@example.it\"; aliases = [ "          \
	"\"b@c.it\" ]; };\n"                                                           \
	"mailboxes = ( { name = \"m\"; imap = { url = \"imap://localhost\"; user = "   \
	"\"u\";\n"                                                                     \
	"  password_command = \"x 'y z'\"; tls = \"none\"; }; folder = \"F\"; drafts " \
	"= \"D\";\n"                                                                   \
	"  sent = \"\"; poll_seconds = 5; idle = false; start = \"2026-11-01\"; } "    \
	");\n"                                                                         \
	"smtp = { url = \"smtp://s\"; user = \"v\"; credential = \"c\"; "              \
	"envelope_from = \"e@f.it\";\n"                                                \
	"  connections = 3; on_unknown = \"resend\"; };\n"                             \
	"reply = { max_age_hours = 0; per_sender = { messages = 1; hours = 2; };\n"    \
	"  per_conversation = { messages = 0; }; global = { messages = 4; minutes = "  \
	"5; };\n"                                                                      \
	"  authserv_id = \"mx\"; };\n"                                                 \
	"limits = { message_bytes = 2048; parts = 6; depth = 7; analyse_seconds = 8; " \
	"};\n"                                                                         \
	"provider = { hosts = [ \"*.p.it\" ]; }; analysts = 9;\n"

static void
check_server_and_mailbox(const Settings *settings)
{
	const MailboxSettings *mailbox = settings->mailboxes->pdata[0];
	assert_string_equal(mailbox->name, "m");
	assert_string_equal(mailbox->imap.url, "imap://localhost");
	assert_string_equal(mailbox->imap.user, "u");
	assert_string_equal(mailbox->imap.password_command, "x 'y z'");
	assert_true(mailbox->imap.tls_none);
	assert_int_equal(mailbox->imap.line, 3);
	assert_string_equal(mailbox->folder, "F");
	assert_string_equal(mailbox->drafts, "D");
	assert_string_equal(mailbox->sent, "");
	assert_int_equal(mailbox->poll_seconds, 5);
	assert_false(mailbox->idle);
	assert_int_equal(mailbox->start, START_DATE);
	g_autoptr(GDateTime) day = g_date_time_new_from_unix_local(mailbox->start_date);
	g_autofree char *date = g_date_time_format(day, "%F %T");
	assert_string_equal(date, "2026-11-01 00:00:00");
	assert_string_equal(settings->smtp.server.credential, "c");
	assert_string_equal(settings->smtp.envelope_from, "e@f.it");
	assert_int_equal(settings->smtp.connections, 3);
	assert_true(settings->smtp.resend_unknown);
}

static void
test_everything(void **state)
{
	(void)state;
	g_autofree char *message = NULL;
	g_autoptr(Settings) settings = load(EVERYTHING, FALSE, &message);
	assert_null(message);
	assert_string_equal(settings->instance, "h-1");
	assert_string_equal(settings->catalogue->pdata[1], "b");
	assert_int_equal(settings->catalogue->len, 2);
	assert_int_equal(settings->mode, MODE_TAG);
	assert_string_equal(settings->identity.aliases->pdata[0], "b@c.it");
	check_server_and_mailbox(settings);
	assert_int_equal(settings->reply.max_age_hours, 0);
	assert_int_equal(settings->reply.per_sender_messages, 1);
	assert_int_equal(settings->reply.per_sender_hours, 2);
	assert_int_equal(settings->reply.per_conversation_messages, 0);
	assert_int_equal(settings->reply.global_messages, 4);
	assert_int_equal(settings->reply.global_minutes, 5);
	assert_string_equal(settings->reply.authserv_id, "mx");
	assert_int_equal(settings->limits.message_bytes, 2048);
	assert_int_equal(settings->limits.depth, 7);
	assert_string_equal(settings->provider_hosts->pdata[0], "*.p.it");
	assert_int_equal(settings->analysts, 9);
	assert_int_equal(settings->warnings->len, 0);
}

static void
test_mailbox_defaults(void **state)
{
	(void)state;
	g_autofree char *message = NULL;
	g_autoptr(Settings) settings = load(REST, FALSE, &message);
	assert_null(message);
	const MailboxSettings *mailbox = settings->mailboxes->pdata[0];
	assert_string_equal(mailbox->folder, "INBOX");
	assert_null(mailbox->drafts);
	assert_null(mailbox->sent);
	assert_int_equal(mailbox->poll_seconds, 60);
	assert_true(mailbox->idle);
	assert_int_equal(mailbox->start, START_NOW);
	assert_false(mailbox->imap.tls_none);
}

static void
test_partial(void **state)
{
	(void)state;
	g_autofree char *message = NULL;
	g_autoptr(Settings) settings = load("mode = \"tag\";", TRUE, &message);
	assert_null(message);
	assert_int_equal(settings->mode, MODE_TAG);
	g_autoptr(Settings) bad = load("mode = \"tga\";", TRUE, &message);
	assert_null(bad);
	assert_non_null(message);
}

static void
test_plain_warning(void **state)
{
	(void)state;
	g_autofree char *message = NULL;
	g_autoptr(Settings) settings = load(IDENTITY MAILBOXES
	        "smtp = { url = \"smtp://s.example.it\"; tls = \"none\"; };",
	        FALSE, &message);
	assert_int_equal(settings->warnings->len, 1);
	g_autofree char *wanted =
	        g_strdup_printf("%s/t.conf:3: mail and password go to "
	                        "'smtp://s.example.it' unencrypted",
	                directory);
	assert_string_equal(settings->warnings->pdata[0], wanted);
}

static void
test_include(void **state)
{
	(void)state;
	g_autofree char *message = NULL;
	g_autofree char *part = g_build_filename(directory, "part.conf", NULL);
	g_file_set_contents(part, "\nanalysts = 5;\nstat = \"x\";\n", -1, NULL);
	g_autoptr(Settings) bad =
	        load(REST "@include \"part.conf\"\n", FALSE, &message);
	assert_null(bad);
	assert_string_equal(
	        message, "part.conf:3: unknown setting 'stat', did you mean 'state'?");
	g_file_set_contents(part, "\nanalysts = 5;\n", -1, NULL);
	g_autoptr(Settings) good =
	        load(REST "@include \"part.conf\"\n", FALSE, &message);
	g_unlink(part);
	assert_int_equal(good->analysts, 5);
}

static void
test_no_file(void **state)
{
	(void)state;
	g_autoptr(GError) error = NULL;
	assert_null(settings_load("/nowhere/t.conf", &error));
	assert_string_equal(
	        error->message, "/nowhere/t.conf: No such file or directory");
	g_clear_error(&error);
	assert_null(settings_load("/tmp", &error));
	assert_string_equal(error->message, "/tmp: not a regular file");
}

static void
test_example(void **state)
{
	(void)state;
	g_autoptr(GError) error = NULL;
	g_autofree char *file = g_build_filename(
	        g_getenv("TRIAGED_DATADIR"), "triaged.conf.example", NULL);
	g_autoptr(Settings) settings = settings_load(file, &error);
	assert_null(error);
	assert_int_equal(settings->mailboxes->len, 1);
}

/* The example is what an admin reads: it must name every setting there is. */
static void
check_rows(const SettingRow *rows, const char *example)
{
	for (; rows->name != NULL; rows++) {
		g_autofree char *form = g_strdup_printf("\\b%s +=", rows->name);
		if (!g_regex_match_simple(form, example, 0, 0))
			fail_msg("'%s' is not in triaged.conf.example", rows->name);
		assert_true(strlen(rows->help) > 0);
		if (rows->rows != NULL)
			check_rows(rows->rows, example);
	}
}

static void
test_example_names_all(void **state)
{
	(void)state;
	g_autofree char *example = NULL;
	g_autofree char *file = g_build_filename(
	        g_getenv("TRIAGED_DATADIR"), "triaged.conf.example", NULL);
	assert_true(g_file_get_contents(file, &example, NULL, NULL));
	check_rows(setting_table, example);
}

static void
test_catalogue_that_is_not_there(void **state)
{
	(void)state;
	g_autofree char *message = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(Settings) settings =
	        load("\ncatalogue = [ \"/nowhere\", \"/no/where\" ];\n" REST, FALSE,
	                &message);
	assert_null(message);
	assert_null(settings_load_catalogue(settings, &error));
	assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_CONFIG));
	assert_non_null(strstr(
	        error->message, "t.conf:2: no catalogue directory '/nowhere'\n"));
	assert_non_null(
	        strstr(error->message, "t.conf:2: no catalogue directory '/no/where'"));
}

static void
test_inherited_defaults(void **state)
{
	static const char text[] = IDENTITY SMTP
	        "defaults = { poll_seconds = 7; folder = \"Tickets\";\n"
	        "  imap = { url = \"imaps://i.example.it\"; password_file = \"/p\"; }; "
	        "};\n"
	        "mailboxes = ( { name = \"a\"; imap = { user = \"ua\"; }; },\n"
	        "  { name = \"b\"; poll_seconds = 9;\n"
	        "    imap = { user = \"ub\"; url = \"imaps://o.example.it\"; "
	        "credential = \"c\"; }; } );";
	g_autofree char *message = NULL;
	g_autoptr(Settings) settings = load(text, FALSE, &message);
	(void)state;
	assert_null(message);
	const MailboxSettings *a = settings->mailboxes->pdata[0];
	const MailboxSettings *b = settings->mailboxes->pdata[1];
	assert_int_equal(a->poll_seconds, 7);
	assert_string_equal(a->folder, "Tickets");
	assert_string_equal(a->imap.url, "imaps://i.example.it");
	assert_string_equal(a->imap.user, "ua");
	assert_string_equal(a->imap.password_file, "/p");
	assert_int_equal(b->poll_seconds, 9);
	assert_string_equal(b->folder, "Tickets");
	assert_string_equal(b->imap.url, "imaps://o.example.it");
	assert_null(b->imap.password_file);
	assert_string_equal(b->imap.credential, "c");
}

int
main(void)
{
	struct CMUnitTest tests[G_N_ELEMENTS(samples) + 16] = { 0 };
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_urls),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_everything),
		cmocka_unit_test(test_mailbox_defaults),
		cmocka_unit_test(test_inherited_defaults),
		cmocka_unit_test(test_partial),
		cmocka_unit_test(test_plain_warning),
		cmocka_unit_test(test_include),
		cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_example),
		cmocka_unit_test(test_example_names_all),
		cmocka_unit_test(test_catalogue_that_is_not_there),
	};
	for (guint i = 0; i < G_N_ELEMENTS(samples); i++)
		tests[i] = (struct CMUnitTest){ samples[i].name, test_problem, NULL,
			NULL, (void *)&samples[i] };
	memcpy(tests + G_N_ELEMENTS(samples), others, sizeof others);
	return cmocka_run_group_tests_name(
	        "settings", tests, make_directory, remove_directory);
}
