/* The mailbox against a real Dovecot, Maildir and sdbox. Run by tests/net/live. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/errors.h"
#include "live.h"
#include "net/folder.h"
#include "net/mailbox.h"

#define MAILS 70                /* more than two batches */
#define LARGE (3 * 1024 * 1024) /* of one mail, fetched in part */
#define MAX_BYTES (100 * 1024)
#define IDLE_MS 20000
#define DATE 1784249065

/* Two connections to one mailbox: ours and an agent's. */
typedef struct {
	Endpoint *endpoint;
	Mailbox *ours, *agent;
} Pair;

static Mailbox *
open_inbox(const Endpoint *endpoint)
{
	g_autoptr(GError) error = NULL;
	Mailbox *mailbox = mailbox_open(endpoint, "INBOX", &error);
	if (error != NULL)
		fail_msg("%s", error->message);
	return mailbox;
}

static int
open_pair(void **state)
{
	const char *user = live_variable(*state);
	Pair *pair = g_new0(Pair, 1);
	gboolean implicit = g_str_equal((const char *)*state, "SUPPORT_SDBOX");
	pair->endpoint = live_endpoint(implicit ? "imaps" : "imap",
	        implicit ? "IMAPS_PORT" : "IMAP_PORT", user);
	pair->ours = open_inbox(pair->endpoint);
	pair->agent = open_inbox(pair->endpoint);
	*state = pair;
	return 0;
}

static int
close_pair(void **state)
{
	Pair *pair = *state;
	mailbox_close(pair->ours);
	mailbox_close(pair->agent);
	endpoint_free(pair->endpoint);
	g_free(pair);
	return 0;
}

static void
append_to(Mailbox *mailbox, const char *folder, guint number, gsize size, guint32 *uid)
{
	g_autoptr(GBytes) mail = live_mail(number, size);
	g_autoptr(GError) error = NULL;
	MailboxAppend append = {
		.folder = folder, .internaldate = DATE, .bytes = mail
	};
	if (!mailbox_append(mailbox, &append, uid, &error))
		fail_msg("%s", error->message);
}

static GPtrArray *
list_from(Mailbox *mailbox, guint32 uid)
{
	g_autoptr(GError) error = NULL;
	assert_true(mailbox_noop(mailbox, &error));
	GPtrArray *list = mailbox_list_new(mailbox, uid, &error);
	if (list == NULL)
		fail_msg("%s", error->message);
	return list;
}

static gboolean
has_flag(const MailInfo *info, const char *flag)
{
	for (guint i = 0; info->flags[i] != NULL; i++)
		if (g_ascii_strcasecmp(info->flags[i], flag) == 0)
			return TRUE;
	return FALSE;
}

typedef struct {
	guint count, truncated;
	guint32 first;
} Received;

static gboolean
receive(const MailInfo *info, GBytes *bytes, gboolean truncated, gpointer data)
{
	Received *received = data;
	g_autoptr(GBytes) mail = live_mail(info->uid - received->first,
	        truncated ? LARGE : 200 * (info->uid - received->first));
	gsize size = g_bytes_get_size(bytes);
	assert_int_equal(info->internaldate, DATE);
	assert_int_equal(info->size, g_bytes_get_size(mail));
	assert_true(truncated ? size == MAX_BYTES : size == info->size);
	assert_memory_equal(
	        g_bytes_get_data(bytes, NULL), g_bytes_get_data(mail, NULL), size);
	received->count++;
	received->truncated += truncated ? 1 : 0;
	return TRUE;
}

static void
fetch_all(Mailbox *mailbox, const GPtrArray *list, Received *received)
{
	g_autofree guint32 *uids = g_new0(guint32, list->len + 1);
	MailboxRequest request = { uids, list->len, MAX_BYTES };
	g_autoptr(GError) error = NULL;
	for (guint i = 0; i < list->len; i++)
		uids[i] = ((MailInfo *)g_ptr_array_index(list, i))->uid;
	if (!mailbox_fetch(mailbox, &request, receive, received, &error))
		fail_msg("%s", error->message);
}

static void
test_fetch(void **state)
{
	Pair *pair = *state;
	guint32 first = mailbox_state(pair->ours)->uidnext;
	for (guint i = 0; i < MAILS; i++)
		append_to(pair->agent, "INBOX", i, i == MAILS / 2 ? LARGE : 200 * i,
		        NULL);
	g_autoptr(GPtrArray) list = list_from(pair->ours, first);
	assert_int_equal(list->len, MAILS);
	Received received = { .first = first };
	fetch_all(pair->ours, list, &received);
	assert_int_equal(received.count, MAILS);
	assert_int_equal(received.truncated, 1);
	g_autoptr(GPtrArray) again = list_from(pair->ours, first);
	for (guint i = 0; i < again->len; i++)
		assert_false(has_flag(g_ptr_array_index(again, i), "\\Seen"));
}

