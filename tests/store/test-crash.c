/*
 * The process stops before and after every commit, for n = 1, 2, 3 ...; its successor does
 * what a desk does after a start. In the end everything is as if nothing had happened, save
 * a reply that was under way: that one is of unknown fate, once, and never sent again.
 */
#include "state.h"

#include "base/crash_point.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAILS 2
#define SKIPPED 77

/* Stands for the SMTP server: one line per mail that it got. */
static void
server_accept(const char *directory, const Effect *effect)
{
	g_autofree char *file = g_build_filename(directory, "sent", NULL);
	FILE *stream = fopen(file, "a");
	fprintf(stream, "%d\n", (int)effect->mail);
	fclose(stream);
	crash_point("test-sent");
}

static void
take_in(Store *store, guint number)
{
	gint64 id;
	g_autofree char *sha256 = state_sha256(number);
	g_autoptr(GBytes) payload = g_bytes_new_static("mail", 4);
	must(journal_find_sha256(store, sha256, &id, &error));
	if (id != 0)
		return;
	JournalMail mail = { .place = { S("a"), S("INBOX"), 7, number },
		.sha256 = sha256,
		.seen_at = NOW,
		.class = S("unknown") };
	Effect reply = { .kind = EFFECT_REPLY,
		.place = mail.place,
		.recipient = S("anna@example.it"),
		.payload = payload };
	must(store_begin(store, &error));
	must(journal_add(store, &mail, &id, &error));
	reply.mail = id;
	must(outbox_add(store, &reply, NOW, NULL, &error));
	must(store_commit(store, &error));
}

static void
send_one(Store *store, const char *directory, const Effect *effect)
{
	EffectFinish done = { .result = RESULT_DONE, .code = 250 };
	must_commit(store, outbox_mark_attempted(store, effect->id, NOW, &error));
	server_accept(directory, effect);
	must(store_begin(store, &error));
	must(outbox_finish(store, effect->id, &done, NOW, NULL, &error));
	must(journal_set_outcome(
	        store, effect->mail, JOURNAL_REPLIED, NULL, NOW, &error));
	must(store_commit(store, &error));
}

/* Held by an agent from now on, in the transaction that finds it out. */
static void
recover(Store *store, const OutboxClaim *claim)
{
	must(store_begin(store, &error));
	g_autoptr(GPtrArray) unknown = outbox_recover(store, claim, FALSE, NOW, NULL);
	assert_non_null(unknown);
	for (guint i = 0; i < unknown->len; i++) {
		const Effect *effect = unknown->pdata[i];
		must(journal_set_outcome(
		        store, effect->mail, JOURNAL_HELD, "unknown", NOW, &error));
	}
	must(store_commit(store, &error));
}

static void
run_desk(const char *directory)
{
	OutboxClaim claim = { .kinds = EFFECTS_OF_COURIER, .owner = "test" };
	g_autoptr(Store) store;
	must(store = store_open(directory, STORE_CREATE, &error));
	recover(store, &claim);
	for (guint i = 1; i <= MAILS; i++)
		take_in(store, i);
	must(store_begin(store, &error));
	g_autoptr(GPtrArray) claimed = outbox_claim(store, &claim, NOW, NULL);
	must(store_commit(store, &error));
	for (guint i = 0; i < claimed->len; i++)
		send_one(store, directory, claimed->pdata[i]);
}

static int
run_child(const char *directory, guint stop_at)
{
	int status;
	g_autofree char *at = g_strdup_printf("%u", stop_at);
	pid_t child = fork();
	if (child == 0) {
		g_setenv("TRIAGED_CRASH_AT", at, TRUE);
		run_desk(directory);
		_exit(0);
	}
	assert_true(waitpid(child, &status, 0) == child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static gboolean
collect(const JournalMail *mail, gpointer data)
{
	g_string_append_printf(data, "%s ", journal_outcome_name(mail->outcome));
	return TRUE;
}

/* Every mail once, none sent twice, what is replied was sent, what is held may have been. */
static void
check_end(const char *directory, guint stopped_at)
{
	g_autofree char *file = g_build_filename(directory, "sent", NULL);
	g_autofree char *sent = NULL;
	g_autoptr(GString) outcomes = g_string_new(NULL);
	JournalFilter oldest = { .oldest_first = TRUE };
	g_autoptr(Store) store;
	must(store = store_open(directory, STORE_EXISTING, &error));
	must(journal_each(store, &oldest, collect, outcomes, &error));
	assert_true(g_file_get_contents(file, &sent, NULL, NULL));
	g_auto(GStrv) lines = g_strsplit(sent, "\n", -1);
	guint count = g_strv_length(lines) - 1;
	gboolean held = strstr(outcomes->str, "held") != NULL;
	gboolean right = held ? count == MAILS || count == MAILS - 1 : count == MAILS;
	if (!right ||
	        (strcmp(outcomes->str, "replied replied ") != 0 &&
	                strcmp(outcomes->str, "held replied ") != 0 &&
	                strcmp(outcomes->str, "replied held ") != 0) ||
	        (count == MAILS && strcmp(lines[0], lines[1]) == 0))
		fail_msg("stopped at %u: %s sent %s", stopped_at, outcomes->str, sent);
}

static void
test_stop_everywhere(void **state)
{
	(void)state;
	int status = CRASH_POINT_STATUS;
	guint at;
	for (at = 1; status == CRASH_POINT_STATUS; at++) {
		char *directory = state_make();
		status = run_child(directory, at);
		if (status == CRASH_POINT_STATUS)
			assert_int_equal(run_child(directory, 0), 0);
		check_end(directory, at);
		state_remove(directory);
	}
	assert_int_equal(status, 0);
	assert_true(at > 10);
}

/* With a log, the count runs on over the processes that share it. */
static void
test_count_runs_over_processes(void **state)
{
	(void)state;
	char *directory = state_make();
	g_autofree char *log = g_build_filename(directory, "log", NULL);
	g_autofree char *text = NULL;
	g_setenv("TRIAGED_CRASH_LOG", log, TRUE);
	assert_int_equal(run_child(directory, 3), CRASH_POINT_STATUS);
	assert_int_equal(run_child(directory, 3), 0);
	assert_true(g_file_get_contents(log, &text, NULL, NULL));
	assert_true(
	        g_str_has_prefix(text, "store-commit-before\nstore-commit-after\n"));
	g_unsetenv("TRIAGED_CRASH_LOG");
	state_remove(directory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stop_everywhere),
		cmocka_unit_test(test_count_runs_over_processes),
	};
#ifndef WITH_CRASH_POINTS
	return SKIPPED;
#endif
	return cmocka_run_group_tests_name("crash", tests, NULL, NULL);
}
