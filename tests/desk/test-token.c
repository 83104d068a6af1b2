#include <glib.h>

#include "desk/token.h"
#include "tests/suite.h"

#define NOW 1793973600

/* {"sub":"1","exp":1793974200} and others, without padding. */
static const struct sample {
	const char *name, *printed;
	gint64 lifetime;
} samples[] = {
	{ "opaque", "ya29.a0AfB_byC\n", -1 },
	{ "opaque with two dots", "a.b.c\n", -1 },
	{ "empty", "", -1 },
	{ "JWT", "e30.eyJzdWIiOiIxIiwiZXhwIjoxNzkzOTc0MjAwfQ.c2ln\n", 600 },
	{ "JWT with a fraction", "e30.eyJleHAiOjE3OTM5NzQyMDAuNX0.c2ln", 600 },
	{ "JWT that has expired", "e30.eyJleHAiOjE3OTM5NzM1OTB9.c2ln\n", 0 },
	{ "JWT without exp", "e30.eyJzdWIiOiIxIn0.c2ln\n", -1 },
	{ "JWT with a text", "e30.eyJleHAiOiJzb29uIn0.c2ln\n", -1 },
	{ "JWT for ever", "e30.eyJleHAiOjk5OTk5OTk5OTk5OX0.c2ln\n", 30 * 86400 },
	{ "no JSON", "e30.////.c2ln\n", -1 },
	{ "only one dot before the line ends", "e30.eyJl\neHAiOjE3.x", -1 },
	{ "told", "ya29.a0AfB_byC\nexpires_in=3599\n", 3599 },
	{ "told and JWT", "e30.eyJleHAiOjE3OTM5NzQyMDB9.c2ln\nexpires_in=5\n", 5 },
	{ "told first is the token itself", "expires_in=3599\n", -1 },
	{ "told later", "t\nscope=mail\nexpires_in=60", 60 },
	{ "told nonsense", "t\nexpires_in=soon\n", 0 },
};

static void
test_lifetime(void **state)
{
	const struct sample *sample = *state;
	assert_int_equal(token_lifetime(sample->printed, NOW), sample->lifetime);
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, samples, test_lifetime);
	return suite_run(suite, "token", NULL, NULL);
}
