#include <gio/gio.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "net/submission.h"
#include "net/submission_pool.h"
#include "talk.h"
#include "tests/suite.h"

#define SHORT_SECONDS 1 /* for the talks in which the peer falls silent */

/* Short time-outs; an address that does not count as loopback; with a login; by token. */
enum { HURRIED = 1, STRICT = 2, LOGIN = 4, TOKEN = 8 };

typedef struct {
	SubmissionOutcome outcome;
	int code;
	const char *step;
	enum { NOBODY, SERVER, RECIPIENT } blame;
} Wanted;

#define SENT                                                                           \
	{                                                                              \
		SUBMISSION_SENT, 250, "message", NOBODY                                \
	}

/* One talk: what the outcome of the first mail must be, and of a second one if there is any. */
static const struct sample {
	const char *talk;
	Wanted first;
	guint manner;
	Wanted second; /* no step: no second mail */
	const char *recipient, *mail;
	gsize size; /* of a mail that is made; 0: none is */
} samples[] = {
	{ .talk = "smtp-sent", .first = SENT, .second = SENT },
	{ .talk = "smtp-sent-pipelining", .first = SENT, .second = SENT },
	{ .talk = "smtp-dots",
	        .first = SENT,
	        .mail = ".\nuno\r.\rdue\n.\nMAIL FROM:<x>\n" },
	{ .talk = "smtp-421-greeting",
	        .first = { SUBMISSION_RETRY, 421, "connect", SERVER } },
	{ .talk = "smtp-554-greeting",
	        .first = { SUBMISSION_RETRY, 554, "connect", SERVER } },
	{ .talk = "smtp-421-rcpt",
	        .first = { SUBMISSION_RETRY, 421, "rcpt", SERVER },
	        .second = SENT },
	{ .talk = "smtp-451-then-sent",
	        .first = { SUBMISSION_RETRY, 451, "rcpt", RECIPIENT },
	        .second = SENT },
	{ .talk = "smtp-550-mail",
	        .first = { SUBMISSION_REFUSED, 550, "mail", SERVER } },
	{ .talk = "smtp-530-mail", .first = { SUBMISSION_RETRY, 530, "mail", SERVER } },
	{ .talk = "smtp-550-rcpt",
	        .first = { SUBMISSION_REFUSED, 550, "rcpt", RECIPIENT } },
	{ .talk = "smtp-554-relay",
	        .first = { SUBMISSION_REFUSED, 554, "rcpt", SERVER } },
	{ .talk = "smtp-452-rcpt", .first = { SUBMISSION_RETRY, 452, "rcpt", SERVER } },
	{ .talk = "smtp-550-data",
	        .first = { SUBMISSION_REFUSED, 554, "data", NOBODY } },
	{ .talk = "smtp-550-final",
	        .first = { SUBMISSION_REFUSED, 554, "message", NOBODY } },
	{ .talk = "smtp-451-final",
	        .first = { SUBMISSION_RETRY, 451, "message", SERVER } },
	{ .talk = "smtp-refused-354",
	        .first = { SUBMISSION_REFUSED, 550, "rcpt", RECIPIENT } },
	{ .talk = "smtp-drop-rcpt", .first = { SUBMISSION_RETRY, 0, "rcpt", NOBODY } },
	{ .talk = "smtp-drop-354",
	        .first = { SUBMISSION_RETRY, 0, "message", NOBODY },
	        .size = 32 * 1024 * 1024 },
	{ .talk = "smtp-drop-dot",
	        .first = { SUBMISSION_UNKNOWN, 0, "message", NOBODY } },
	{ .talk = "smtp-hang-greeting",
	        .first = { SUBMISSION_RETRY, 0, "connect", SERVER },
	        .manner = HURRIED },
	{ .talk = "smtp-hang-rcpt",
	        .first = { SUBMISSION_RETRY, 0, "rcpt", NOBODY },
	        .manner = HURRIED },
	{ .talk = "smtp-hang-dot",
	        .first = { SUBMISSION_UNKNOWN, 0, "message", NOBODY },
	        .manner = HURRIED },
	{ .talk = "smtp-garbage-greeting",
	        .first = { SUBMISSION_RETRY, 0, "connect", SERVER },
	        .manner = HURRIED },
	{ .talk = "smtp-garbage-mail",
	        .first = { SUBMISSION_RETRY, 0, "mail", SERVER } },
	{ .talk = "smtp-garbage-dot",
	        .first = { SUBMISSION_UNKNOWN, 0, "message", NOBODY } },
	{ .talk = "smtp-354-dot",
	        .first = { SUBMISSION_UNKNOWN, 0, "message", NOBODY } },
	{ .talk = "smtp-endless-line",
	        .first = { SUBMISSION_RETRY, 0, "mail", SERVER } },
	{ .talk = "smtp-endless-reply",
	        .first = { SUBMISSION_RETRY, 0, "mail", SERVER } },
	{ .talk = "smtp-stale", .first = SENT, .second = SENT },
	{ .talk = "smtp-starttls", .first = SENT, .manner = LOGIN },
	{ .talk = "smtp-starttls-stripped",
	        .first = { SUBMISSION_RETRY, 0, "connect", SERVER },
	        .manner = STRICT | LOGIN },
	{ .talk = "smtp-starttls-refused",
	        .first = { SUBMISSION_RETRY, 454, "connect", SERVER },
	        .manner = STRICT | LOGIN },
	{ .talk = "smtp-starttls-injected",
	        .first = { SUBMISSION_RETRY, 0, "connect", SERVER },
	        .manner = STRICT | LOGIN },
	{ .talk = "smtp-tls-untrusted",
	        .first = { SUBMISSION_RETRY, 0, "connect", SERVER },
	        .manner = LOGIN },
	{ .talk = "smtp-tls-expired",
	        .first = { SUBMISSION_RETRY, 0, "connect", SERVER },
	        .manner = LOGIN },
	{ .talk = "smtp-tls-other-name",
	        .first = { SUBMISSION_RETRY, 0, "connect", SERVER },
	        .manner = LOGIN },
	{ .talk = "smtps-untrusted",
	        .first = { SUBMISSION_RETRY, 0, "connect", SERVER },
	        .manner = LOGIN },
	{ .talk = "smtp-auth-refused",
	        .first = { SUBMISSION_RETRY, 0, "connect", SERVER },
	        .manner = LOGIN },
	{ .talk = "smtp-auth-unavailable",
	        .first = { SUBMISSION_RETRY, 454, "connect", SERVER },
	        .manner = LOGIN },
	{ .talk = "smtp-auth-not-offered",
	        .first = { SUBMISSION_RETRY, 0, "connect", SERVER },
	        .manner = LOGIN },
	{ .talk = "smtp-oauthbearer", .first = SENT, .manner = LOGIN | TOKEN },
	{ .talk = "smtp-auth-login-only", .first = SENT, .manner = LOGIN },
	{ .talk = "smtp-no-8bit",
	        .first = { SUBMISSION_REFUSED, 0, "mail", NOBODY },
	        .mail = "\r\nperché\r\n" },
	{ .talk = "smtp-8bit", .first = SENT, .mail = "\r\nperché\r\n" },
	{ .talk = "smtp-no-utf8",
	        .first = { SUBMISSION_REFUSED, 0, "mail", NOBODY },
	        .recipient = "niccolò@example.it" },
	{ .talk = "smtp-utf8", .first = SENT, .recipient = "niccolò@example.it" },
	{ .talk = "smtp-idn", .first = SENT, .recipient = "info@perché.example" },
	{ .talk = "smtp-too-large",
	        .first = { SUBMISSION_REFUSED, 0, "mail", NOBODY } },
};

