#include <string.h>

#include "desk/exposition.h"
#include "tests/suite.h"

static const struct sample {
	const char *name, *value, *wanted;
} samples[] = {
	{ "plain", "spam-detected", "spam-detected" },
	{ "quotes", "a \"b\" c", "a \\\"b\\\" c" },
	{ "backslash", "a\\b", "a\\\\b" },
	{ "a line end", "a\nb 1\nc_total{x=\"", "a\\nb 1\\nc_total{x=\\\"" },
	{ "accents", "perch\xc3\xa9", "perch\xc3\xa9" },
	{ "no UTF-8",
	        "a\xff\xfe"
	        "b",
	        "a\xef\xbf\xbd\xef\xbf\xbd"
	        "b" },
	{ "empty", "", "" },
};

static char *
text_of(Exposition *exposition)
{
	g_autoptr(GBytes) bytes = exposition_end(exposition);
	gsize length;
	const char *text = g_bytes_get_data(bytes, &length);
	return g_strndup(text, length);
}

static void
test_label_value(void **state)
{
	const struct sample *sample = *state;
	g_autoptr(Exposition) exposition = exposition_new(FORM_PROMETHEUS);
	exposition_begin(exposition, "a_total", METRIC_COUNTER, "Help.");
	exposition_add(exposition, 3, "class", sample->value, "action", "send", NULL);
	g_autofree char *text = text_of(exposition);
	g_autofree char *wanted =
	        g_strdup_printf("# HELP a_total Help.\n"
	                        "# TYPE a_total counter\n"
	                        "a_total{class=\"%s\",action=\"send\"} 3\n",
	                sample->wanted);
	assert_string_equal(text, wanted);
}

/* A class may be called as its author likes; nobody's memory grows with that. */
static void
test_long_value_is_cut(void **state)
{
	(void)state;
	g_autofree char *longer = g_strnfill(EXPOSITION_VALUE_CHARS + 1, 'x');
	g_autofree char *wanted = g_strdup_printf(
	        "{class=\"%.*s\"} 1.5\n", EXPOSITION_VALUE_CHARS, longer);
	g_autoptr(Exposition) exposition = exposition_new(FORM_PROMETHEUS);
	exposition_begin(exposition, "a", METRIC_GAUGE, "Help.");
	exposition_add(exposition, 1.5, "class", longer, NULL);
	g_autofree char *text = text_of(exposition);
	assert_true(g_str_has_suffix(text, wanted));
}

static void
test_times_add_up(void **state)
{
	static const double ends[] = { 0.25, 10 };
	static const gint64 counts[] = { 2, 0, 5 };
	(void)state;
	g_autoptr(Exposition) exposition = exposition_new(FORM_PROMETHEUS);
	exposition_begin(exposition, "t_seconds", METRIC_HISTOGRAM, "Times.");
	exposition_add_times(exposition, ends, 2, counts, 61.5);
	g_autofree char *text = text_of(exposition);
	assert_string_equal(text, "# HELP t_seconds Times.\n"
	                          "# TYPE t_seconds histogram\n"
	                          "t_seconds_bucket{le=\"0.25\"} 2\n"
	                          "t_seconds_bucket{le=\"10\"} 2\n"
	                          "t_seconds_bucket{le=\"+Inf\"} 7\n"
	                          "t_seconds_sum 61.5\n"
	                          "t_seconds_count 7\n");
}

static void
test_openmetrics(void **state)
{
	(void)state;
	g_autoptr(Exposition) exposition = exposition_new(FORM_OPENMETRICS);
	exposition_begin(exposition, "a_total", METRIC_COUNTER, "Help.");
	exposition_add(exposition, 12345678901, NULL);
	exposition_begin(exposition, "b", METRIC_GAUGE, "Help.");
	exposition_add(exposition, 0.5, NULL);
	g_autofree char *text = text_of(exposition);
	assert_string_equal(text, "# HELP a Help.\n# TYPE a counter\n"
	                          "a_total 12345678901\n"
	                          "# HELP b Help.\n# TYPE b gauge\n"
	                          "b 0.5\n# EOF\n");
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, samples, test_label_value);
	suite_add(suite, cmocka_unit_test(test_long_value_is_cut),
	        cmocka_unit_test(test_times_add_up),
	        cmocka_unit_test(test_openmetrics));
	return suite_run(suite, "exposition", NULL, NULL);
}
