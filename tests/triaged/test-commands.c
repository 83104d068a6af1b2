/*
 * The commands that study mails and the catalogue, as a person calls them: what they print
 * must be what stands in tests/triaged/commands. With REWRITE_EXPECTED=1 the files are
 * written anew, and the difference is for a person to read.
 */
#include <glib.h>
#include <string.h>
#include <sys/wait.h>

#include "tests/expected.h"
#include "tests/suite.h"

#define CALLS_MAX 8

static const struct call_sample {
	const char *name; /* also the expected file's */
	const char *calls[CALLS_MAX];
} samples[] = {
	{ "preview", { "-c shop.conf preview mails/spam.eml",
	                     "-c shop.conf preview mails/follow-up.eml" } },
	{ "preview-html", { "-c shop.conf preview --html mails/english.eml" } },
	{ "preview-text", { "-c shop.conf preview --text mails/spam.eml",
	                          "-c shop.conf preview --text mails/full.eml" } },
	{ "preview-draft", { "-c shop.conf preview --text mails/proposal.eml" } },
	{ "preview-none", { "-c shop.conf preview mails/held.eml",
	                          "-c shop.conf preview --html mails/automatic.eml" } },
	{ "preview-example", { "-c anonymous.conf preview mails/spam.eml" } },
	{ "preview-misused",
	        { "preview", "preview a b", "preview --nonsense mails/spam.eml",
	                "-c shop.conf preview mails/none.eml",
	                "-c shop.conf preview mails/empty.eml",
	                "-c none.conf preview mails/spam.eml",
	                "-c broken.conf preview mails/spam.eml", "preview --help" } },
	{ "rules-list",
	        { "-c shop.conf rules list", "-c shop.conf rules list --json" } },
	{ "rules-check", { "-c shop.conf rules check", "-c crossed.conf rules check",
	                         "-c broken.conf rules check",
	                         "-c shop.conf rules check --mails mails/spam.eml "
	                         "--mails mails/full.eml",
	                         "-c shop.conf rules check --mails none" } },
	{ "rules-test-hit",
	        { "-c shop.conf rules test '552 5.2.0 spam detected'",
	                "-c shop.conf rules test --as report '552 5.2.2 full'",
	                "-c shop.conf rules test '552 non è spam detected'" } },
	{ "rules-test-near",
	        { "-c shop.conf rules test '554 5.2.2 spam detected'",
	                "-c shop.conf rules test "
	                "'552 host mx.example.org said: spam detected'",
	                "-c shop.conf rules test 'message found to be spam'",
	                "-c shop.conf rules test '552 5.2.0 spam was detected'",
	                "-c shop.conf rules test 'tutto bene'" } },
	{ "rules-test-json",
	        { "-c shop.conf rules test --json '554 5.2.2 spam detected'" } },
	{ "rules-misused", { "rules", "rules nonsense", "rules list x", "rules check x",
	                           "rules test", "rules test --as nobody x",
	                           "-c shop.conf rules test ' '", "rules --help" } },
	{ "replay", { "-c shop.conf replay --against changed.conf mails/automatic.eml "
	              "mails/spam.eml mails/full.eml mails/english.eml" } },
	{ "replay-same", { "-c shop.conf replay --against shop.conf mails/spam.eml" } },
	{ "replay-json", { "-c shop.conf replay --json --against changed.conf "
	                   "mails/spam.eml" } },
	{ "replay-misused",
	        { "replay mails", "replay --against shop.conf",
	                "-c shop.conf replay --against none.conf mails/spam.eml",
	                "-c shop.conf replay --against broken.conf mails/spam.eml",
	                "-c shop.conf replay --against shop.conf mails/none.eml "
	                "mails/spam.eml",
	                "replay --help" } },
	{ "tags", { "-c shop.conf tags", "-c shop.conf tags --json" } },
	{ "tags-thunderbird", { "-c shop.conf tags --thunderbird" } },
	{ "tags-roundcube", { "-c shop.conf tags --roundcube" } },
	{ "tags-misused", { "tags x", "tags --outlook", "-c broken.conf tags" } },
};

/* What a call prints on stdout and stderr, and its exit status. */
static char *
call(const char *arguments)
{
	g_autofree char *directory =
	        g_build_filename(g_getenv("TRIAGED_SOURCE"), "tests", "triaged", NULL);
	g_autofree char *program = g_build_filename(
	        g_getenv("TRIAGED_BUILD"), "triaged", "triagectl", NULL);
	g_autofree char *line = g_strdup_printf("%s %s", program, arguments);
	g_autofree char *out = NULL, *err = NULL;
	g_auto(GStrv) words = NULL;
	int status;
	assert_true(g_shell_parse_argv(line, NULL, &words, NULL));
	assert_true(g_spawn_sync(directory, words, NULL, G_SPAWN_DEFAULT, NULL, NULL,
	        &out, &err, &status, NULL));
	assert_true(WIFEXITED(status));
	return g_strdup_printf("%s%s[exit %d]\n", out, err, WEXITSTATUS(status));
}

static void
test_call(void **state)
{
	const struct call_sample *sample = *state;
	g_autoptr(GString) found = g_string_new(NULL);
	for (guint i = 0; i < CALLS_MAX && sample->calls[i] != NULL; i++) {
		g_autofree char *output = call(sample->calls[i]);
		g_string_append_printf(
		        found, "$ triagectl %s\n%s", sample->calls[i], output);
	}
	g_autofree char *name = g_strconcat(sample->name, ".expect", NULL);
	g_autofree char *file = g_build_filename(
	        g_getenv("TRIAGED_SOURCE"), "tests", "triaged", "commands", name, NULL);
	expected_check(file, found->str);
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	g_setenv("TZ", "Europe/Rome", TRUE);
	suite_add_table(suite, samples, test_call);
	return suite_run(suite, "commands", NULL, NULL);
}