static void
check(const SubmissionResult *result, const Wanted *wanted)
{
	assert_string_equal(submission_outcome_name(result->outcome),
	        submission_outcome_name(wanted->outcome));
	assert_string_equal(result->step, wanted->step);
	assert_int_equal(result->code, wanted->code);
	assert_int_equal(result->server, wanted->blame == SERVER);
	assert_int_equal(result->recipient, wanted->blame == RECIPIENT);
	assert_non_null(result->words);
	assert_null(strstr(result->words, TALK_PASSWORD));
	assert_null(strpbrk(result->words, "\r\n"));
}

static Endpoint *
sample_endpoint(const struct sample *sample, const Talk *talk)
{
	const char *scheme =
	        g_str_has_prefix(sample->talk, "smtps-") ? "smtps" : "smtp";
	Endpoint *endpoint = talk_endpoint(talk, scheme, (sample->manner & STRICT) != 0,
	        (sample->manner & LOGIN) != 0);
	endpoint->token = (sample->manner & TOKEN) != 0;
	if ((sample->manner & HURRIED) != 0) {
		endpoint->connect_seconds = SHORT_SECONDS;
		endpoint->answer_seconds = SHORT_SECONDS;
		endpoint->accept_seconds = SHORT_SECONDS;
	}
	return endpoint;
}

