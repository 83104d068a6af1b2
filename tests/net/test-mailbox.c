#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <unistd.h>

#include "base/errors.h"
#include "net/folder.h"
#include "net/mailbox.h"
#include "net/store_group.h"
#include "talk.h"

#define SHORT_SECONDS 1 /* for the talks in which the peer falls silent */
#define MAX_BYTES 1000
#define MAIL_DATE 1784249065 /* 17-Jul-2026 02:44:25 +0200 */

/* What mailbox_fetch() handed over. */
typedef struct {
	guint count;
	guint32 last_uid;
	gsize last_size;
	gsize size_of_uid[10];
	gboolean last_truncated, seen_uid[10];
	guint stop_after;
} Received;

static gboolean
receive(const MailInfo *info, GBytes *bytes, gboolean truncated, gpointer data)
{
	Received *received = data;
	assert_in_range(info->uid, 1, 9);
	assert_int_equal(info->internaldate, MAIL_DATE);
	assert_false(received->seen_uid[info->uid]);
	received->seen_uid[info->uid] = TRUE;
	received->count++;
	received->last_uid = info->uid;
	received->last_size = g_bytes_get_size(bytes);
	received->size_of_uid[info->uid] = received->last_size;
	received->last_truncated = truncated;
	return received->count != received->stop_after;
}

static Received
fetch(Mailbox *mailbox, int wanted_error)
{
	static const guint32 uids[] = { 1, 2, 3 };
	MailboxRequest request = { uids, G_N_ELEMENTS(uids), MAX_BYTES };
	Received received = { 0 };
	g_autoptr(GError) error = NULL;
	gboolean done = mailbox_fetch(mailbox, &request, receive, &received, &error);
	if (wanted_error < 0)
		assert_null(error);
	else
		assert_true(g_error_matches(error, TRIAGED_ERROR, wanted_error));
	assert_int_equal(done, wanted_error < 0);
	assert_int_equal(mailbox_is_dead(mailbox), wanted_error == ERROR_TEMPORARY);
	return received;
}

static void
fetch_three(Mailbox *mailbox)
{
	Received received = fetch(mailbox, -1);
	assert_int_equal(received.count, 3);
	assert_int_equal(received.last_uid, 3);
	assert_false(received.last_truncated);
}

static void
fetch_and_hear(Mailbox *mailbox)
{
	fetch_three(mailbox);
	assert_int_equal(mailbox_state(mailbox)->exists, 4);
	g_autoptr(GError) error = NULL;
	MailboxEvents events = mailbox_idle(mailbox, FALSE, NULL, 0, 0, &error);
	assert_int_equal(events, MAILBOX_NEW_MAIL | MAILBOX_FLAGS);
}

/* One of the three is listed, but the server does not hand it out. */
static void
fetch_second_withheld(Mailbox *mailbox)
{
	Received received = fetch(mailbox, ERROR_REFUSED);
	assert_int_equal(received.count, 2);
	assert_false(received.seen_uid[2]);
}

static void
fetch_first_withheld(Mailbox *mailbox)
{
	Received received = fetch(mailbox, ERROR_REFUSED);
	assert_int_equal(received.count, 1);
	assert_int_equal(received.last_uid, 2);
}

static void
fetch_second_only(Mailbox *mailbox)
{
	Received received = fetch(mailbox, -1);
	assert_int_equal(received.count, 1);
	assert_int_equal(received.last_uid, 2);
}

static void
fetch_cut(Mailbox *mailbox)
{
	Received received = fetch(mailbox, -1);
	assert_int_equal(received.count, 1);
	assert_int_equal(received.last_size, MAILBOX_HEADER_MAX);
	assert_true(received.last_truncated);
}

static void
fetch_headers_whole(Mailbox *mailbox)
{
	Received received = fetch(mailbox, -1);
	assert_int_equal(received.count, 2);
	assert_int_equal(received.size_of_uid[1], 5002);
	assert_int_equal(received.size_of_uid[2], 5001);
	assert_true(received.last_truncated);
}

