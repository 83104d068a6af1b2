#include "live.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

const char *
live_variable(const char *name)
{
	const char *value = g_getenv(name);
	assert_non_null(value);
	return value;
}

Endpoint *
live_endpoint(const char *scheme, const char *port, const char *user)
{
	g_autofree char *url =
	        g_strdup_printf("%s://localhost:%s", scheme, live_variable(port));
	Endpoint *endpoint = endpoint_new(url);
	endpoint->ca_file = g_strdup(live_variable("CA_FILE"));
	endpoint_set_login(
	        endpoint, user, secret_new(live_variable("MAIL_PASSWORD"), -1), FALSE);
	return endpoint;
}

GBytes *
live_mail(guint number, gsize size)
{
	GString *text = g_string_new(NULL);
	g_string_printf(text,
	        "From: a@example.it\r\nMessage-ID: <%u@live.test>\r\nSubject: prova "
	        "%u\r\n\r\n"
	        "T1 OK done\r\n* BYE\r\n)\r\n",
	        number, number);
	while (text->len < size)
		g_string_append(text, "0123456789012345678901234567890123456789\r\n");
	return g_string_free_to_bytes(text);
}

void
live_servers(const char *verb)
{
	g_autofree char *command = g_strdup_printf("'%s/tests/live/servers' %s '%s'",
	        live_variable("TRIAGED_SOURCE"), verb, live_variable("SERVERS_DIR"));
	assert_int_equal(system(command), 0);
}
