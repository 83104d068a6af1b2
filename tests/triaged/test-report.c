/*
 * The report on a journal that tests/store/make-journal made: its figures agree with each
 * other and with what was put in, in every form, and no customer is named in them.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <string.h>

#include "rules/wording.h"
#include "triage/case.h"

#define MAILS "1500"

typedef struct {
	char *directory, *config;
} Office;

static char *
program(const char *floor, const char *name)
{
	return g_build_filename(g_getenv("TRIAGED_BUILD"), floor, name, NULL);
}

static char *
call(const char *line)
{
	g_autofree char *out = NULL, *err = NULL;
	int status;
	assert_true(g_spawn_command_line_sync(line, &out, &err, &status, NULL));
	if (status != 0)
		fail_msg("%s: %s", line, err);
	return g_steal_pointer(&out);
}

static char *
report(const Office *office, const char *arguments)
{
	g_autofree char *triagectl = program("triaged", "triagectl");
	g_autofree char *line = g_strdup_printf(
	        "%s -c %s report %s", triagectl, office->config, arguments);
	return call(line);
}

static int
open_office(void **state)
{
	Office *office = g_new0(Office, 1);
	office->directory = g_dir_make_tmp("triaged-report-XXXXXX", NULL);
	office->config = g_build_filename(office->directory, "triaged.conf", NULL);
	g_autofree char *maker = program("tests/store", "make-journal");
	g_autofree char *line =
	        g_strdup_printf("%s %s/state " MAILS, maker, office->directory);
	g_autofree char *text = g_strdup_printf(
	        "state = \"%s/state\";\ncatalogue = [ \"%s/config/catalogue\" ];\n"
	        "identity = { name = \"A\"; address = \"a@example.it\"; };\n"
	        "mailboxes = ( { name = \"a\"; imap = { url = \"imap://127.0.0.1\";\n"
	        "  user = \"a\"; password_command = \"true\"; }; } );\n"
	        "smtp = { url = \"smtp://127.0.0.1\"; };\n",
	        office->directory, g_getenv("TRIAGED_SOURCE"));
	assert_true(g_file_set_contents(office->config, text, -1, NULL));
	g_free(call(line));
	*state = office;
	return 0;
}

static int
close_office(void **state)
{
	Office *office = *state;
	const char *argv[] = { "rm", "-rf", office->directory, NULL };
	g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
	        NULL, NULL, NULL);
	g_free(office->directory);
	g_free(office->config);
	g_free(office);
	return 0;
}

static json_t *
report_json(const Office *office, const char *arguments)
{
	g_autofree char *line = g_strconcat("--json ", arguments, NULL);
	g_autofree char *out = report(office, line);
	json_t *object = json_loads(out, 0, NULL);
	assert_non_null(object);
	return object;
}

static gint64
number(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);
	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

/* The sum of a number over an array's objects. */
static gint64
sum(const json_t *object, const char *list, const char *name)
{
	gint64 all = 0;
	gsize index;
	json_t *entry;
	json_array_foreach(json_object_get(object, list), index, entry) all +=
	        number(entry, name);
	return all;
}

static gint64
sum_days(const json_t *object)
{
	gint64 all = 0;
	gsize index;
	json_t *class, *count;
	const char *day;
	json_array_foreach(json_object_get(object, "classes"), index, class)
	{
		json_object_foreach(json_object_get(class, "days"), day, count) all +=
		        json_integer_value(count);
	}
	return all;
}

static void
test_figures_agree(void **state)
{
	json_t *object = report_json(*state, "");
	gint64 mails = number(object, "mails"), tickets = number(object, "tickets");
	assert_int_equal(mails, atoi(MAILS));
	assert_int_equal(sum(object, "classes", "mails"),
	        mails - number(object, "not_analysed"));
	assert_int_equal(sum(object, "classes", "tickets"), tickets);
	assert_int_equal(sum_days(object), tickets);
	assert_int_equal(sum(object, "held", "mails"), sum(object, "classes", "held"));
	assert_int_equal(
	        sum(object, "no_reply", "mails"), sum(object, "classes", "no_reply"));
	assert_int_equal(sum(object, "corrections", "mails"),
	        sum(object, "classes", "corrected"));
	json_t *complete = json_object_get(object, "complete");
	double first = json_real_value(json_object_get(complete, "first"));
	double now = json_real_value(json_object_get(complete, "now"));
	assert_true(first > 0.2 && first < now && now < 0.9);
	json_t *answers = json_object_get(object, "answers");
	double median = json_real_value(json_object_get(answers, "median_seconds"));
	double p95 = json_real_value(json_object_get(answers, "p95_seconds"));
	assert_true(median > 0 && median < 2 && p95 > median);
	json_decref(object);
}

/* Two halves are the whole; the time that parts them is one of the local zone. */
static void
test_since_and_until(void **state)
{
	json_t *whole = report_json(*state, "");
	json_t *before = report_json(*state, "--until 2026-10-01");
	json_t *after = report_json(*state, "--since 2026-10-01");
	assert_true(number(before, "mails") > 0 && number(after, "mails") > 0);
	assert_int_equal(number(before, "mails") + number(after, "mails"),
	        number(whole, "mails"));
	assert_int_equal(number(before, "tickets") + number(after, "tickets"),
	        number(whole, "tickets"));
	json_decref(whole);
	json_decref(before);
	json_decref(after);
}

