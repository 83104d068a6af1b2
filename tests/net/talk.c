#include "talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <gio/gio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An address of this machine that is loopback, but not so that an endpoint would know. */
#define STRICT_HOST "[::ffff:127.0.0.1]"

struct Talk {
	GSubprocess *peer;
	int port;
};

static char *certificates;

static void
remove_certificates(void)
{
	g_autofree char *command = g_strdup_printf("rm -rf '%s'", certificates);
	if (system(command) != 0)
		fprintf(stderr, "cannot remove %s\n", certificates);
	g_free(certificates);
}

static const char *
need_certificates(const char *top)
{
	if (certificates != NULL)
		return certificates;
	certificates = g_dir_make_tmp("talks-XXXXXX", NULL);
	atexit(remove_certificates);
	g_autofree char *command = g_strdup_printf(
	        "'%s/tests/talks/certificates' '%s'", top, certificates);
	assert_int_equal(system(command), 0);
	return certificates;
}

static gboolean
has_program(const char *name)
{
	g_autofree char *path = g_find_program_in_path(name);
	return path != NULL;
}

static int
read_port(GSubprocess *peer)
{
	char line[32] = "";
	GInputStream *output = g_subprocess_get_stdout_pipe(peer);
	for (gsize i = 0; i + 1 < sizeof line && (i == 0 || line[i - 1] != '\n'); i++)
		if (g_input_stream_read(output, line + i, 1, NULL, NULL) != 1)
			break;
	int port = 0;
	assert_int_equal(sscanf(line, "PORT %d", &port), 1);
	return port;
}

Talk *
talk_start(const char *name)
{
	const char *top = g_getenv("TRIAGED_SOURCE");
	if (top == NULL || !has_program("python3") || !has_program("openssl"))
		skip();
	g_autofree char *peer = g_strdup_printf("%s/tests/talks/peer", top);
	g_autofree char *file = g_strdup_printf("%s/tests/talks/%s.talk", top, name);
	g_autoptr(GError) error = NULL;
	Talk *talk = g_new0(Talk, 1);
	talk->peer = g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, "python3",
	        peer, "-t", need_certificates(top), file, NULL);
	assert_null(error);
	talk->port = read_port(talk->peer);
	return talk;
}

Endpoint *
talk_endpoint(const Talk *talk, const char *scheme, gboolean strict, gboolean login)
{
	g_autofree char *url = g_strdup_printf(
	        "%s://%s:%d", scheme, strict ? STRICT_HOST : "127.0.0.1", talk->port);
	Endpoint *endpoint = endpoint_new(url);
	endpoint->ca_file = g_build_filename(certificates, "ca.pem", NULL);
	if (login)
		endpoint_set_login(endpoint, "user@example.it",
		        secret_new(TALK_PASSWORD, -1), FALSE);
	return endpoint;
}

void
talk_finish(Talk *talk)
{
	g_autoptr(GError) error = NULL;
	assert_true(g_subprocess_wait(talk->peer, NULL, &error));
	assert_true(g_subprocess_get_if_exited(talk->peer));
	assert_int_equal(g_subprocess_get_exit_status(talk->peer), 0);
	g_object_unref(talk->peer);
	g_free(talk);
}
