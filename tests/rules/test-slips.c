/*
 * The slips of sysadmins: a file that is right but for one line, and what they are told. Whoever
 * changes a message reads them all, as somebody would who has never seen this program.
 */
#include <glib/gstdio.h>
#include <string.h>

#include "rules/settings.h"
#include "tests/suite.h"

/* clang-format off */

static const char *const good[] = {
	"instance = \"helpdesk-1\";",
	"state = \"/var/lib/triaged\";",
	"mode = \"send\";",
	"identity = { name = \"Assistenza\"; address = \"assistenza@example.it\"; };",
	"mailboxes = (",
	"  { name = \"assistenza\";",
	"    imap = { url = \"imaps://imap.example.it\"; user = \"u\"; password_file = \"/p\"; };",
	"    folder = \"INBOX\"; poll_seconds = 60; idle = true; } );",
	"smtp = { url = \"smtps://smtp.example.it\"; };",
	"reply = { per_sender = { messages = 5; hours = 24; }; };",
};

/* What stands on a line instead; with what is said of it, problems or warnings. */
static const struct slip {
	const char *name;
	guint line;
	const char *instead, *said;
} slips[] = {
	{ "no quotes", 3, "mode = send;", "t.conf:3: syntax error: texts stand in quotes, NAME = \"...\"" },
	{ "single quotes", 3, "mode = 'send';", "t.conf:3: syntax error: texts stand in double quotes, \"...\"" },
	{ "typographic quotes", 3, "mode = \xe2\x80\x9c" "send\xe2\x80\x9d" ";", "t.conf:3: syntax error: the quotes are typographic ones: write \"" },
	{ "a quote is missing", 3, "mode = \"send;", "t.conf:3: syntax error: the text that begins here is not closed: a quote is missing" },
	{ "a brace is missing", 4, "identity = { address = \"assistenza@example.it\";", "t.conf:4: syntax error: this '{' is not closed" },
	{ "a brace too many", 4, "identity = { address = \"assistenza@example.it\"; } };", "t.conf:4: syntax error: nothing is open that '}' could close" },
	{ "a list in the wrong brackets", 5, "mailboxes = [", "t.conf:6: syntax error: groups stand in ( { }, { } ), not in [ ]" },
	{ "a list without brackets", 5, "mailboxes = {", "t.conf:6: syntax error: a list of groups is ( { }, { } )" },
	{ "a bracket of another kind", 9, "smtp = { url = \"smtps://smtp.example.it\"; );", "t.conf:9: syntax error: ')' cannot close the '{' of line 9" },
	{ "yes", 8, "folder = \"INBOX\"; idle = yes; } );", "t.conf:8: syntax error: write true or false" },
	{ "on", 8, "idle = on; } );", "t.conf:8: syntax error: write true or false" },
	{ "a truth in quotes", 8, "idle = \"true\"; } );", "t.conf:8: setting 'mailboxes.idle' must be true or false, without quotes" },
	{ "a number in quotes", 8, "poll_seconds = \"60\"; } );", "t.conf:8: setting 'mailboxes.poll_seconds' must be a whole number from 1 to 86400, without quotes" },
	{ "a unit", 8, "poll_seconds = 60s; } );", "t.conf:8: syntax error: a number stands without a unit" },
	{ "a size with a unit", 10, "limits = { message_bytes = 25M; };", "t.conf:10: syntax error: a number stands without a unit" },
	{ "an equals sign is missing", 3, "mode \"send\";", "t.conf:3: syntax error: a '=' is missing behind the name" },
	{ "no value", 3, "mode = ;", "t.conf:3: syntax error: a value is missing behind '='" },
	{ "an INI section", 3, "[reply]", "t.conf:3: syntax error: a group is NAME = { ... };" },
	{ "YAML", 3, "- mode", "t.conf:3: syntax error: this is no YAML: a list is ( ... ) or [ ... ]" },
	{ "XML", 3, "<mode>send</mode>", "t.conf:3: syntax error: this is no XML: NAME = \"...\";" },
	{ "set twice", 3, "mode = \"send\"; instance = \"x\";", "t.conf:3: setting 'instance' is set twice" },
	{ "an include that is not there", 3, "@include \"local/reply.conf\"", "t.conf:3: cannot read the @include file 'local/reply.conf', named relative to this one" },
	{ "URL without a scheme", 7, "imap = { url = \"imap.example.it:993\"; user = \"u\"; password_file = \"/p\"; };", "t.conf:7: setting 'mailboxes.imap.url' must be a URL, imaps:// or imap:// before a host, with or without a port: put imaps:// before the host" },
	{ "URL of another protocol", 7, "imap = { url = \"smtps://imap.example.it\"; user = \"u\"; password_file = \"/p\"; };", "t.conf:7: setting 'mailboxes.imap.url' must be a URL, imaps:// or imap:// before a host, with or without a port: 'smtps' is another protocol" },
	{ "URL with a password", 7, "imap = { url = \"imaps://u:geheim@imap.example.it\"; user = \"u\"; password_file = \"/p\"; };", "t.conf:7: setting 'mailboxes.imap.url' must be a URL, imaps:// or imap:// before a host, with or without a port: the user stands in 'user', the password in a file" },
	{ "URL with a folder", 7, "imap = { url = \"imaps://imap.example.it/INBOX\"; user = \"u\"; password_file = \"/p\"; };", "t.conf:7: setting 'mailboxes.imap.url' must be a URL, imaps:// or imap:// before a host, with or without a port: nothing stands behind host and port; a folder is 'folder'" },
	{ "URL with a port too high", 7, "imap = { url = \"imaps://imap.example.it:99399\"; user = \"u\"; password_file = \"/p\"; };", "t.conf:7: setting 'mailboxes.imap.url' must be a URL, imaps:// or imap:// before a host, with or without a port: host or port cannot be read" },
	{ "the password itself", 7, "imap = { url = \"imaps://imap.example.it\"; user = \"u\"; password_file = \"/p\"; password = \"geheim\"; };", "t.conf:7: unknown setting 'mailboxes.imap.password': a secret never stands here: give 'password_file', 'password_command', 'token_command' or 'credential'" },
	{ "host and port", 9, "smtp = { url = \"smtps://smtp.example.it\"; port = 465; };", "t.conf:9: unknown setting 'smtp.port': it is part of 'url', such as imaps://imap.example.it:993" },
	{ "another name for the user", 9, "smtp = { url = \"smtps://smtp.example.it\"; username = \"u\"; };", "t.conf:9: unknown setting 'smtp.username': it is called 'user'" },
	{ "a letter is missing", 10, "reply = { per_sender = { message = 5; hours = 24; }; };", "t.conf:10: unknown setting 'reply.per_sender.message', did you mean 'reply.per_sender.messages'?" },
	{ "letters swapped", 4, "identity = { adderss = \"a@example.it\"; address = \"assistenza@example.it\"; };", "t.conf:4: unknown setting 'identity.adderss', did you mean 'identity.address'?" },
	{ "email for address", 4, "identity = { email = \"a@example.it\"; address = \"assistenza@example.it\"; };", "t.conf:4: unknown setting 'identity.email': it is called 'address'" },
	{ "nothing like it", 10, "reply = { throttling = 5; };", "t.conf:10: unknown setting 'reply.throttling': known here are 'max_age_hours', 'per_sender', 'per_conversation', 'global', 'authserv_id'" },
	{ "in the wrong group", 10, "per_sender = { messages = 5; };", "t.conf:10: unknown setting 'per_sender', did you mean 'reply.per_sender'?" },
	{ "log level", 10, "log_level = \"debug\";", "t.conf:10: unknown setting 'log_level': triaged -v logs more; nothing else is set" },
	{ "a mode in capitals", 3, "mode = \"Send\";", "t.conf:3: setting 'mode' must be one of \"observe\", \"tag\", \"draft\", \"send\", not \"Send\": did you mean \"send\"?" },
	{ "a mode in Italian", 3, "mode = \"invia\";", "t.conf:3: setting 'mode' must be one of \"observe\", \"tag\", \"draft\", \"send\", not \"invia\"" },
	{ "a name in the address", 4, "identity = { address = \"Assistenza <assistenza@example.it>\"; };", "t.conf:4: 'address' is no mail address: write only assistenza@example.it, the name goes into 'name'" },
	{ "a day as in Italy", 8, "start = \"01/11/2026\"; } );", "t.conf:8: setting 'mailboxes.start' must be \"now\", \"all\" or a day such as \"2026-11-01\"" },
	{ "a day that there is not", 8, "start = \"2026-13-01\"; } );", "t.conf:8: setting 'mailboxes.start' must be \"now\", \"all\" or a day such as \"2026-11-01\"" },
	{ "STARTTLS as a setting", 9, "smtp = { url = \"smtp://smtp.example.it\"; tls = \"starttls\"; };", "t.conf:9: setting 'smtp.tls' must be one of \"verify\", \"none\", not \"starttls\"" },
	{ "copies among the mails", 8, "folder = \"Sent\"; sent = \"Sent\"; } );", "t.conf:8: 'sent' must not be the watched folder" },
	{ "an authserv_id of two words", 10, "reply = { authserv_id = \"mx.example.it; spf\"; };", "t.conf:10: 'authserv_id' must be the one word that begins our server's Authentication-Results, such as mx.example.it" },
};

