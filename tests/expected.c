#include "tests/expected.h"

#include "tests/suite.h"

/* The whole texts are long. */
static void
check_lines(const char *found, const char *wanted)
{
	g_auto(GStrv) have = g_strsplit(found, "\n", -1);
	g_auto(GStrv) want = g_strsplit(wanted, "\n", -1);
	guint i = 0;
	while (have[i] != NULL && g_strcmp0(have[i], want[i]) == 0)
		i++;
	if (have[i] != NULL || want[i] != NULL)
		fail_msg("line %u\n  wanted: %s\n  found:  %s", i + 1,
		        want[i] != NULL ? want[i] : "(end)",
		        have[i] != NULL ? have[i] : "(end)");
}

void
expected_check(const char *file, const char *found)
{
	g_autofree char *wanted = NULL;
	if (g_getenv("REWRITE_EXPECTED") != NULL)
		assert_true(g_file_set_contents(file, found, -1, NULL));
	if (!g_file_get_contents(file, &wanted, NULL, NULL))
		fail_msg("no %s: REWRITE_EXPECTED=1 writes it", file);
	check_lines(found, wanted);
}
