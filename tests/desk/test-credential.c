#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib/gstdio.h>
#include <string.h>

#include "base/errors.h"
#include "desk/credential.h"

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
	{ "one that is not there", "/nowhere/secret", NULL, ERROR_CONFIG, "command" },
};

static void
test_command(void **state)
{
	const struct command *sample = *state;
	g_autofree char *url = g_strdup("imaps://imap.example.it");
	g_autofree char *user = g_strdup("anna");
	g_autofree char *command = g_strdup(sample->command);
	const ServerSettings server = {
		.url = url, .user = user, .password_command = command
	};
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

int
main(void)
{
	struct CMUnitTest tests[G_N_ELEMENTS(commands) + 1] = {
		cmocka_unit_test(test_file),
	};
	for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
		tests[i + 1] = (struct CMUnitTest){ commands[i].name, test_command,
			NULL, NULL, (void *)&commands[i] };
	return cmocka_run_group_tests_name("credential", tests, NULL, NULL);
}
