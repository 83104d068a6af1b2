/* Nothing that others can reach is taken for an address of this host alone. */
#include <glib.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "rules/listen_address.h"
#include "tests/suite.h"

#define PATH_107                                                                       \
	"/0123456789012345678901234567890123456789012345678901234567890123456789012"   \
	"345678901234567890123456789012345"

static const struct sample {
	const char *text;
	int family; /* 0: refused */
	const char *path;
} samples[] = {
	{ "127.0.0.1:9762", AF_INET, NULL },
	{ "127.1.2.3:1", AF_INET, NULL },
	{ "localhost:65535", AF_INET, NULL },
	{ "[::1]:9762", AF_INET6, NULL },
	{ "unix:/run/triaged/metrics.sock", AF_UNIX, "/run/triaged/metrics.sock" },
	{ "unix:" PATH_107, AF_UNIX, PATH_107 },
	{ "unix:" PATH_107 "8", 0, NULL },
	{ "unix:metrics.sock", 0, NULL },
	{ "unix:", 0, NULL },
	{ "0.0.0.0:9762", 0, NULL },
	{ "[::]:9762", 0, NULL },
	{ "[::ffff:192.0.2.1]:9762", 0, NULL },
	{ "192.0.2.1:9762", 0, NULL },
	{ "10.0.0.1:9762", 0, NULL },
	{ "128.0.0.1:9762", 0, NULL },
	{ "metrics.example.it:9762", 0, NULL },
	{ "localhost.example.it:9762", 0, NULL },
	{ "::1:9762", 0, NULL },
	{ "[127.0.0.1]:9762", 0, NULL },
	{ "127.0.0.1", 0, NULL },
	{ "127.0.0.1:", 0, NULL },
	{ "127.0.0.1:0", 0, NULL },
	{ "127.0.0.1:65536", 0, NULL },
	{ "127.0.0.1:99999999999999999999", 0, NULL },
	{ "127.0.0.1:+97", 0, NULL },
	{ "127.0.0.1: 97", 0, NULL },
	{ "127.0.0.1:97x", 0, NULL },
	{ ":9762", 0, NULL },
	{ "*:9762", 0, NULL },
	{ "9762", 0, NULL },
};

static void
test_address(void **state)
{
	const struct sample *sample = *state;
	struct sockaddr_storage address;
	socklen_t length = 0;
	gboolean parsed = listen_address_parse(sample->text, &address, &length);
	assert_int_equal(parsed, sample->family != 0);
	if (!parsed)
		return;
	assert_int_equal(address.ss_family, sample->family);
	assert_in_range(length, sizeof(struct sockaddr_in), sizeof address);
	if (sample->path != NULL)
		assert_string_equal(
		        ((const struct sockaddr_un *)(const void *)&address)->sun_path,
		        sample->path);
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, samples, test_address);
	return suite_run(suite, "listen_address", NULL, NULL);
}
