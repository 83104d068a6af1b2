/*
 * The net floor against a real Dovecot (Maildir and sdbox) and a real Postfix.
 * Run by tests/net/live, which starts them and sets the variables of tests/live/servers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/errors.h"
#include "net/folder.h"
#include "net/mailbox.h"
#include "net/submission_pool.h"

#define MAILS 70                /* more than two batches */
#define LARGE (3 * 1024 * 1024) /* of one mail, fetched in part */
#define MAX_BYTES (100 * 1024)
#define IDLE_MS 20000
#define DATE 1784249065

static const char *
variable(const char *name)
{
	const char *value = g_getenv(name);
	assert_non_null(value);
	return value;
}

static Endpoint *
endpoint_for(const char *scheme, const char *port, const char *user)
{
	g_autofree char *url =
	        g_strdup_printf("%s://localhost:%s", scheme, variable(port));
	Endpoint *endpoint = endpoint_new(url);
	endpoint->ca_file = g_strdup(variable("CA_FILE"));
	endpoint_set_login(
	        endpoint, user, secret_new(variable("MAIL_PASSWORD"), -1), FALSE);
	return endpoint;
}

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
	const char *user = variable(*state);
	Pair *pair = g_new0(Pair, 1);
	gboolean implicit = g_str_equal((const char *)*state, "SUPPORT_SDBOX");
	pair->endpoint = endpoint_for(implicit ? "imaps" : "imap",
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

static GBytes *
make_mail(guint number, gsize size)
{
	GString *text = g_string_new(NULL);
	g_string_printf(text,
	        "From: a@example.it\r\nMessage-ID: <%u@live.test>\r\nSubject: prova "
	        "%u\r\n\r\n"
	        "T1 OK done\r\n* BYE\r\n)\r\n",
	        number, number);
	while (text->len < size)
		g_string_append(text, "0123456789012345678901234567890123456789\r\n");
	return g_string_free_to_bytes(text);
}

static void
append_to(Mailbox *mailbox, const char *folder, guint number, gsize size, guint32 *uid)
{
	g_autoptr(GBytes) mail = make_mail(number, size);
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
	g_autoptr(GBytes) mail = make_mail(info->uid - received->first,
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
	assert_true(mailbox_move(pair->agent, gone, "Fatti", NULL));
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
	assert_true(mailbox_move(pair->agent, uids, "Fatti", NULL));
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
servers(const char *verb)
{
	g_autofree char *command = g_strdup_printf("'%s/tests/live/servers' %s '%s'",
	        variable("TRIAGED_SOURCE"), verb, variable("SERVERS_DIR"));
	assert_int_equal(system(command), 0);
}

static void
test_restart(void **state)
{
	Pair *pair = *state;
	g_autoptr(GError) error = NULL;
	guint32 uidvalidity = mailbox_state(pair->ours)->uidvalidity;
	servers("stop-imap");
	assert_int_equal(mailbox_idle(pair->ours, TRUE, NULL, 0, IDLE_MS, &error), 0);
	assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_TEMPORARY));
	assert_true(mailbox_is_dead(pair->ours));
	g_clear_error(&error);
	assert_null(mailbox_open(pair->endpoint, "INBOX", &error));
	assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_TEMPORARY));
	servers("start-imap");
	mailbox_close(pair->ours);
	pair->ours = open_inbox(pair->endpoint);
	assert_int_equal(mailbox_state(pair->ours)->uidvalidity, uidvalidity);
}

