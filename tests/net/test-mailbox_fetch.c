/* Mails and lists of mails as servers hand them out, good ones and others. */
#include "mailbox_talk.h"

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

static const MailboxTalk samples[] = {
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
};

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, samples, mailbox_talk);
	return suite_run(suite, "mailbox_fetch", NULL, NULL);
}