static void
test_gone(void **state)
{
	Pair *pair = *state;
	guint32 first = mailbox_state(pair->ours)->uidnext;
	for (guint i = 0; i < 4; i++)
		append_to(pair->agent, "INBOX", i, 200 * i, NULL);
	g_autoptr(GPtrArray) list = list_from(pair->ours, first);
	g_autoptr(GArray) gone = g_array_new(FALSE, FALSE, sizeof(guint32));
	guint32 uid = first + 1;
	g_array_append_val(gone, uid);
	assert_true(mailbox_noop(pair->agent, NULL));
	assert_true(mailbox_move(pair->agent, gone, "Fatti", NULL, NULL));
	Received received = { .first = first };
	fetch_all(pair->ours, list, &received);
	assert_in_range(received.count, 3, 4);
	static const char *const keywords[] = { "triage-error", NULL };
	g_array_append_val(gone, first);
	assert_true(mailbox_store(pair->ours, gone, TRUE, keywords, NULL));
	g_autoptr(GPtrArray) left = list_from(pair->ours, first);
	assert_int_equal(left->len, 3);
	assert_true(has_flag(g_ptr_array_index(left, 0), "triage-error"));
}

static void
test_store(void **state)
{
	static const char *const keywords[] = { "triage-spam-detected",
		"triage-complete", NULL };
	Pair *pair = *state;
	g_autoptr(GArray) uids = g_array_new(FALSE, FALSE, sizeof(guint32));
	g_autoptr(GError) error = NULL;
	guint32 uid;
	for (guint i = 0; i < 3; i++) {
		append_to(pair->agent, "INBOX", i, 0, &uid);
		assert_true(uid > 0);
		g_array_append_val(uids, uid);
	}
	guint32 first = g_array_index(uids, guint32, 0);
	g_array_remove_index(uids, 1);
	assert_true(mailbox_noop(pair->ours, &error));
	assert_true(mailbox_takes_keyword(pair->ours, keywords[0]));
	assert_true(mailbox_store(pair->ours, uids, TRUE, keywords, &error));
	g_autoptr(GPtrArray) list = list_from(pair->agent, first);
	for (guint i = 0; i < 3; i++) {
		const MailInfo *info = g_ptr_array_index(list, i);
		assert_int_equal(has_flag(info, keywords[0]), i != 1);
		assert_int_equal(has_flag(info, keywords[1]), i != 1);
		assert_false(has_flag(info, "\\Seen"));
	}
	assert_true(mailbox_store(pair->ours, uids, FALSE, keywords, &error));
	g_autoptr(GPtrArray) after = list_from(pair->agent, first);
	assert_false(has_flag(g_ptr_array_index(after, 0), keywords[0]));
}

/* Wait for one kind of news; others may come first. */
static void
await_news(Mailbox *mailbox, MailboxEvents wanted)
{
	MailboxEvents events;
	g_autoptr(GError) error = NULL;
	do {
		events = mailbox_idle(mailbox, TRUE, NULL, 0, IDLE_MS, &error);
		if (error != NULL)
			fail_msg("%s", error->message);
		assert_true((events & MAILBOX_TIMEOUT) == 0);
	} while ((events & wanted) == 0);
}

static void
test_idle(void **state)
{
	static const char *const keywords[] = { "triage-held", NULL };
	Pair *pair = *state;
	guint32 uid;
	g_autoptr(GArray) uids = g_array_new(FALSE, FALSE, sizeof(guint32));
	assert_int_equal(
	        mailbox_idle(pair->ours, TRUE, NULL, 0, 100, NULL) & MAILBOX_NEW_MAIL,
	        0);
	append_to(pair->agent, "INBOX", 1, 0, &uid);
	await_news(pair->ours, MAILBOX_NEW_MAIL);
	g_array_append_val(uids, uid);
	assert_true(mailbox_store(pair->agent, uids, TRUE, keywords, NULL));
	await_news(pair->ours, MAILBOX_FLAGS);
	assert_true(mailbox_move(pair->agent, uids, "Fatti", NULL, NULL));
	await_news(pair->ours, MAILBOX_EXPUNGED);
}

static void
test_folders(void **state)
{
	Pair *pair = *state;
	g_autofree char *sent = NULL, *drafts = NULL, *trash = NULL;
	assert_true(mailbox_special_use(pair->ours, "\\Sent", &sent, NULL));
	assert_true(mailbox_special_use(pair->ours, "\\Drafts", &drafts, NULL));
	assert_true(mailbox_special_use(pair->ours, "\\Trash", &trash, NULL));
	assert_string_equal(sent, "Sent");
	assert_string_equal(drafts, "Drafts");
	assert_null(trash);
	guint32 uidvalidity = mailbox_state(pair->ours)->uidvalidity;
	append_to(pair->ours, sent, 77, 0, NULL);
	append_to(pair->ours, "Perché \"no\"", 78, 0, NULL);
	g_autoptr(GArray) found = mailbox_search_header(
	        pair->ours, sent, "Message-ID", "<77@live.test>", NULL);
	g_autoptr(GArray) other = mailbox_search_header(
	        pair->ours, sent, "Message-ID", "<78@live.test>", NULL);
	g_autoptr(GArray) nowhere = mailbox_search_header(
	        pair->ours, "Niente", "Message-ID", "<77@live.test>", NULL);
	assert_int_equal(found->len, 1);
	assert_int_equal(other->len, 0);
	assert_int_equal(nowhere->len, 0);
	assert_int_equal(mailbox_state(pair->ours)->uidvalidity, uidvalidity);
	assert_true(mailbox_noop(pair->ours, NULL));
}