static void
test_refusals(void **state)
{
	(void)state;
	const char *user = variable("SUPPORT_MAILDIR");
	g_autoptr(Endpoint) wrong = endpoint_for("imap", "IMAP_PORT", user);
	g_autoptr(Endpoint) unknown_ca = endpoint_for("imaps", "IMAPS_PORT", user);
	g_autoptr(Endpoint) no_file = endpoint_for("imaps", "IMAPS_PORT", user);
	g_autoptr(Endpoint) right = endpoint_for("imap", "IMAP_PORT", user);
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

/* The mail that Postfix handed on, as text; waits for it. */
static char *
read_customers_mail(const char *address)
{
	g_autofree char *path = g_build_filename(
	        variable("CUSTOMERS"), address, "Maildir", "new", NULL);
	char *text = NULL;
	for (int tries = 0; text == NULL && tries < 1000; tries++) {
		g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
		const char *name =
		        directory != NULL ? g_dir_read_name(directory) : NULL;
		if (name == NULL) {
			g_usleep(10000);
			continue;
		}
		g_autofree char *file = g_build_filename(path, name, NULL);
		assert_true(g_file_get_contents(file, &text, NULL, NULL));
	}
	assert_non_null(text);
	return text;
}

static void
submit_to(Submission *submission, const char *address, SubmissionOutcome wanted)
{
	SubmissionResult result;
	g_autoptr(GBytes) mail = make_mail(5, 500);
	submit(submission, "", address, mail, &result);
	if (result.outcome != wanted)
		fail_msg("%s: %s", address, result.words);
	submission_result_clear(&result);
}

static void
test_submission(void **state)
{
	gboolean implicit = g_str_equal((const char *)*state, "SMTPS_PORT");
	g_autofree char *address =
	        g_strdup_printf("%s@example.it", implicit ? "uno" : "due");
	g_autofree char *again =
	        g_strdup_printf("%s-ancora@example.it", implicit ? "uno" : "due");
	g_autoptr(Endpoint) endpoint = endpoint_for(
	        implicit ? "smtps" : "smtp", *state, variable("SUPPORT_MAILDIR"));
	g_autoptr(Submission) submission = submission_new(endpoint);
	submit_to(submission, address, SUBMISSION_SENT);
	submit_to(submission, again, SUBMISSION_SENT);
	g_autofree char *text = read_customers_mail(address);
	assert_true(g_str_has_prefix(text, "Return-Path: <>"));
	assert_non_null(strstr(text, "ESMTPSA"));
	assert_non_null(strstr(text, "T1 OK done\n* BYE\n"));
	g_free(read_customers_mail(again));
	servers("stop-smtp");
	submit_to(submission, address, SUBMISSION_RETRY);
	servers("start-smtp");
	submit_to(submission, again, SUBMISSION_SENT);
}

static void
test_submission_login(void **state)
{
	(void)state;
	g_autoptr(Endpoint) nobody = endpoint_for("smtp", "SMTP_PORT", NULL);
	g_autoptr(Endpoint) wrong =
	        endpoint_for("smtps", "SMTPS_PORT", variable("SUPPORT_MAILDIR"));
	endpoint_set_login(nobody, NULL, NULL, FALSE);
	endpoint_set_login(wrong, "x", secret_new("wrong-word", -1), FALSE);
	g_autoptr(Submission) without = submission_new(nobody);
	g_autoptr(Submission) refused = submission_new(wrong);
	submit_to(without, "tre@example.it", SUBMISSION_REFUSED);
	submit_to(refused, "tre@example.it", SUBMISSION_RETRY);
	g_autoptr(GPtrArray) lines = submission_probe(without, "", NULL);
	assert_string_equal(g_ptr_array_index(lines, 0), "connection encrypted (TLS)");
	assert_string_equal(g_ptr_array_index(lines, lines->len - 1),
	        "takes the envelope sender <>");
}

/* The recipients in the order in which their results come, which is not the one they start in. */
static void
test_pool(void **state)
{
	static const struct {
		const char *recipient;
		SubmissionOutcome outcome;
	} wanted[] = {
		{ "a@refused.test", SUBMISSION_REFUSED },
		{ "a@later.test", SUBMISSION_RETRY },
		{ "quattro@example.it", SUBMISSION_SENT },
		{ "a@slow.test", SUBMISSION_SENT },
	};
	(void)state;
	g_autoptr(Endpoint) endpoint =
	        endpoint_for("smtp", "SMTP_PORT", variable("SUPPORT_MAILDIR"));
	g_autoptr(SubmissionPool) pool = submission_pool_new(endpoint, 2);
	g_autoptr(GBytes) mail = make_mail(6, 500);
	SubmissionJob slow = { "", wanted[3].recipient, mail, GUINT_TO_POINTER(3) };
	submission_pool_start(pool, &slow);
	for (guint i = 0; i < G_N_ELEMENTS(wanted); i++) {
		g_auto(SubmissionResult) result = { 0 };
		struct pollfd ready = { .fd = submission_pool_fd(pool),
			.events = POLLIN };
		SubmissionJob job = { "", wanted[i].recipient, mail,
			GUINT_TO_POINTER(i) };
		gpointer tag;
		if (i < 3)
			submission_pool_start(pool, &job);
		assert_int_equal(poll(&ready, 1, IDLE_MS), 1);
		assert_true(submission_pool_take(pool, &tag, &result));
		assert_int_equal(GPOINTER_TO_UINT(tag), i);
		assert_int_equal(result.outcome, wanted[i].outcome);
	}
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
		{ "submission with STARTTLS", test_submission, NULL, NULL,
		        (void *)"SMTP_PORT" },
		{ "submission with TLS", test_submission, NULL, NULL,
		        (void *)"SMTPS_PORT" },
		cmocka_unit_test(test_submission_login),
		cmocka_unit_test(test_pool),
	};
	return cmocka_run_group_tests_name("live-net", tests, NULL, NULL);
}