static const struct slip dangers[] = {
	{ "IMAP port for the other kind", 7, "imap = { url = \"imaps://imap.example.it:143\"; user = \"u\"; password_file = \"/p\"; };", "t.conf:7: port 143 is mostly for imap://, which STARTTLS encrypts" },
	{ "submission port of the other kind", 9, "smtp = { url = \"smtps://smtp.example.it:587\"; };", "t.conf:9: port 587 is mostly for smtp://, which STARTTLS encrypts" },
	{ "no limits", 10, "reply = { per_sender = { messages = 0; hours = 24; }; global = { messages = 0; minutes = 20; }; };", "t.conf:10: neither reply.per_sender nor reply.global limits the replies: nothing ends a loop" },
	{ "every old mail", 10, "reply = { max_age_hours = 0; }; defaults = { start = \"all\"; };", "t.conf:6: start = \"all\" without reply.max_age_hours: a first start answers every mail in the folder, however old" },
	{ "a start ahead", 8, "start = \"2999-01-01\"; } );", "t.conf:8: 'start' lies ahead: no mail is answered until then" },
	{ "a state here or there", 2, "state = \"state\";", "t.conf:2: 'state' is looked for wherever triaged is started: give a path from the root on" },
	{ "agents of a large provider", 4, "identity = { address = \"assistenza@example.it\"; agents = [ \"*@gmail.com\" ]; };", "t.conf:4: everybody at 'gmail.com' counts as an agent: none of them is ever answered" },
	{ "a password in the clear", 9, "smtp = { url = \"smtp://smtp.example.it\"; tls = \"none\"; };", "t.conf:9: mail and password go to 'smtp://smtp.example.it' unencrypted" },
};