static void
fetch_one_then_fail(Mailbox *mailbox)
{
	assert_int_equal(fetch(mailbox, ERROR_TEMPORARY).count, 1);
}

static void
fetch_fails(Mailbox *mailbox)
{
	assert_int_equal(fetch(mailbox, ERROR_TEMPORARY).count, 0);
	g_autoptr(GError) error = NULL;
	assert_false(mailbox_noop(mailbox, &error));
	assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_TEMPORARY));
}

static void
list_two(Mailbox *mailbox)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) list = mailbox_list_new(mailbox, 2, &error);
	assert_null(error);
	assert_int_equal(list->len, 2);
	const MailInfo *first = g_ptr_array_index(list, 0),
	               *second = g_ptr_array_index(list, 1);
	assert_int_equal(first->uid, 2);
	assert_int_equal(first->size, 77);
	assert_string_equal(first->flags[0], "\\Seen");
	assert_int_equal(second->uid, 9);
	assert_int_equal(second->internaldate, 1783417465);
	assert_string_equal(second->flags[1], "triage-x");
	assert_int_equal(mailbox_state(mailbox)->uidnext, 10);
}

static void
list_none(Mailbox *mailbox)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) list = mailbox_list_new(mailbox, 2, &error);
	assert_non_null(list);
	assert_int_equal(list->len, 0);
	assert_int_equal(mailbox_state(mailbox)->uidnext, 4);
}

static gboolean
store(Mailbox *mailbox, gboolean add, const char *const *keywords, GError **error)
{
	static const guint32 uids[] = { 9, 3, 1, 2 };
	g_autoptr(GArray) array = g_array_new(FALSE, FALSE, sizeof(guint32));
	g_array_append_vals(array, uids, keywords[1] != NULL ? 4 : 0);
	if (keywords[1] == NULL)
		g_array_append_val(array, uids[2]);
	return mailbox_store(mailbox, array, add, keywords, error);
}

static void
store_and_fail(Mailbox *mailbox)
{
	static const char *const keywords[] = { "triage-a", "triage-b", NULL };
	static const char *const unsayable[] = { "a b", NULL };
	g_autoptr(GError) error = NULL;
	assert_true(store(mailbox, TRUE, keywords, &error));
	assert_false(store(mailbox, FALSE, keywords, &error));
	assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_REFUSED));
	assert_non_null(strstr(error->message, "too many keywords"));
	g_clear_error(&error);
	assert_false(store(mailbox, TRUE, unsayable, &error));
	assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_INPUT));
	assert_false(mailbox_is_dead(mailbox));
}

static void
store_known_only(Mailbox *mailbox)
{
	static const char *const known[] = { "triage-a", NULL };
	static const char *const unknown[] = { "triage-a", "triage-b", NULL };
	g_autoptr(GError) error = NULL;
	assert_false(mailbox_state(mailbox)->keywords_allowed);
	assert_true(mailbox_takes_keyword(mailbox, "Triage-A"));
	assert_false(mailbox_takes_keyword(mailbox, "triage-b"));
	assert_false(store(mailbox, TRUE, unknown, &error));
	assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_REFUSED));
	assert_true(store(mailbox, TRUE, known, NULL));
}

static void
is_read_only(Mailbox *mailbox)
{
	assert_true(mailbox_state(mailbox)->read_only);
	assert_false(mailbox_takes_keyword(mailbox, "triage-a"));
}

static void
has_uidnext(Mailbox *mailbox)
{
	assert_int_equal(mailbox_state(mailbox)->uidnext, 42);
}

static void
idle_tells(Mailbox *mailbox)
{
	g_autoptr(GError) error = NULL;
	assert_int_equal(
	        mailbox_idle(mailbox, TRUE, NULL, 0, 20000, &error), MAILBOX_NEW_MAIL);
	assert_int_equal(mailbox_state(mailbox)->exists, 4);
	assert_true(mailbox_noop(mailbox, &error));
	assert_int_equal(
	        mailbox_idle(mailbox, TRUE, NULL, 0, 20000, &error), MAILBOX_EXPUNGED);
	assert_int_equal(mailbox_state(mailbox)->exists, 3);
}