static GBytes *
sample_mail(const struct sample *sample)
{
	const char *text =
	        sample->mail != NULL ? sample->mail : "Subject: prova\r\n\r\nciao\r\n";
	if (sample->size == 0)
		return g_bytes_new(text, strlen(text));
	char *made = g_malloc(sample->size);
	memset(made, 'a', sample->size);
	return g_bytes_new_take(made, sample->size);
}

static void
submit_once(Submission *submission, const struct sample *sample, const Wanted *wanted)
{
	g_autoptr(GBytes) mail = sample_mail(sample);
	const char *recipient =
	        sample->recipient != NULL ? sample->recipient : "cliente@example.it";
	SubmissionResult result;
	submit(submission, "", recipient, mail, &result);
	check(&result, wanted);
	submission_result_clear(&result);
}

static void
test_talk(void **state)
{
	const struct sample *sample = *state;
	Talk *talk = talk_start(sample->talk);
	g_autoptr(Endpoint) endpoint = sample_endpoint(sample, talk);
	Submission *submission = submission_new(endpoint);
	submit_once(submission, sample, &sample->first);
	if (sample->second.step != NULL)
		submit_once(submission, sample, &sample->second);
	submission_free(submission);
	talk_finish(talk);
}

static void
test_unsayable(void **state)
{
	static const char *const addresses[] = { "", "nobody", "a>@example.it",
		"a@example.it\r\nDATA", "a b@example.it", "a\xff@example.it" };
	(void)state;
	g_autoptr(Endpoint) endpoint = endpoint_new("smtp://127.0.0.1:9");
	g_autoptr(Submission) submission = submission_new(endpoint);
	g_autoptr(GBytes) mail = g_bytes_new_static("\r\n", 2);
	for (gsize i = 0; i < G_N_ELEMENTS(addresses); i++) {
		SubmissionResult result;
		submit(submission, "", addresses[i], mail, &result);
		check(&result, &(Wanted){ SUBMISSION_REFUSED, 0, "rcpt", RECIPIENT });
		submission_result_clear(&result);
	}
}

static void
take_one(SubmissionPool *pool, gpointer wanted_tag, SubmissionOutcome wanted)
{
	struct pollfd ready = { .fd = submission_pool_fd(pool), .events = POLLIN };
	gpointer tag;
	g_auto(SubmissionResult) result = { 0 };
	assert_int_equal(poll(&ready, 1, 20000), 1);
	assert_true(submission_pool_take(pool, &tag, &result, NULL));
	assert_ptr_equal(tag, wanted_tag);
	assert_int_equal(result.outcome, wanted);
}

