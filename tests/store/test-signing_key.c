#include "state.h"
#include "store/signing_key.h"

#include <string.h>

static void
test_message_id_is_recognised(void **state)
{
	(void)state;
	g_autoptr(SigningKey) key = signing_key_new_random();
	g_autofree char *token = signing_key_make_token(key, 42, 0);
	g_autofree char *id = message_id_sign(key, token, 1234, "example.it");
	g_autofree char *same = message_id_sign(key, token, 1234, "example.it");
	assert_string_equal(id, same);
	assert_true(g_str_has_prefix(id, "<TR-"));
	assert_true(g_str_has_suffix(id, "@example.it>"));
	g_autofree char *found = NULL;
	gint64 mail;
	assert_true(message_id_verify(key, id, &found, &mail));
	assert_string_equal(found, token);
	assert_true(mail == 1234);
	g_autofree char *lower = g_ascii_strdown(id, -1);
	assert_true(message_id_verify(key, lower, NULL, NULL));
	lower[strlen(lower) - 1] = '\0';
	assert_true(message_id_verify(key, lower + 1, NULL, NULL));
}

static void
test_any_change_is_noticed(void **state)
{
	(void)state;
	g_autoptr(SigningKey) key = signing_key_new_random();
	g_autofree char *id = message_id_sign(key, "TR-ABCDEF", 12, "example.it");
	gsize end = strchr(id, '@') - id;
	for (gsize i = 1; i < end; i++) {
		g_autofree char *changed = g_strdup(id);
		changed[i] = changed[i] == '7' ? '8' : '7';
		assert_false(message_id_verify(key, changed, NULL, NULL));
		changed[i] = '\0';
		assert_false(message_id_verify(key, changed, NULL, NULL));
	}
	g_autoptr(SigningKey) other = signing_key_new_random();
	assert_false(message_id_verify(other, id, NULL, NULL));
}

static const char *const foreign_ids[] = {
	"",
	"<>",
	"<@>",
	"<TR-ABCDEF@x>",
	"<TR-ABCDEF.1.@x>",
	"<TR-ABCDEF.1.0000@x>",
	"<TR-ABCDEF.-1.00000000000000000000@x>",
	"<TR-ABCDEF.99999999999999999999.00000000000000000000@x>",
	"<a1@example.it>",
	"<%s%s%n.1.0@x>",
};

static void
test_foreign_ids(void **state)
{
	(void)state;
	g_autoptr(SigningKey) key = signing_key_new_random();
	g_autofree char *endless = g_strnfill(100000, 'A');
	for (gsize i = 0; i < G_N_ELEMENTS(foreign_ids); i++)
		assert_false(message_id_verify(key, foreign_ids[i], NULL, NULL));
	assert_false(message_id_verify(key, NULL, NULL, NULL));
	assert_false(message_id_verify(key, endless, NULL, NULL));
}

/* Only our notes, and never a reply's id, which customers know. */
static void
test_note_ids(void **state)
{
	(void)state;
	g_autoptr(SigningKey) key = signing_key_new_random();
	g_autoptr(SigningKey) other = signing_key_new_random();
	g_autofree char *id = note_id_sign(key, 42, "example.it");
	g_autofree char *reply = message_id_sign(key, "TR-7K3QZ9", 42, "example.it");
	g_autofree char *endless = g_strnfill(100000, 'A');
	g_autofree char *changed = g_strdup(id);
	changed[strlen("<note.")] = '3';
	assert_true(note_id_verify(key, id));
	assert_true(note_id_verify(key, id + 1));
	assert_false(note_id_verify(key, changed));
	assert_false(note_id_verify(other, id));
	assert_false(note_id_verify(key, reply));
	assert_false(message_id_verify(key, id, NULL, NULL));
	assert_false(note_id_verify(key, endless));
	assert_false(note_id_verify(key, "<note.42.>"));
	assert_false(note_id_verify(key, NULL));
}

static const struct token_sample {
	const char *name, *text, *wanted;
} samples[] = {
	{ "at the end", "R: Re: posta ferma [TR-7K3QZ9]", "TR-7K3QZ9" },
	{ "lower case", "r: tr-7k3qz9", "TR-7K3QZ9" },
	{ "the first of two", "TR-000000 TR-111111", "TR-000000" },
	{ "a wrong one before", "TR-1 [TR-7K3QZ9]", "TR-7K3QZ9" },
	{ "too short", "TR-7K3QZ", NULL },
	{ "too long", "TR-7K3QZ9A", NULL },
	{ "a letter that is not used", "TR-7K3QZI", NULL },
	{ "none", "posta ferma", NULL },
	{ "empty", "", NULL },
	{ "no text", NULL, NULL },
};

static void
test_token_find(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
		g_autofree char *found = token_find(samples[i].text);
		if (g_strcmp0(found, samples[i].wanted) != 0)
			fail_msg("%s: %s", samples[i].name, found);
	}
}

static void
test_rounds_give_other_tokens(void **state)
{
	(void)state;
	g_autoptr(SigningKey) key = signing_key_new_random();
	g_autofree char *first = signing_key_make_token(key, 1, 0);
	g_autofree char *second = signing_key_make_token(key, 1, 1);
	assert_string_not_equal(first, second);
	g_autofree char *found = token_find(first);
	assert_string_equal(found, first);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_message_id_is_recognised),
		cmocka_unit_test(test_any_change_is_noticed),
		cmocka_unit_test(test_foreign_ids),
		cmocka_unit_test(test_note_ids),
		cmocka_unit_test(test_token_find),
		cmocka_unit_test(test_rounds_give_other_tokens),
	};
	return cmocka_run_group_tests_name("signing_key", tests, NULL, NULL);
}
