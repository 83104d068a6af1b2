#include <glib/gstdio.h>
#include <string.h>

#include "base/errors.h"
#include "desk/credential.h"
#include "tests/suite.h"

static const struct command {
	const char *name, *command, *secret;
	ErrorCode code; /* without a secret */
	const char *message;
} commands[] = {
	{ "its first line", "printf 'word\\nmore\\n'", "word", 0, NULL },
	{ "no shell", "echo $HOME;x", "$HOME;x", 0, NULL },
	{ "one that fails", "false", NULL, ERROR_TEMPORARY, "exited with code 1" },
	{ "one that fails and speaks", "sh -c 'echo word; exit 3'", NULL,
	        ERROR_TEMPORARY, "exited with code 3" },
	{ "one that says nothing", "true", NULL, ERROR_CONFIG, "no secret" },
	{ "one that hangs", "sleep 600", NULL, ERROR_TEMPORARY,
	        "'sleep' did not end within 1 s and was killed" },
	{ "one that hangs after its word", "sh -c 'echo word; sleep 600'", NULL,
	        ERROR_TEMPORARY, "did not end within 1 s and was killed" },
	{ "one that leaves a child with its output", "sh -c 'sleep 600 & echo word'",
	        "word", 0, NULL },
	{ "one that is deaf to signals", "sh -c 'trap \"\" TERM INT HUP; sleep 600'",
	        NULL, ERROR_TEMPORARY, "did not end within 1 s and was killed" },
	{ "one that says too much", "sh -c 'echo word; yes | head -c 1000000'", "word",
	        0, NULL },
	{ "one that is not there", "/nowhere/secret", NULL, ERROR_CONFIG, "command" },
};

static void
test_command(void **state)
{
	const struct command *sample = *state;
	g_autofree char *url = g_strdup("imaps://imap.example.it");
	g_autofree char *user = g_strdup("anna");
	g_autofree char *command = g_strdup(sample->command);
	const ServerSettings server = { .url = url,
		.user = user,
		.password_command = command,
		.command_seconds = 1 };
	g_autoptr(GError) error = NULL;
	g_autoptr(Endpoint) endpoint = credential_endpoint(&server, &error);
	if (sample->secret != NULL) {
		assert_non_null(endpoint);
		assert_string_equal(secret_text(endpoint->secret), sample->secret);
		return;
	}
	assert_null(endpoint);
	assert_true(g_error_matches(error, TRIAGED_ERROR, (int)sample->code));
	assert_non_null(strstr(error->message, sample->message));
}

static void
test_file(void **state)
{
	static const struct {
		guint mode;
		gboolean good;
	} modes[] = { { 0600, TRUE }, { 0400, TRUE }, { 0640, TRUE }, { 0604, FALSE },
		{ 0620, FALSE } };
	(void)state;
	g_autofree char *file = NULL;
	int fd = g_file_open_tmp("triaged-credential-XXXXXX", &file, NULL);
	assert_true(fd >= 0 && g_close(fd, NULL));
	assert_true(g_file_set_contents(file, "word\r\nmore\n", -1, NULL));
	const ServerSettings server = {
		.url = file, .user = file, .password_file = file
	};
	for (gsize i = 0; i < G_N_ELEMENTS(modes); i++) {
		g_autoptr(GError) error = NULL;
		assert_int_equal(g_chmod(file, (int)modes[i].mode), 0);
		g_autoptr(Endpoint) endpoint = credential_endpoint(&server, &error);
		assert_int_equal(endpoint != NULL, modes[i].good);
		if (endpoint != NULL)
			assert_string_equal(secret_text(endpoint->secret), "word");
	}
	g_unlink(file);
}

/* A token command that counts its runs in a file, and what it prints. */
typedef struct {
	char *directory, *runs, *command;
	ServerSettings server;
} Issuer;

static void
issuer_open(Issuer *issuer, const char *printed)
{
	issuer->directory = g_dir_make_tmp("triaged-token-XXXXXX", NULL);
	issuer->runs = g_build_filename(issuer->directory, "runs", NULL);
	issuer->command =
	        g_strdup_printf("sh -c 'echo >>%s; printf \"%s\" $(wc -l <%s)'",
	                issuer->runs, printed, issuer->runs);
	issuer->server = (ServerSettings){ .url = (char *)"imaps://imap.example.it",
		.user = (char *)"anna",
		.token_command = issuer->command,
		.command_seconds = 10 };
}

static void
issuer_close(Issuer *issuer)
{
	g_unlink(issuer->runs);
	g_rmdir(issuer->directory);
	g_free(issuer->directory);
	g_free(issuer->runs);
	g_free(issuer->command);
}

static void
assert_logs_in_with(Credential *credential, const char *token)
{
	g_autoptr(Endpoint) endpoint = credential_log_in(credential, NULL);
	assert_non_null(endpoint);
	assert_true(endpoint->token);
	assert_string_equal(secret_text(endpoint->secret), token);
}

static void
refuse(Credential *credential)
{
	g_autoptr(Endpoint) endpoint = credential_log_in(credential, NULL);
	g_atomic_int_inc(endpoint->refusals);
}

static void
test_token_is_kept_until_refused(void **state)
{
	(void)state;
	Issuer issuer;
	issuer_open(&issuer, "token-%s\\nexpires_in=3600\\n");
	g_autoptr(Credential) credential = credential_new(&issuer.server, -1);
	assert_logs_in_with(credential, "token-1");
	assert_false(credential_forget_refused(credential)); /* a network's trouble */
	assert_logs_in_with(credential, "token-1");
	credential_accept(credential);
	refuse(credential);
	assert_true(credential_forget_refused(credential));
	assert_logs_in_with(credential, "token-2");
	/* A new one that is refused is not the token's age's fault. */
	refuse(credential);
	assert_false(credential_forget_refused(credential));
	assert_logs_in_with(credential, "token-3");
	assert_false(credential_has_expired(credential));
	issuer_close(&issuer);
}

static void
test_token_that_expires(void **state)
{
	(void)state;
	Issuer issuer;
	issuer_open(&issuer, "token-%s\\nexpires_in=0\\n");
	g_autoptr(Credential) credential = credential_new(&issuer.server, -1);
	assert_logs_in_with(credential, "token-1");
	assert_true(credential_has_expired(credential));
	assert_logs_in_with(credential, "token-2");
	issuer_close(&issuer);
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add(suite, cmocka_unit_test(test_file),
	        cmocka_unit_test(test_token_is_kept_until_refused),
	        cmocka_unit_test(test_token_that_expires));
	suite_add_table(suite, commands, test_command);
	return suite_run(suite, "credential", NULL, NULL);
}
