/*
 * The journal's commands as a person calls them: a store filled with a small story, then the
 * program itself, whose output must be what stands in tests/store/commands. With
 * REWRITE_EXPECTED=1 the files are written anew, and the difference is for a person to read.
 */
#include "config.h"

#include "desk/health.h"
#include "state.h"
#include "store/conversation.h"
#include "store/note.h"
#include "store/reply_limit.h"
#include "tests/expected.h"
#include "tests/suite.h"

#include <glib/gstdio.h>
#include <jansson.h>
#include <string.h>
#include <sys/wait.h>

typedef struct {
	char *directory, *config;
} Office;

static const char settings_text[] =
        "state = \"%s/state\";\n"
        "identity = { name = \"Assistenza\"; address = \"assistenza@example.it\"; };\n"
        "mailboxes = (\n"
        "  { name = \"assistenza\"; imap = { url = \"imap://127.0.0.1\"; user = "
        "\"a\";\n"
        "    password_command = \"true\"; }; },\n"
        "  { name = \"fatture\"; imap = { url = \"imap://127.0.0.1\"; user = \"b\";\n"
        "    password_command = \"true\"; }; } );\n"
        "smtp = { url = \"smtp://127.0.0.1\"; };\n";

static const char kase[] =
        "{\"file\": \"assistenza/7/1\", \"message_id\": \"<1@example.it>\","
        " \"nature\": \"person\", \"class\": \"spam-detected\", \"detail\": null,"
        " \"confidence\": 0.97,"
        " \"runner_up\": {\"class\": \"policy-violation\", \"confidence\": 0.11},"
        " \"evidence\": [{\"origin\": \"report\", \"part\": \"2.2\", \"line\": 7,"
        " \"text\": \"552 5.2.0 igxL1p spam detected\","
        " \"signature\": \"spam-detected/smtp-552\", \"layer\": \"provider\"}],"
        " \"checklist\": [{\"item\": \"sender\", \"state\": \"present\","
        " \"value\": \"anna@example.it\", \"origin\": \"report\", \"part\": \"2.2\","
        " \"line\": 3}, {\"item\": \"date\", \"state\": \"missing\"}],"
        " \"missing\": [\"date\"], \"tags\": [\"triage-spam-detected\"],"
        " \"reply\": {\"action\": \"send\", \"reason\": \"checklist incomplete\"}}";

/* A mail that was answered; its words are the customer's, so they try to break the table. */
static void
fill_answered(Store *store)
{
	gint64 mail, effect;
	g_autofree char *token = NULL, *sha256 = g_strnfill(64, 'a');
	JournalMail record = { .place = { S("assistenza"), S("INBOX"), 7, 1 },
		.sha256 = sha256,
		.message_id = S("<1@example.it>"),
		.from_address = S("anna@example.it"),
		.subject = S("posta\n ferma, perch\xc3\xa9?\x1b[31m "
		             "\xe4\xb8\xad\xe6\x96\x87"),
		.internaldate = NOW,
		.seen_at = NOW + G_USEC_PER_SEC,
		.nature = S("person"),
		.class = S("spam-detected"),
		.confidence = 0.97,
		.missing = S("date"),
		.action = S("send"),
		.reason = S("checklist incomplete"),
		.outcome = JOURNAL_PENDING,
		.tags = S("triage-spam-detected triage-missing-date"),
		.case_json = S(kase) };
	g_autoptr(GBytes) payload = g_bytes_new_static("mail", 4);
	EffectFinish done = {
		.result = RESULT_DONE, .code = 250, .words = "2.0.0 Ok: queued"
	};
	must(store_begin(store, &error));
	must(conversation_new(store, NOW, &record.conversation, &token, &error));
	must(journal_add(store, &record, &mail, &error));
	Effect reply = { .mail = mail,
		.conversation = record.conversation,
		.kind = EFFECT_REPLY,
		.place = record.place,
		.recipient = S("anna@example.it"),
		.envelope_from = S(""),
		.message_id = S("<r1@example.it>"),
		.payload = payload };
	must(store_commit(store, &error));
	effect = state_queue(store, &reply, NOW + G_USEC_PER_SEC);
	state_finish_reply(store, effect, &done, NOW + 2 * G_USEC_PER_SEC);
	must(store_begin(store, &error));
	must(journal_set_outcome(
	        store, mail, JOURNAL_REPLIED, NULL, NOW + 2 * G_USEC_PER_SEC, &error));
	JournalEvent event = { mail, NOW + 60 * G_USEC_PER_SEC, S("correction"),
		S("triage-spam-detected became triage-sender-blacklisted") };
	must(journal_add_event(store, &event, &error));
	must(store_commit(store, &error));
}

