/* What the settings are: by default, as a file says, inherited, included. */
#include "settings_file.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/errors.h"
#include "rules/setting_table.h"

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
	"instance = \"h-1\"; state = \"/s\"; catalogue = [ \"a\", \"b\" ]; mode = "    \
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
	g_autoptr(Settings) settings = settings_file_load(EVERYTHING, FALSE, &message);
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
	g_autoptr(Settings) settings = settings_file_load(REST, FALSE, &message);
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
	g_autoptr(Settings) settings =
	        settings_file_load("mode = \"tag\";", TRUE, &message);
	assert_null(message);
	assert_int_equal(settings->mode, MODE_TAG);
	g_autoptr(Settings) bad = settings_file_load("mode = \"tga\";", TRUE, &message);
	assert_null(bad);
	assert_non_null(message);
}

static void
test_include(void **state)
{
	(void)state;
	g_autofree char *message = NULL;
	g_autofree char *part =
	        g_build_filename(settings_file_directory(), "part.conf", NULL);
	g_file_set_contents(part, "\nanalysts = 5;\nstat = \"x\";\n", -1, NULL);
	g_autoptr(Settings) bad =
	        settings_file_load(REST "@include \"part.conf\"\n", FALSE, &message);
	assert_null(bad);
	assert_string_equal(
	        message, "part.conf:3: unknown setting 'stat', did you mean 'state'?");
	g_file_set_contents(part, "\nanalysts = 5;\n", -1, NULL);
	g_autoptr(Settings) good =
	        settings_file_load(REST "@include \"part.conf\"\n", FALSE, &message);
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
	g_autoptr(Settings) settings = settings_file_load(
	        "\ncatalogue = [ \"/nowhere\", \"/no/where\" ];\n" REST, FALSE,
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
	g_autoptr(Settings) settings = settings_file_load(text, FALSE, &message);
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
	g_autoptr(GArray) suite = suite_new();
	suite_add(suite, cmocka_unit_test(test_defaults),
	        cmocka_unit_test(test_everything),
	        cmocka_unit_test(test_mailbox_defaults),
	        cmocka_unit_test(test_inherited_defaults),
	        cmocka_unit_test(test_partial), cmocka_unit_test(test_include),
	        cmocka_unit_test(test_no_file), cmocka_unit_test(test_example),
	        cmocka_unit_test(test_example_names_all),
	        cmocka_unit_test(test_catalogue_that_is_not_there));
	return suite_run(suite, "settings", settings_file_begin, settings_file_end);
}
