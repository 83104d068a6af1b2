#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/errors.h"
#include "net/endpoint.h"
#include "net/session.h"

static const struct host_sample {
	const char *url;
	gboolean loopback;
} host_samples[] = {
	{ "imap://127.0.0.1", TRUE },
	{ "imap://127.1.2.3:1143", TRUE },
	{ "imap://[::1]:1143", TRUE },
	{ "imap://LOCALHOST", TRUE },
	{ "imap://mail.localhost/", TRUE },
	{ "imap://localhost.example.org", FALSE },
	{ "imap://127.0.0.1.example.org", FALSE },
	{ "imap://127.0.0.1@example.org", FALSE },
	{ "imap://example.org/127.0.0.1", FALSE },
	{ "imap://example.org#@127.0.0.1", FALSE },
	{ "imap://[::ffff:127.0.0.1]", FALSE },
	{ "imap://192.0.2.1", FALSE },
	{ "imap://0.0.0.0", FALSE },
	{ "imap://", FALSE },
	{ "", FALSE },
};

static void
test_loopback(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(host_samples); i++) {
		g_autoptr(Endpoint) endpoint = endpoint_new(host_samples[i].url);
		assert_int_equal(
		        endpoint_is_loopback(endpoint), host_samples[i].loopback);
	}
}

static void
test_bad_urls(void **state)
{
	static const char *const urls[] = { "", "imap://", "http://127.0.0.1",
		"file:///etc/passwd", "imap://user:secret@127.0.0.1",
		"imap:/127.0.0.1 x" };
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(urls); i++) {
		g_autoptr(Endpoint) endpoint = endpoint_new(urls[i]);
		g_autoptr(GError) error = NULL;
		assert_null(session_open(endpoint, &error));
		assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_CONFIG));
		assert_null(strstr(error->message, "secret"));
	}
}

static void
test_secret(void **state)
{
	(void)state;
	g_autoptr(Secret) secret = secret_new("pass word", -1);
	g_autoptr(Secret) part = secret_new("password\n", 8);
	assert_string_equal(secret_text(secret), "pass word");
	assert_string_equal(secret_text(part), "password");
	assert_null(secret_new("a\r\nb", -1));
	assert_null(secret_new("a\0b", 3));
	assert_null(secret_new("", 64 * 1024 + 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loopback),
		cmocka_unit_test(test_bad_urls),
		cmocka_unit_test(test_secret),
	};
	return cmocka_run_group_tests_name("endpoint", tests, NULL, NULL);
}