/* Two wordings of one refusal are taken together. */
static void
test_like_texts(void **state)
{
	json_t *object = report_json(*state, "");
	json_t *likes = json_object_get(object, "unmatched");
	gint64 most = number(json_array_get(likes, 0), "mails"), together = 0;
	gsize index;
	json_t *entry;
	json_array_foreach(likes, index, entry)
	{
		assert_true(number(entry, "mails") <= most);
		assert_true(json_is_null(json_object_get(entry, "example")));
		together += number(entry, "forms") > 1;
	}
	assert_true(together >= 1);
	assert_true(json_array_size(likes) <= 6);
	json_decref(object);
}

static void
test_nobody_is_named(void **state)
{
	static const char *const forms[] = { "", "--json", "--html -" };
	for (gsize i = 0; i < G_N_ELEMENTS(forms); i++) {
		g_autofree char *with =
		        g_strconcat(forms[i], " --with-addresses", NULL);
		g_autofree char *out = report(*state, forms[i]);
		g_autofree char *named = report(*state, with);
		assert_null(strstr(out, "@example"));
		assert_null(strstr(out, "cliente1"));
		assert_non_null(strstr(named, "@example.it"));
	}
}

static void
test_what_if(void **state)
{
	json_t *object = report_json(*state, "--what-if draft");
	json_t *what_if = json_object_get(object, "what_if");
	assert_int_equal(sum(what_if, "classes", "sent"), 0);
	assert_true(sum(what_if, "classes", "drafted") > 0);
	assert_int_equal(sum(what_if, "classes", "sent") +
	                         sum(what_if, "classes", "drafted") +
	                         sum(what_if, "classes", "held") +
	                         sum(what_if, "classes", "no_reply"),
	        sum(object, "classes", "mails"));
	assert_int_equal(
	        sum(what_if, "held", "mails"), sum(what_if, "classes", "held"));
	json_decref(object);
}

/* The page holds what the figures say, and nothing it would have to fetch. */
static void
test_page(void **state)
{
	const Office *office = *state;
	g_autofree char *file = g_build_filename(office->directory, "page.html", NULL);
	g_autofree char *line = g_strdup_printf("--html %s", file);
	g_autofree char *nothing = report(office, line);
	g_autofree char *page = NULL;
	GStatBuf status;
	assert_string_equal(nothing, "");
	assert_true(g_file_get_contents(file, &page, NULL, NULL));
	assert_int_equal(g_stat(file, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	json_t *object = report_json(office, "");
	g_autofree char *tickets = g_strdup_printf("id=\"all-tickets\">%d.%03d ",
	        (int)number(object, "tickets") / 1000,
	        (int)number(object, "tickets") % 1000);
	assert_non_null(strstr(page, tickets));
	assert_non_null(strstr(page, "data-class=\"spam-detected\""));
	assert_null(strstr(page, "http:"));
	assert_null(strstr(page, "https:"));
	assert_null(strstr(page, "<script"));
	assert_null(strstr(page, "{{"));
	json_decref(object);
}

/* Whatever can shut a gate, or be missing, is said in the page's language. */
static void
test_wording(void **state)
{
	(void)state;
	g_autofree char *directory = g_build_filename(
	        g_getenv("TRIAGED_SOURCE"), "config", "catalogue", NULL);
	const char *directories[] = { directory, NULL };
	GError *error = NULL;
	g_autoptr(Wording) wording = wording_load(directories, "it", &error);
	assert_non_null(wording);
	for (guint gate = GATE_NONE; gate < GATE_COUNT; gate++) {
		const char *name = gate_name(gate);
		if (wording_text(wording, "reason", name) == name)
			fail_msg("reason/%s is not in report/it.conf", name);
	}
	for (guint item = 0; item < ITEM_COUNT; item++) {
		const char *name = item_name(item);
		if (wording_text(wording, "item", name) == name)
			fail_msg("item/%s is not in report/it.conf", name);
	}
}

/* No mail at all is a report too. */
static void
test_empty(void **state)
{
	g_autofree char *text = report(*state, "--since 2027-01-01");
	g_autofree char *page = report(*state, "--since 2027-01-01 --html -");
	json_t *object = report_json(*state, "--since 2027-01-01 --what-if send");
	assert_string_equal(text, "no mail in this time\n");
	assert_non_null(strstr(page, "</html>"));
	assert_null(strstr(page, "<table"));
	assert_int_equal(number(object, "mails"), 0);
	json_decref(object);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_figures_agree),
		cmocka_unit_test(test_since_and_until),
		cmocka_unit_test(test_like_texts),
		cmocka_unit_test(test_nobody_is_named),
		cmocka_unit_test(test_what_if),
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_wording),
		cmocka_unit_test(test_empty),
	};
	g_setenv("TZ", "Europe/Rome", TRUE);
	return cmocka_run_group_tests_name("report", tests, open_office, close_office);
}