/* clang-format on */

static char *directory;

/* Asked for by LeakSanitizer. libconfig 1.5 forgets a string that it has begun to read when a
 * file ends in it or goes wrong behind it. */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
	return "leak:strbuf_append\nleak:libconfig_yylex\n";
}

/* The message of problems, or the warnings; without the directory. */
static char *
judge(const struct slip *slip)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autofree char *file = g_build_filename(directory, "t.conf", NULL);
	g_autofree char *prefix = g_strconcat(directory, "/", NULL);
	g_autofree char *said = NULL;
	g_autoptr(GError) error = NULL;
	for (guint i = 0; i < G_N_ELEMENTS(good); i++)
		g_string_append_printf(text, "%s\n",
		        slip != NULL && i + 1 == slip->line ? slip->instead : good[i]);
	assert_true(g_file_set_contents(file, text->str, -1, NULL));
	g_autoptr(Settings) settings = settings_load(file, &error);
	g_unlink(file);
	if (settings == NULL) {
		said = g_strdup(error->message);
	} else {
		g_ptr_array_add(settings->warnings, NULL);
		said = g_strjoinv("\n", (char **)settings->warnings->pdata);
		g_ptr_array_set_size(settings->warnings, settings->warnings->len - 1);
	}
	g_auto(GStrv) pieces = g_strsplit(said, prefix, -1);
	return g_strjoinv("", pieces);
}

static void
test_slip(void **state)
{
	const struct slip *slip = *state;
	g_autofree char *said = judge(slip);
	assert_string_equal(said, slip->said);
}

static void
test_good(void **state)
{
	(void)state;
	g_autofree char *said = judge(NULL);
	assert_string_equal(said, "");
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, slips, test_slip);
	suite_add_table(suite, dangers, test_slip);
	suite_add(suite, cmocka_unit_test(test_good));
	directory = g_dir_make_tmp("triaged-slips-XXXXXX", NULL);
	int failed = suite_run(suite, "slips", NULL, NULL);
	g_rmdir(directory);
	g_free(directory);
	return failed;
}
