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
	int port;
};

/* One peer plays all talks of a test program: starting python3 takes longer than most. */
static GSubprocess *peer;
static gboolean playing;
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

static void
stop_peer(void)
{
	if (peer != NULL)
		g_subprocess_force_exit(peer);
	g_clear_object(&peer);
}

static void
start_peer(const char *top)
{
	g_autofree char *program = g_strdup_printf("%s/tests/talks/peer", top);
	g_autoptr(GError) error = NULL;
	peer = g_subprocess_new(
	        G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error,
	        "python3", "-I", "-S", program, "-t", need_certificates(top), "-",
	        NULL);
	assert_null(error);
	atexit(stop_peer);
}

static void
read_line(char *line, gsize size)
{
	GInputStream *output = g_subprocess_get_stdout_pipe(peer);
	gsize length = 0;
	while (length + 1 < size && (length == 0 || line[length - 1] != '\n')) {
		if (g_input_stream_read(output, line + length, 1, NULL, NULL) != 1)
			break;
		length++;
	}
	line[length] = '\0';
}

/* A test that failed has left its talk half played. */
static void
need_peer(const char *top)
{
	if (playing)
		stop_peer();
	if (peer == NULL)
		start_peer(top);
	playing = TRUE;
}

Talk *
talk_start(const char *name)
{
	const char *top = g_getenv("TRIAGED_SOURCE");
	if (top == NULL || !has_program("python3") || !has_program("openssl"))
		skip();
	need_peer(top);
	char line[32];
	Talk *talk = g_new0(Talk, 1);
	g_autofree char *file = g_strdup_printf("%s/tests/talks/%s.talk\n", top, name);
	GOutputStream *input = g_subprocess_get_stdin_pipe(peer);
	assert_true(
	        g_output_stream_write_all(input, file, strlen(file), NULL, NULL, NULL));
	read_line(line, sizeof line);
	assert_int_equal(sscanf(line, "PORT %d", &talk->port), 1);
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
	char line[32];
	read_line(line, sizeof line);
	playing = FALSE;
	assert_string_equal(line, "OK\n");
	g_free(talk);
}
