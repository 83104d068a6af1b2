/* What is wrong in a settings file, and where, as the admin is told. */
#include "settings_file.h"

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
	{ "a syntax error", REST "mode = ;\n",
	        "t.conf:4: syntax error: a value is missing behind '='" },
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
	g_autoptr(Settings) settings =
	        settings_file_load(sample->text, FALSE, &message);
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
		g_autoptr(Settings) settings =
		        settings_file_load(text, FALSE, &message);
		if (urls[i].valid)
			assert_string_equal(settings->smtp.server.url, urls[i].url);
		else
			assert_true(g_str_has_prefix(message,
			        "t.conf:3: setting 'smtp.url' must be a URL, smtps:// "
			        "or smtp:// before a host, with or without a port: "));
	}
}

static void
test_plain_warning(void **state)
{
	(void)state;
	g_autofree char *message = NULL;
	g_autoptr(Settings) settings = settings_file_load(IDENTITY MAILBOXES
	        "smtp = { url = \"smtp://s.example.it\"; tls = \"none\"; };",
	        FALSE, &message);
	assert_int_equal(settings->warnings->len, 1);
	g_autofree char *wanted =
	        g_strdup_printf("%s/t.conf:3: mail and password go to "
	                        "'smtp://s.example.it' unencrypted",
	                settings_file_directory());
	assert_string_equal(settings->warnings->pdata[0], wanted);
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, samples, test_problem);
	suite_add(suite, cmocka_unit_test(test_urls),
	        cmocka_unit_test(test_plain_warning));
	return suite_run(
	        suite, "setting_problems", settings_file_begin, settings_file_end);
}