static void
test_pool(void **state)
{
	(void)state;
	Talk *talk = talk_start("smtp-sent");
	g_autoptr(Endpoint) endpoint = talk_endpoint(talk, "smtp", FALSE, FALSE);
	SubmissionPool *pool = submission_pool_new(endpoint, 1);
	g_autoptr(GBytes) mail = g_bytes_new_static("Subject: prova\r\n\r\n", 18);
	SubmissionJob job = { .envelope_from = "",
		.recipient = "cliente@example.it",
		.bytes = mail,
		.tag = pool };
	g_auto(SubmissionResult) result = { 0 };
	gpointer tag;
	assert_true(submission_pool_has_room(pool));
	assert_false(submission_pool_take(pool, &tag, &result, NULL));
	submission_pool_start(pool, &job);
	submission_pool_start(pool, &job);
	assert_false(submission_pool_has_room(pool));
	take_one(pool, pool, SUBMISSION_SENT);
	assert_int_equal(submission_pool_busy(pool), 1);
	take_one(pool, pool, SUBMISSION_SENT);
	assert_false(submission_pool_take(pool, &tag, &result, NULL));
	submission_pool_free(pool);
	talk_finish(talk);
}

enum { WAITS, BEGUN, ACCEPTED, OVER };

/* What waits for a connection can be taken back, and does not begin while the pool is halted. */
static void
test_withdraw(void **state)
{
	(void)state;
	gint progress[] = { WAITS, WAITS, WAITS };
	int tags[G_N_ELEMENTS(progress)];
	gpointer tag;
	Talk *talk = talk_start("smtp-sent");
	g_autoptr(Endpoint) endpoint = talk_endpoint(talk, "smtp", FALSE, FALSE);
	SubmissionPool *pool = submission_pool_new(endpoint, 1);
	g_autoptr(GBytes) mail = g_bytes_new_static("Subject: prova\r\n\r\n", 18);
	submission_pool_halt(pool);
	for (gsize i = 0; i < G_N_ELEMENTS(tags); i++) {
		SubmissionJob job = { "", "cliente@example.it", mail, &tags[i],
			&progress[i], BEGUN, ACCEPTED, OVER };
		submission_pool_start(pool, &job);
	}
	assert_true(submission_pool_withdraw(pool, &tag));
	gint withdrawn = (gint)((int *)tag - tags);
	assert_int_equal(submission_pool_busy(pool), 2);
	submission_pool_resume(pool);
	for (gint i = 0; i < 3; i++)
		if (i != withdrawn)
			take_one(pool, &tags[i], SUBMISSION_SENT);
	assert_false(submission_pool_withdraw(pool, &tag));
	for (gint i = 0; i < 3; i++)
		assert_int_equal(progress[i], i == withdrawn ? WAITS : ACCEPTED);
	submission_pool_free(pool);
	talk_finish(talk);
}

/* Mails that wait together for one connection: what each came to, and how far it got. A mail of
 * no step must be there to be withdrawn. */
#define BEHIND_MAX 3

static const struct behind {
	const char *talk;
	Wanted wanted[BEHIND_MAX];
	gint progress[BEHIND_MAX];
	guint count;
} behinds[] = {
	{ .talk = "smtp-behind",
	        .wanted = { SENT, { SUBMISSION_REFUSED, 550, "message", NOBODY },
	                SENT },
	        .progress = { ACCEPTED, OVER, ACCEPTED },
	        .count = 3 },
	{ .talk = "smtp-behind-refused",
	        .wanted = { SENT, { SUBMISSION_REFUSED, 550, "rcpt", RECIPIENT },
	                SENT },
	        .progress = { ACCEPTED, OVER, ACCEPTED },
	        .count = 3 },
	{ .talk = "smtp-behind-trouble",
	        .wanted = { { SUBMISSION_RETRY, 451, "message", SERVER } },
	        .progress = { OVER, WAITS },
	        .count = 2 },
	{ .talk = "smtp-behind-lost",
	        .wanted = { { SUBMISSION_UNKNOWN, 0, "message", NOBODY } },
	        .progress = { BEGUN, WAITS },
	        .count = 2 },
	{ .talk = "smtp-behind-slow",
	        .wanted = { SENT, SENT },
	        .progress = { ACCEPTED, ACCEPTED },
	        .count = 2 },
	{ .talk = "smtp-behind-closed",
	        .wanted = { SENT, SENT },
	        .progress = { ACCEPTED, ACCEPTED },
	        .count = 2 },
};