static void
idle_tells_at_once(Mailbox *mailbox)
{
	g_autoptr(GError) error = NULL;
	gint64 start = g_get_monotonic_time();
	assert_int_equal(
	        mailbox_idle(mailbox, TRUE, NULL, 0, 20000, &error), MAILBOX_NEW_MAIL);
	assert_true(g_get_monotonic_time() - start < 10 * G_USEC_PER_SEC);
}

static void
idle_dies(Mailbox *mailbox)
{
	g_autoptr(GError) error = NULL;
	assert_int_equal(mailbox_idle(mailbox, TRUE, NULL, 0, 500, &error), 0);
	assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_TEMPORARY));
	assert_true(mailbox_is_dead(mailbox));
}

static void
idle_polls(Mailbox *mailbox)
{
	g_autoptr(GError) error = NULL;
	assert_int_equal(
	        mailbox_idle(mailbox, TRUE, NULL, 0, 100, &error), MAILBOX_NEW_MAIL);
}

static void
idle_times_out(Mailbox *mailbox)
{
	int pipe_fds[2];
	g_autoptr(GError) error = NULL;
	assert_int_equal(
	        mailbox_idle(mailbox, TRUE, NULL, 0, 100, &error), MAILBOX_TIMEOUT);
	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(write(pipe_fds[1], "x", 1), 1);
	struct pollfd other = { .fd = pipe_fds[0], .events = POLLIN };
	assert_int_equal(mailbox_idle(mailbox, TRUE, &other, 1, 20000, &error),
	        MAILBOX_OTHER_FD);
	assert_int_equal(other.revents, POLLIN);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

static MailboxAppend
append_sample(GBytes *bytes)
{
	static const char *const flags[] = { "\\Seen", NULL };
	return (MailboxAppend){ "Inviata ò", flags, MAIL_DATE, bytes };
}

static void
append_creates(Mailbox *mailbox)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static("A: b\r\n\r\nc", 9);
	g_autoptr(GBytes) with_nul = g_bytes_new_static("A: \0\r\n", 6);
	MailboxAppend append = append_sample(bytes);
	guint32 uid = 0;
	g_autoptr(GError) error = NULL;
	assert_true(mailbox_append(mailbox, &append, &uid, &error));
	assert_int_equal(uid, 3955);
	append.bytes = with_nul;
	assert_false(mailbox_append(mailbox, &append, &uid, &error));
	assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_INPUT));
}

static void
append_refused(Mailbox *mailbox)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static("A: b\r\n\r\nc", 9);
	MailboxAppend append = append_sample(bytes);
	g_autoptr(GError) error = NULL;
	assert_false(mailbox_append(mailbox, &append, NULL, &error));
	assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_REFUSED));
	assert_false(mailbox_is_dead(mailbox));
}

static void
find_uses(Mailbox *mailbox)
{
	g_autofree char *sent = NULL, *drafts = NULL;
	assert_true(mailbox_special_use(mailbox, "\\Sent", &sent, NULL));
	assert_string_equal(sent, "Posta inviata ù");
	assert_true(mailbox_special_use(mailbox, "\\Drafts", &drafts, NULL));
	assert_null(drafts);
}

static void
move_two(Mailbox *mailbox)
{
	static const guint32 uids[] = { 3, 2 };
	g_autoptr(GArray) array = g_array_new(FALSE, FALSE, sizeof(guint32));
	g_autoptr(GError) error = NULL;
	g_array_append_vals(array, uids, 2);
	assert_true(mailbox_move(mailbox, array, "Fatti", NULL, &error));
	assert_int_equal(mailbox_state(mailbox)->exists, 1);
}