static void
test_probe(void **state)
{
	Pair *pair = *state;
	g_autoptr(GPtrArray) lines = mailbox_probe(pair->ours, NULL);
	g_ptr_array_add(lines, NULL);
	g_autofree char *text = g_strjoinv("\n", (GStrv)lines->pdata);
	assert_non_null(strstr(text, "connection encrypted (TLS)"));
	assert_non_null(strstr(text, "stores any keyword"));
	assert_non_null(strstr(text, "(IDLE)"));
	assert_non_null(strstr(text, "Sent folder: \"Sent\""));
}

static void
test_restart(void **state)
{
	Pair *pair = *state;
	g_autoptr(GError) error = NULL;
	guint32 uidvalidity = mailbox_state(pair->ours)->uidvalidity;
	live_servers("stop-imap");
	assert_int_equal(mailbox_idle(pair->ours, TRUE, NULL, 0, IDLE_MS, &error), 0);
	assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_TEMPORARY));
	assert_true(mailbox_is_dead(pair->ours));
	g_clear_error(&error);
	assert_null(mailbox_open(pair->endpoint, "INBOX", &error));
	assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_TEMPORARY));
	live_servers("start-imap");
	mailbox_close(pair->ours);
	pair->ours = open_inbox(pair->endpoint);
	assert_int_equal(mailbox_state(pair->ours)->uidvalidity, uidvalidity);
}

static void
test_refusals(void **state)
{
	(void)state;
	const char *user = live_variable("SUPPORT_MAILDIR");
	g_autoptr(Endpoint) wrong = live_endpoint("imap", "IMAP_PORT", user);
	g_autoptr(Endpoint) unknown_ca = live_endpoint("imaps", "IMAPS_PORT", user);
	g_autoptr(Endpoint) no_file = live_endpoint("imaps", "IMAPS_PORT", user);
	g_autoptr(Endpoint) right = live_endpoint("imap", "IMAP_PORT", user);
	g_autoptr(GError) error = NULL;
	endpoint_set_login(wrong, user, secret_new("wrong-word", -1), FALSE);
	assert_null(mailbox_open(wrong, "INBOX", &error));
	assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_REFUSED));
	assert_null(strstr(error->message, "wrong-word"));
	g_clear_error(&error);
	g_clear_pointer(&unknown_ca->ca_file, g_free);
	assert_null(mailbox_open(unknown_ca, "INBOX", &error));
	assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_REFUSED));
	g_clear_error(&error);
	g_free(no_file->ca_file);
	no_file->ca_file = g_strdup("/nonexistent/ca.pem");
	assert_null(mailbox_open(no_file, "INBOX", &error));
	assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_CONFIG));
	g_clear_error(&error);
	assert_null(mailbox_open(right, "Niente", &error));
	assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_REFUSED));
}

#define LIVE(name, test, user)                                                         \
	{                                                                              \
		name, test, open_pair, close_pair, (void *)user                        \
	}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE("Maildir: fetch", test_fetch, "SUPPORT_MAILDIR"),
		LIVE("sdbox: fetch", test_fetch, "SUPPORT_SDBOX"),
		LIVE("Maildir: gone between list and fetch", test_gone,
		        "SUPPORT_MAILDIR"),
		LIVE("sdbox: gone between list and fetch", test_gone, "SUPPORT_SDBOX"),
		LIVE("Maildir: store", test_store, "SUPPORT_MAILDIR"),
		LIVE("sdbox: store", test_store, "SUPPORT_SDBOX"),
		LIVE("Maildir: idle", test_idle, "SUPPORT_MAILDIR"),
		LIVE("sdbox: idle", test_idle, "SUPPORT_SDBOX"),
		LIVE("Maildir: folders", test_folders, "SUPPORT_MAILDIR"),
		LIVE("sdbox: folders", test_folders, "SUPPORT_SDBOX"),
		LIVE("Maildir: probe", test_probe, "SUPPORT_MAILDIR"),
		LIVE("sdbox: restart", test_restart, "SUPPORT_SDBOX"),
		cmocka_unit_test(test_refusals),
	};
	return cmocka_run_group_tests_name("live-mailbox", tests, NULL, NULL);
}