/* The mail that comes back next: with its result, or, once the pool has halted itself, to be
 * withdrawn. */
static gpointer
await_one(SubmissionPool *pool, gboolean halted, SubmissionResult *result)
{
	gpointer tag = NULL;
	for (;;) {
		struct pollfd ready = { .fd = submission_pool_fd(pool),
			.events = POLLIN };
		if (submission_pool_take(pool, &tag, result, NULL) ||
		        (halted && submission_pool_withdraw(pool, &tag)))
			return tag;
		assert_int_equal(poll(&ready, 1, 20000), 1);
	}
}

static void
test_behind(void **state)
{
	const struct behind *sample = *state;
	gint progress[BEHIND_MAX] = { WAITS, WAITS, WAITS };
	Talk *talk = talk_start(sample->talk);
	g_autoptr(Endpoint) endpoint = talk_endpoint(talk, "smtp", FALSE, FALSE);
	SubmissionPool *pool = submission_pool_new(endpoint, 1);
	g_autoptr(GBytes) mail =
	        g_bytes_new_static("Subject: prova\r\n\r\nciao\r\n", 24);
	for (guint i = 0; i < sample->count; i++) {
		SubmissionJob job = { "", "cliente@example.it", mail, &progress[i],
			&progress[i], BEGUN, ACCEPTED, OVER };
		submission_pool_start(pool, &job);
	}
	gboolean halted = FALSE;
	for (guint i = 0; i < sample->count; i++) {
		g_auto(SubmissionResult) result = { 0 };
		gpointer tag = await_one(pool, halted, &result);
		halted =
		        halted || result.server || result.outcome == SUBMISSION_UNKNOWN;
		guint which = (guint)((gint *)tag - progress);
		assert_int_equal(progress[which], sample->progress[which]);
		if (sample->wanted[which].step != NULL)
			check(&result, &sample->wanted[which]);
		else
			assert_null(result.words);
	}
	submission_pool_free(pool);
	talk_finish(talk);
}

/* A server that never says a word, not even its greeting. */
static void
test_cancel(void **state)
{
	(void)state;
	int pipe_fds[2];
	g_autoptr(GSocketListener) listener = g_socket_listener_new();
	guint16 port = g_socket_listener_add_any_inet_port(listener, NULL, NULL);
	g_autofree char *url = g_strdup_printf("smtp://127.0.0.1:%u", port);
	g_autoptr(Endpoint) endpoint = endpoint_new(url);
	assert_int_equal(pipe(pipe_fds), 0);
	endpoint->cancel_fd = pipe_fds[0];
	SubmissionPool *pool = submission_pool_new(endpoint, 2);
	g_autoptr(GBytes) mail = g_bytes_new_static("Subject: prova\r\n\r\n", 18);
	SubmissionJob job = {
		.envelope_from = "", .recipient = "cliente@example.it", .bytes = mail
	};
	submission_pool_start(pool, &job);
	assert_int_equal(write(pipe_fds[1], "x", 1), 1);
	take_one(pool, NULL, SUBMISSION_RETRY);
	submission_pool_free(pool);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, samples, test_talk);
	suite_add_table(suite, behinds, test_behind);
	suite_add(suite, cmocka_unit_test(test_unsayable), cmocka_unit_test(test_pool),
	        cmocka_unit_test(test_withdraw), cmocka_unit_test(test_cancel));
	return suite_run(suite, "submission", NULL, NULL);
}