static void
search_elsewhere(Mailbox *mailbox)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) found = mailbox_search_header(
	        mailbox, "Sent", "Message-ID", "<a\\\"@x>", &error);
	assert_null(error);
	assert_int_equal(found->len, 2);
	assert_int_equal(g_array_index(found, guint32, 1), 6);
	assert_int_equal(mailbox_state(mailbox)->exists, 4);
	assert_int_equal(mailbox_state(mailbox)->uidvalidity, 7);
	assert_int_equal(
	        mailbox_idle(mailbox, TRUE, NULL, 0, 0, &error), MAILBOX_NEW_MAIL);
	assert_null(error);
}

static void
nothing(Mailbox *mailbox)
{
	assert_int_equal(mailbox_state(mailbox)->uidvalidity, 7);
	assert_int_equal(mailbox_state(mailbox)->uidnext, 4);
	assert_int_equal(mailbox_state(mailbox)->exists, 3);
	assert_true(mailbox_state(mailbox)->keywords_allowed);
}

#define REFUSED .refused = TRUE, .error = ERROR_REFUSED
#define TEMPORARY .refused = TRUE, .error = ERROR_TEMPORARY

static const struct sample {
	const char *talk;
	void (*act)(Mailbox *mailbox);
	gboolean hurried, strict, token;
	gboolean refused; /* opening fails with error */
	ErrorCode error;
} samples[] = {
	{ .talk = "imap-fetch", .act = fetch_and_hear },
	{ .talk = "imap-fetch-hostile", .act = fetch_three },
	{ .talk = "imap-fetch-stray-tags", .act = fetch_three },
	{ .talk = "imap-fetch-gone", .act = fetch_second_only },
	{ .talk = "imap-fetch-broken", .act = fetch_second_withheld },
	{ .talk = "imap-fetch-nil", .act = fetch_first_withheld },
	{ .talk = "imap-fetch-lying-size", .act = fetch_cut },
	{ .talk = "imap-fetch-long-header", .act = fetch_headers_whole },
	{ .talk = "imap-fetch-absurd", .act = fetch_fails },
	{ .talk = "imap-fetch-drop", .act = fetch_one_then_fail },
	{ .talk = "imap-fetch-stall", .act = fetch_one_then_fail, .hurried = TRUE },
	{ .talk = "imap-fetch-overlong", .act = fetch_fails },
	{ .talk = "imap-fetch-nested", .act = fetch_fails },
	{ .talk = "imap-fetch-garbage", .act = fetch_fails },
	{ .talk = "imap-fetch-strays", .act = fetch_fails },
	{ .talk = "imap-fetch-bye", .act = fetch_one_then_fail },
	{ .talk = "imap-fetch-uidvalidity", .act = fetch_fails },
	{ .talk = "imap-list", .act = list_two },
	{ .talk = "imap-list-none", .act = list_none },
	{ .talk = "imap-store", .act = store_and_fail },
	{ .talk = "imap-no-keywords", .act = store_known_only },
	{ .talk = "imap-read-only", .act = is_read_only },
	{ .talk = "imap-no-folder", REFUSED },
	{ .talk = "imap-inuse", TEMPORARY },
	{ .talk = "imap-no-uidnext", .act = has_uidnext },
	{ .talk = "imap-idle", .act = idle_tells },
	{ .talk = "imap-idle-at-once", .act = idle_tells_at_once },
	{ .talk = "imap-idle-bye", .act = idle_dies },
	{ .talk = "imap-idle-dead", .act = idle_dies, .hurried = TRUE },
	{ .talk = "imap-idle-silent", .act = idle_polls },
	{ .talk = "imap-idle-refused", .act = idle_times_out },
	{ .talk = "imap-append", .act = append_creates },
	{ .talk = "imap-append-refused", .act = append_refused },
	{ .talk = "imap-special-use", .act = find_uses },
	{ .talk = "imap-move", .act = move_two },
	{ .talk = "imap-search", .act = search_elsewhere },
	{ .talk = "imap-starttls-stripped", .strict = TRUE, REFUSED },
	{ .talk = "imap-starttls-refused", .strict = TRUE, REFUSED },
	{ .talk = "imap-preauth", .strict = TRUE, REFUSED },
	{ .talk = "imap-tls-untrusted", REFUSED },
	{ .talk = "imap-tls-expired", REFUSED },
	{ .talk = "imap-tls-other-name", REFUSED },
	{ .talk = "imaps-untrusted", REFUSED },
	{ .talk = "imaps", .act = nothing },
	{ .talk = "imap-login-refused", REFUSED },
	{ .talk = "imap-login-unavailable", TEMPORARY },
	{ .talk = "imap-login-command", .act = nothing },
	{ .talk = "imap-bye-greeting", TEMPORARY },
	{ .talk = "imap-xoauth2", .token = TRUE, .act = nothing },
	{ .talk = "imap-token-refused", .token = TRUE, REFUSED },
	{ .talk = "imap-token-echo", .token = TRUE, REFUSED },
};

