#include "base/errors.h"
#include "state.h"
#include "store/conversation.h"

#include <string.h>

static gint64
begin_conversation(Store *store, char **token)
{
	gint64 id;
	must_commit(store, conversation_new(store, NOW, &id, token, &error));
	return id;
}

static void
test_comes_back_whole(void **state)
{
	Store *store = *state;
	g_autofree char *token = NULL;
	gint64 mail = state_add_mail(store, 1, "unknown", "", JOURNAL_PENDING);
	gint64 id = begin_conversation(store, &token);
	must(store_begin(store, &error));
	ConversationUpdate update = { .state = "open", .root = mail };
	must(conversation_update(store, id, &update, &error));
	must(journal_set_conversation(store, mail, id, &error));
	/* Who began it stays. */
	update = (ConversationUpdate){ "handed-over", "asked for", "{}", 0 };
	must(conversation_update(store, id, &update, &error));
	must(store_commit(store, &error));
	g_autoptr(Conversation) found = conversation_get(store, id, NULL);
	assert_string_equal(found->token, token);
	assert_true(found->root == mail && found->created_at == NOW);
	assert_string_equal(found->state, "handed-over");
	assert_string_equal(found->reason, "asked for");
	assert_string_equal(found->data, "{}");
	assert_int_equal(found->mails, 1);
	assert_int_equal(found->replies, 0);
	g_autoptr(JournalMail) root = journal_get(store, mail, NULL);
	assert_string_equal(root->token, token);
	must_fail(
	        conversation_get(store, 77, &error), ERROR_INPUT, "no conversation 77");
}

static void
test_tokens_are_unique(void **state)
{
	Store *store = *state;
	g_autoptr(GHashTable) seen =
	        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (guint i = 0; i < 500; i++) {
		char *token;
		gint64 found, id = begin_conversation(store, &token);
		assert_int_equal(strlen(token), TOKEN_LENGTH);
		g_autofree char *lower = g_ascii_strdown(token, -1);
		must(conversation_find_token(store, lower, &found, &error));
		assert_true(found == id);
		assert_true(g_hash_table_add(seen, token));
	}
}

static void
test_found_by_the_last_known_message(void **state)
{
	static const char *const references[] = { "<a@x>", "<b@x>", "<c@x>", NULL };
	static const char *const foreign[] = { "<d@x>", NULL };
	Store *store = *state;
	g_autofree char *one_token = NULL, *other_token = NULL;
	gint64 found, one = begin_conversation(store, &one_token);
	gint64 other = begin_conversation(store, &other_token);
	gboolean ours;
	must(store_begin(store, &error));
	must(conversation_add_message(store, one, "<a@x>", FALSE, &error));
	must(conversation_add_message(store, other, "<b@x>", TRUE, &error));
	must(conversation_add_message(store, one, "<b@x>", FALSE, &error));
	must(store_commit(store, &error));
	must(conversation_find(store, references, &found, &ours, &error));
	assert_true(found == other && ours);
	must(conversation_find(store, foreign, &found, NULL, &error));
	assert_true(found == 0);
	must(conversation_find(store, NULL, &found, NULL, &error));
	assert_true(found == 0);
}

static void
test_knows_who_takes_part(void **state)
{
	Store *store = *state;
	g_autofree char *token = NULL;
	gboolean has;
	gint64 mail = state_add_mail(store, 1, "unknown", "", JOURNAL_PENDING);
	gint64 id = begin_conversation(store, &token);
	must_commit(store, journal_set_conversation(store, mail, id, &error));
	must(conversation_has_sender(store, id, "ANNA@example.it", &has, &error));
	assert_true(has);
	must(conversation_has_sender(store, id, "mallory@example.org", &has, &error));
	assert_false(has);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(test_comes_back_whole),
		WITH_STORE(test_tokens_are_unique),
		WITH_STORE(test_found_by_the_last_known_message),
		WITH_STORE(test_knows_who_takes_part),
	};
	return cmocka_run_group_tests_name("conversation", tests, NULL, NULL);
}
