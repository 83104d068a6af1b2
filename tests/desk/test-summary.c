/* What agents read of a customer's values: a note in HTML, and one field of a copy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "desk/summary.h"

#define HOSTILE                                                                        \
	"</td><script>\\\"x\\\"&amp;</script>; date=ieri\\r\\nBcc: "                   \
	"e\\u202e\\u200b{{value}}"

static GPtrArray no_classes;
static const Catalogue no_catalogue = { .classes = &no_classes };

static JournalMail
hostile_mail(void)
{
	static const char json[] =
	        "{\"checklist\": [{\"item\": \"sender\", \"state\": \"present\","
	        " \"value\": \"" HOSTILE
	        "\", \"origin\": \"words\", \"part\": \"<b>\"},"
	        " {\"item\": \"error_text\", \"state\": \"missing\"}],"
	        " \"evidence\": [{\"origin\": \"words\", \"signature\": \"a/b\","
	        " \"text\": \"" HOSTILE "\", \"part\": \"<b>\"}],"
	        " \"runner_up\": {\"class\": \"<i>\"},"
	        " \"reply\": {\"to\": \"<b>@example.org\"}}";
	return (JournalMail){ .id = 1,
		.class = (char *)"<u>",
		.reason = (char *)"<s>",
		.missing = (char *)"",
		.outcome = JOURNAL_HELD,
		.case_json = (char *)(gpointer)json };
}

static void
assert_no_markup(const Values *values, const char *name)
{
	const char *text = values_text(values, name);
	assert_non_null(text);
	if (strpbrk(text, "<>\"\r\n") != NULL || strstr(text, "\u202e") != NULL)
		fail_msg("%s: %s", name, text);
}

static void
test_note(void **state)
{
	static const char *const lists[] = { "found_items", "evidence_items" };
	static const char *const names[] = { "title", "class", "reason", "answered_to",
		"runner_up" };
	(void)state;
	JournalMail mail = hostile_mail();
	g_autoptr(Values) values = summary_note(&mail, &no_catalogue, summary_html);
	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++) {
		const GPtrArray *list = values_list(values, lists[i]);
		assert_non_null(list);
		assert_int_equal(list->len, 1);
		assert_no_markup(list->pdata[0], "value");
		assert_no_markup(list->pdata[0], "part");
		assert_non_null(
		        strstr(values_text(list->pdata[0], "value"), "&lt;script&gt;"));
	}
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		assert_no_markup(values, names[i]);
}

/* A value that looks like a further item is part of its own. */
static void
test_copy(void **state)
{
	(void)state;
	JournalMail mail = hostile_mail();
	g_autofree char *found = summary_found(&mail);
	assert_string_equal(found, "sender=</td><script>\"x\"&amp,</script>, date=ieri "
	                           "Bcc: e {{value}}");
}

/* Many items and long values do not make a long note. */
static void
test_long(void **state)
{
	(void)state;
	g_autofree char *value = g_strnfill(5000, '<');
	g_autoptr(GString) json = g_string_new("{\"checklist\": [");
	for (guint i = 0; i < 1000; i++)
		g_string_append_printf(json,
		        "%s{\"item\": \"date\", \"state\": \"present\","
		        " \"value\": \"%s\"}",
		        i > 0 ? "," : "", value);
	g_string_append(json, "]}");
	JournalMail mail = hostile_mail();
	mail.case_json = json->str;
	g_autoptr(Values) values = summary_note(&mail, &no_catalogue, summary_html);
	const GPtrArray *list = values_list(values, "found_items");
	assert_int_equal(list->len, 12);
	assert_true(g_utf8_strlen(values_text(list->pdata[0], "value"), -1) <= 301);
	g_autofree char *found = summary_found(&mail);
	assert_true(g_utf8_strlen(found, -1) < 200);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_note),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_long),
	};
	return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}