/* A tag that is put off for longer than any run of this test: what is said of it must not
 * depend on the clock. */
static void
fill_put_off(Store *store, gint64 mail)
{
	g_autoptr(GBytes) payload = g_bytes_new_static("+triage-unknown", 15);
	Effect tag = { .mail = mail,
		.kind = EFFECT_TAG,
		.place = { S("assistenza"), S("INBOX"), 7, (guint32)mail },
		.next_at = NOW + 36500 * (gint64)G_TIME_SPAN_DAY,
		.payload = payload };
	state_queue(store, &tag, NOW);
}

/* A reply whose fate the network hid, and one mail that could not be read. */
static void
fill_troubles(Store *store)
{
	g_autofree char *sha256 = g_strnfill(64, 'b');
	EffectFinish lost = { .result = RESULT_UNKNOWN,
		.code = 354,
		.words = "connection lost after the final dot" };
	JournalMail broken = { .place = { S("assistenza"), S("INBOX"), 7, 3 },
		.sha256 = sha256,
		.internaldate = NOW,
		.seen_at = NOW + 3 * G_USEC_PER_SEC,
		.outcome = JOURNAL_ERROR,
		.error = S("the analyst was killed by signal 9") };
	gint64 mail = state_add_mail(store, 2, "unknown",
	               "screenshot|error_text,headers", JOURNAL_HELD),
	       broken_id;
	gint64 reply = state_add_effect(store, mail, EFFECT_REPLY, "mail");
	state_finish_reply(store, reply, &lost, NOW + 5 * G_USEC_PER_SEC);
	must(store_begin(store, &error));
	must(journal_set_tags(store, mail, "triage-unknown triage-held", &error));
	must(journal_add(store, &broken, &broken_id, &error));
	must(note_set(
	        store, "mailbox/assistenza", "last-success", "in step", NOW, &error));
	must(note_set(store, "mailbox/assistenza", "keywords",
	        "the server stores no keywords", NOW, &error));
	must(note_set(store, "mailbox/assistenza", "last-error",
	        "cannot open \"imaps://imap.example.it\": no answer", NOW, &error));
	must(note_set(store, "courier", "last-error", "421 try later", NOW, &error));
	must(breaker_open(store, "200 replies in 20 minutes", NOW, &error));
	must(store_commit(store, &error));
	fill_put_off(store, mail);
}

