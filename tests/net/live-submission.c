/* The submission against a real Postfix. Run by tests/net/live. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <string.h>

#include "live.h"
#include "net/submission_pool.h"

#define RESULT_MS 20000

/* The mail that Postfix handed on, as text; waits for it. */
static char *
read_customers_mail(const char *address)
{
	g_autofree char *path = g_build_filename(
	        live_variable("CUSTOMERS"), address, "Maildir", "new", NULL);
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
	g_autoptr(GBytes) mail = live_mail(5, 500);
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
	g_autoptr(Endpoint) endpoint = live_endpoint(
	        implicit ? "smtps" : "smtp", *state, live_variable("SUPPORT_MAILDIR"));
	g_autoptr(Submission) submission = submission_new(endpoint);
	submit_to(submission, address, SUBMISSION_SENT);
	submit_to(submission, again, SUBMISSION_SENT);
	g_autofree char *text = read_customers_mail(address);
	assert_true(g_str_has_prefix(text, "Return-Path: <>"));
	assert_non_null(strstr(text, "ESMTPSA"));
	assert_non_null(strstr(text, "T1 OK done\n* BYE\n"));
	g_free(read_customers_mail(again));
	live_servers("stop-smtp");
	submit_to(submission, address, SUBMISSION_RETRY);
	live_servers("start-smtp");
	submit_to(submission, again, SUBMISSION_SENT);
}

static void
test_submission_login(void **state)
{
	(void)state;
	g_autoptr(Endpoint) nobody = live_endpoint("smtp", "SMTP_PORT", NULL);
	g_autoptr(Endpoint) wrong =
	        live_endpoint("smtps", "SMTPS_PORT", live_variable("SUPPORT_MAILDIR"));
	endpoint_set_login(nobody, NULL, NULL, FALSE);
	endpoint_set_login(wrong, "x", secret_new("wrong-word", -1), FALSE);
	g_autoptr(Submission) without = submission_new(nobody);
	g_autoptr(Submission) refused = submission_new(wrong);
	submit_to(without, "tre@example.it", SUBMISSION_REFUSED);
	submit_to(refused, "tre@example.it", SUBMISSION_RETRY);
	g_autoptr(GPtrArray) lines = submission_probe(nobody, "", NULL);
	assert_string_equal(g_ptr_array_index(lines, 0), "connection encrypted (TLS)");
	assert_string_equal(g_ptr_array_index(lines, lines->len - 1),
	        "takes the envelope sender <> (null sender)");
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
	        live_endpoint("smtp", "SMTP_PORT", live_variable("SUPPORT_MAILDIR"));
	g_autoptr(SubmissionPool) pool = submission_pool_new(endpoint, 2);
	g_autoptr(GBytes) mail = live_mail(6, 500);
	SubmissionJob slow = { .envelope_from = "",
		.recipient = wanted[3].recipient,
		.bytes = mail,
		.tag = GUINT_TO_POINTER(3) };
	submission_pool_start(pool, &slow);
	for (guint i = 0; i < G_N_ELEMENTS(wanted); i++) {
		g_auto(SubmissionResult) result = { 0 };
		struct pollfd ready = { .fd = submission_pool_fd(pool),
			.events = POLLIN };
		SubmissionJob job = { .envelope_from = "",
			.recipient = wanted[i].recipient,
			.bytes = mail,
			.tag = GUINT_TO_POINTER(i) };
		gpointer tag;
		if (i < 3)
			submission_pool_start(pool, &job);
		assert_int_equal(poll(&ready, 1, RESULT_MS), 1);
		assert_true(submission_pool_take(pool, &tag, &result, NULL));
		assert_int_equal(GPOINTER_TO_UINT(tag), i);
		assert_int_equal(result.outcome, wanted[i].outcome);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{ "submission with STARTTLS", test_submission, NULL, NULL,
		        (void *)"SMTP_PORT" },
		{ "submission with TLS", test_submission, NULL, NULL,
		        (void *)"SMTPS_PORT" },
		cmocka_unit_test(test_submission_login),
		cmocka_unit_test(test_pool),
	};
	return cmocka_run_group_tests_name("live-submission", tests, NULL, NULL);
}