static void
test_talk(void **state)
{
	const struct sample *sample = *state;
	Talk *talk = talk_start(sample->talk);
	gboolean tls = g_str_has_prefix(sample->talk, "imaps");
	g_autoptr(Endpoint) endpoint =
	        talk_endpoint(talk, tls ? "imaps" : "imap", sample->strict, TRUE);
	g_autoptr(GError) error = NULL;
	endpoint->token = sample->token;
	if (sample->hurried)
		endpoint->answer_seconds = SHORT_SECONDS;
	Mailbox *mailbox = mailbox_open(endpoint, "INBOX", &error);
	if (sample->refused) {
		assert_null(mailbox);
		assert_true(g_error_matches(error, TRIAGED_ERROR, (int)sample->error));
		assert_null(strstr(error->message, TALK_PASSWORD));
		assert_null(strstr(error->message, "dXNlcj11c2Vy"));
	} else {
		assert_null(error);
		sample->act(mailbox);
		mailbox_close(mailbox);
	}
	talk_finish(talk);
}

static void
test_cancel(void **state)
{
	(void)state;
	int pipe_fds[2];
	Talk *talk = talk_start("imap-idle-dead");
	g_autoptr(Endpoint) endpoint = talk_endpoint(talk, "imap", FALSE, TRUE);
	g_autoptr(GError) error = NULL;
	assert_int_equal(pipe(pipe_fds), 0);
	endpoint->cancel_fd = pipe_fds[0];
	Mailbox *mailbox = mailbox_open(endpoint, "INBOX", &error);
	assert_null(error);
	assert_int_equal(write(pipe_fds[1], "x", 1), 1);
	assert_int_equal(mailbox_idle(mailbox, TRUE, NULL, 0, 20000, &error), 0);
	assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_TEMPORARY));
	mailbox_close(mailbox);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	talk_finish(talk);
}

static void
free_group(gpointer group)
{
	store_group_free(group);
}

static void
test_store_groups(void **state)
{
	static const char *const one[] = { "b", "a", "b", NULL };
	static const char *const same[] = { "a", "b", NULL };
	static const char *const other[] = { "a", NULL };
	(void)state;
	g_autoptr(GPtrArray) groups = g_ptr_array_new_with_free_func(free_group);
	store_groups_add(groups, 4, one);
	store_groups_add(groups, 5, other);
	store_groups_add(groups, 6, same);
	assert_int_equal(groups->len, 2);
	const StoreGroup *group = g_ptr_array_index(groups, 0);
	assert_int_equal(group->uids->len, 2);
	assert_int_equal(g_array_index(group->uids, guint32, 1), 6);
	assert_int_equal(g_strv_length(group->keywords), 2);
}

int
main(void)
{
	g_autoptr(GArray) tests = g_array_new(FALSE, TRUE, sizeof(struct CMUnitTest));
	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
		struct CMUnitTest test = { samples[i].talk, test_talk, NULL, NULL,
			(void *)&samples[i] };
		g_array_append_val(tests, test);
	}
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_store_groups),
	};
	g_array_append_vals(tests, others, G_N_ELEMENTS(others));
	return _cmocka_run_group_tests("mailbox",
	        (struct CMUnitTest *)(void *)tests->data, tests->len, NULL, NULL);
}