/* The secret is fixed, so that tokens are the same in every run. */
static int
open_office(void **state)
{
	Office *office = g_new0(Office, 1);
	office->directory = state_make();
	office->config = g_build_filename(office->directory, "triaged.conf", NULL);
	g_autofree char *text = g_strdup_printf(settings_text, office->directory);
	g_autofree char *place = g_build_filename(office->directory, "state", NULL);
	g_autofree char *secret = g_build_filename(place, "secret", NULL);
	assert_true(g_file_set_contents(office->config, text, -1, NULL));
	assert_int_equal(g_mkdir_with_parents(place, 0700), 0);
	assert_true(g_file_set_contents_full(secret, "0123456789abcdef0123456789abcdef",
	        32, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
	g_autoptr(Store) store = state_open(place);
	fill_answered(store);
	fill_troubles(store);
	*state = office;
	return 0;
}

static int
close_office(void **state)
{
	Office *office = *state;
	state_remove(office->directory);
	g_free(office->config);
	g_free(office);
	return 0;
}

/* What a call prints on stdout and stderr, and its exit status. */
static char *
call(const Office *office, const char *arguments)
{
	g_autofree char *program = g_build_filename(
	        g_getenv("TRIAGED_BUILD"), "triaged", "triagectl", NULL);
	g_autofree char *line =
	        g_strdup_printf("%s -c %s %s", program, office->config, arguments);
	g_autofree char *out = NULL, *err = NULL;
	int status;
	assert_true(g_spawn_command_line_sync(line, &out, &err, &status, NULL));
	assert_true(WIFEXITED(status));
	return g_strdup_printf("%s%s[exit %d]\n", out, err, WEXITSTATUS(status));
}

static const struct call_sample {
	const char *name; /* also the expected file's */
	const char *calls[4];
} samples[] = {
	{ "list", { "list" } },
	{ "list-json", { "list --json --class spam-detected" } },
	{ "list-filters", { "list --held", "list --missing screenshot --limit 1",
	                          "list --since 2026-11-07", "list --class none" } },
	{ "list-misused", { "list --since gestern", "list --limit x", "list --nonsense",
	                          "list 7" } },
	{ "show", { "show 1" } },
	{ "show-json", { "show --json 1" } },
	{ "show-troubles", { "show 2", "show 3" } },
	{ "show-misused", { "show", "show 99", "show abc", "show -- -1" } },
	{ "report",
	        { "report", "report --since 2026-11-07", "report --what-if draft" } },
	{ "report-json", { "report --json" } },
	{ "report-misused", { "report --what-if nothing", "report --since gestern",
	                            "report --html /nowhere/page.html", "report 7" } },
	{ "status", { "status" } },
	{ "status-json", { "status --json" } },
	{ "outbox-list", { "outbox list", "outbox list --json" } },
	{ "outbox-misused",
	        { "outbox", "outbox retry", "outbox cancel 99", "outbox cancel 1" } },
};

static void
test_call(void **state)
{
	const struct call_sample *sample = *state;
	void *opened;
	open_office(&opened);
	Office *office = opened;
	g_autoptr(GString) found = g_string_new(NULL);
	for (guint i = 0; i < G_N_ELEMENTS(sample->calls) && sample->calls[i] != NULL;
	        i++) {
		g_autofree char *output = call(office, sample->calls[i]);
		g_string_append_printf(
		        found, "$ triagectl %s\n%s", sample->calls[i], output);
	}
	close_office(&opened);
	g_autofree char *name = g_strconcat(sample->name, ".expect", NULL);
	g_autofree char *file = g_build_filename(
	        g_getenv("TRIAGED_SOURCE"), "tests", "store", "commands", name, NULL);
	expected_check(file, found->str);
}

static void
must_say(const Office *office, const char *arguments, const char *words)
{
	g_autofree char *output = call(office, arguments);
	if (strstr(output, words) == NULL)
		fail_msg("%s: %s", arguments, output);
}

/* The admin lets the lost reply go out again: the mail is no longer held, and the agents'
 * tag goes with it. Then he changes his mind. */
static void
test_release_and_cancel(void **state)
{
	Office *office = *state;
	must_say(office, "outbox release 2", "outbox entry 2 is released");
	must_say(office, "outbox release 2", "is queued and cannot be released");
	must_say(office, "list --json --missing headers", "\"outcome\": \"pending\"");
	must_say(office, "list --json --missing headers",
	        "\"tags\": [\"triage-unknown\"]");
	must_say(office, "outbox list", "reply  queued");
	must_say(office, "outbox cancel 2", "an agent must answer");
	must_say(office, "list --json --held", "\"triage-held\"");
	must_say(office, "show 2", "cancelled by the admin");
	must_say(office, "outbox retry 2", "is cancelled and cannot be retried");
}

#define MANY 1100
#define SHOWN 1000 /* of a list that no limit was asked for */

/* More mails than a person reads at once. */
static void
add_many(const Office *office)
{
	g_autofree char *place = g_build_filename(office->directory, "state", NULL);
	g_autoptr(Store) store = state_open(place);
	must(store_begin(store, &error));
	for (guint i = 0; i < MANY; i++) {
		g_autofree char *sha256 = state_sha256(1000 + i);
		JournalMail mail = { .place = { S("assistenza"), S("INBOX"), 8, 1 + i },
			.sha256 = sha256,
			.seen_at = NOW + G_TIME_SPAN_HOUR + i,
			.class = S("unknown"),
			.missing = i % 2 == 0 ? S("date") : S(""),
			.outcome = JOURNAL_REPLIED };
		gint64 id;
		must(journal_add(store, &mail, &id, &error));
	}
	must(store_commit(store, &error));
}

static guint
count_lines(const char *text)
{
	guint count = 0;
	for (; (text = strchr(text, '\n')) != NULL; text++)
		count++;
	return count;
}

static void
test_long_list(void **state)
{
	static const char more[] = "triagectl: these are the newest 1000; --limit N";
	static const struct {
		const char *call;
		guint lines; /* with the titles and the exit status */
		gboolean more;
	} lists[] = {
		{ "list", 1 + SHOWN + 2, TRUE },
		{ "list --class unknown", 1 + SHOWN + 2, TRUE },
		{ "list --missing date", 1 + MANY / 2 + 1 + 1, FALSE },
		{ "list --limit 7", 1 + 7 + 1, FALSE },
		{ "list --limit 1050", 1 + 1050 + 1, FALSE },
		{ "list --limit 99999999999", 1 + MANY + 3 + 1, FALSE },
		{ "list --all", 1 + MANY + 3 + 1, FALSE },
		{ "list --json", MANY + 3 + 1, FALSE },
		{ "list --json --limit 1001", 1001 + 1, FALSE },
	};
	const Office *office = *state;
	add_many(office);
	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++) {
		g_autofree char *output = call(office, lists[i].call);
		print_message("%s\n", lists[i].call);
		assert_int_equal(count_lines(output), lists[i].lines);
		assert_int_equal(strstr(output, more) != NULL, lists[i].more);
	}
}

static void
test_no_store_yet(void **state)
{
	Office *office = *state;
	g_autofree char *file =
	        g_build_filename(office->directory, "state", "triaged.db", NULL);
	assert_int_equal(g_unlink(file), 0);
	must_say(office, "status", "has triaged run with these settings?");
	must_say(office, "list", "[exit 74]");
}

/* What /healthz would say of the office's store. */
static char *
tell_health(const Office *office)
{
	g_autofree char *place = g_build_filename(office->directory, "state", NULL);
	g_autoptr(Settings) settings;
	g_autoptr(Store) store;
	g_auto(HealthFacts) facts = { 0 };
	must(settings = settings_load(office->config, &error));
	must(store = store_open(place, STORE_READING, &error));
	must(health_read(store, settings, &facts, &error));
	g_autoptr(GPtrArray) troubles = health_judge(&facts);
	return health_page(troubles);
}

/* Whoever asks, by the command or by HTTP, is told of the same troubles. */
static void
test_health_agrees(void **state)
{
	const Office *office = *state;
	g_autofree char *output = call(office, "status --json");
	g_autofree char *page = tell_health(office);
	g_autoptr(GString) told = g_string_new("unhealthy\n");
	json_error_t error;
	json_t *status = json_loads(output, JSON_DISABLE_EOF_CHECK, &error), *problem;
	assert_non_null(status);
	const json_t *problems = json_object_get(status, "problems");
	gsize i;
	assert_int_equal(json_array_size(problems), 6);
	json_array_foreach(problems, i, problem) g_string_append_printf(
	        told, "%s\n", json_string_value(json_object_get(problem, "words")));
	assert_string_equal(page, told->str);
	json_decref(status);
}

#define WITH_OFFICE(test)                                                              \
	cmocka_unit_test_setup_teardown(test, open_office, close_office)

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	g_setenv("TZ", "Europe/Rome", TRUE);
	suite_add_table(suite, samples, test_call);
	suite_add(suite, WITH_OFFICE(test_release_and_cancel),
	        WITH_OFFICE(test_long_list), WITH_OFFICE(test_no_store_yet),
	        WITH_OFFICE(test_health_agrees));
	return suite_run(suite, "triagectl", NULL, NULL);
}
