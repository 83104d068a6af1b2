/* How a mailbox is opened, and what is done in it besides fetching. */
#include "mailbox_talk.h"

#include <string.h>
#include <unistd.h>

#include "net/folder.h"
#include "talk.h"

#define MAIL_DATE 1784249065 /* 17-Jul-2026 02:44:25 +0200 */

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

static const MailboxTalk samples[] = {
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

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, samples, mailbox_talk);
	suite_add(suite, cmocka_unit_test(test_cancel));
	return suite_run(suite, "mailbox", NULL, NULL);
}
