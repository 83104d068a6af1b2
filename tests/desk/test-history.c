#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "desk/history.h"
#include "store/journal.h"
#include "store/outbox.h"
#include "store/reply_limit.h"

#define NOW (G_GINT64_CONSTANT(1793973600) * G_USEC_PER_SEC)
#define ANNA "anna@example.org"

/* A store in memory, and limits of 3 an hour for a sender, 8 in 20 minutes for all. */
typedef struct {
	Store *store;
	Settings *settings;
	MailboxSettings mailbox;
	Role role;
	Cursor cursor;
	Intake intake;
} Scene;

static int
open_scene(void **state)
{
	Scene *scene = g_new0(Scene, 1);
	log_open("test-history", NULL, LOG_LEVEL_ERROR);
	scene->store = store_open_memory(NULL);
	assert_non_null(scene->store);
	scene->settings = settings_default();
	scene->settings->reply.per_sender_messages = 3;
	scene->settings->reply.per_sender_hours = 1;
	scene->settings->reply.global_messages = 8;
	scene->settings->reply.global_minutes = 20;
	scene->mailbox.start = START_ALL;
	scene->role.settings = scene->settings;
	scene->intake = (Intake){ .store = scene->store,
		.role = &scene->role,
		.mailbox = &scene->mailbox,
		.cursor = &scene->cursor };
	*state = scene;
	clock_pin(NOW);
	return 0;
}

static int
close_scene(void **state)
{
	Scene *scene = *state;
	clock_pin(0);
	store_close(scene->store);
	settings_free(scene->settings);
	g_free(scene);
	return 0;
}

static void
pass(gint64 span)
{
	clock_pin(clock_now() + span);
}

static void
add_replies(Scene *scene, const char *recipient, guint count)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static("x", 1);
	Effect effect = { .kind = EFFECT_REPLY,
		.place = { (char *)"assistenza", (char *)"INBOX", 1, 1 },
		.recipient = (char *)recipient,
		.envelope_from = (char *)"",
		.payload = bytes };
	assert_true(store_begin(scene->store, NULL));
	for (guint i = 0; i < count; i++)
		assert_true(outbox_add(scene->store, &effect, clock_now(), NULL, NULL));
	assert_true(store_commit(scene->store, NULL));
}

/* What the next mail of anna's would be judged by; a plan that ran into the global limit
 * opens the breaker, as in the service. */
static History
ask(Scene *scene)
{
	History history;
	Case kase = { .reply_to = (char *)ANNA };
	Arrival arrival = { .uid = 1, .kase = &kase };
	guint limit = scene->settings->reply.global_messages;
	assert_true(store_begin(scene->store, NULL));
	assert_true(history_read(&scene->intake, &arrival, 0, &history, NULL));
	gboolean full =
	        history.breaker_open || (limit > 0 && history.global_replies >= limit);
	Plan plan = { .gate = full ? GATE_GLOBAL_LIMIT : GATE_NONE };
	assert_true(history_watch_breaker(&scene->intake, &plan, &history, NULL));
	assert_true(store_commit(scene->store, NULL));
	return history;
}

static gboolean
breaker_is_open(Scene *scene)
{
	g_auto(Breaker) breaker = { 0 };
	assert_true(breaker_get(scene->store, &breaker, NULL));
	return breaker.since != 0;
}

static void
test_sender_window(void **state)
{
	Scene *scene = *state;
	add_replies(scene, ANNA, 2);
	pass(59 * G_TIME_SPAN_MINUTE);
	add_replies(scene, "Anna@Example.org", 1);
	add_replies(scene, "other@example.org", 1);
	assert_int_equal(ask(scene).sender_replies, 3);
	pass(2 * G_TIME_SPAN_MINUTE);
	assert_int_equal(ask(scene).sender_replies, 1);
}

/* It opens at the limit, holds while the window is more than half full, then closes. */
static void
test_breaker(void **state)
{
	Scene *scene = *state;
	add_replies(scene, "a@example.org", 3);
	pass(5 * G_TIME_SPAN_MINUTE);
	add_replies(scene, "b@example.org", 4);
	ask(scene);
	assert_false(breaker_is_open(scene));
	add_replies(scene, "c@example.org", 1);
	ask(scene);
	assert_true(breaker_is_open(scene));
	assert_true(ask(scene).breaker_open);
	pass(16 * G_TIME_SPAN_MINUTE); /* three have left the window, five are in it */
	assert_true(ask(scene).breaker_open);
	pass(5 * G_TIME_SPAN_MINUTE);
	assert_false(ask(scene).breaker_open);
	assert_false(breaker_is_open(scene));
}

static void
test_no_limit_closes_the_breaker(void **state)
{
	Scene *scene = *state;
	add_replies(scene, "a@example.org", 9);
	ask(scene);
	assert_true(breaker_is_open(scene));
	scene->settings->reply.global_messages = 0;
	assert_false(ask(scene).breaker_open);
}

static void
test_bounced_for_thirty_days(void **state)
{
	Scene *scene = *state;
	assert_true(store_begin(scene->store, NULL));
	assert_true(bounced_add(
	        scene->store, "Anna@example.org", "550", clock_now(), NULL));
	assert_true(store_commit(scene->store, NULL));
	assert_true(ask(scene).bounced_before);
	pass(29 * G_TIME_SPAN_DAY);
	assert_true(ask(scene).bounced_before);
	pass(2 * G_TIME_SPAN_DAY);
	assert_false(ask(scene).bounced_before);
}

/* A clock that is set back must not make the limits forget what went out. */
static void
test_clock_set_back(void **state)
{
	Scene *scene = *state;
	add_replies(scene, ANNA, 8);
	ask(scene);
	pass(-3 * G_TIME_SPAN_HOUR);
	assert_int_equal(ask(scene).sender_replies, 8);
	assert_true(ask(scene).breaker_open);
}

static void
journal(Scene *scene, const char *sha256, JournalMail mail)
{
	gint64 id;
	mail.place = (Place){ (char *)"assistenza", (char *)"INBOX", 7,
		(guint32)g_ascii_strtoull(sha256, NULL, 10) };
	mail.sha256 = (char *)(gpointer)sha256;
	mail.seen_at = clock_now();
	assert_true(store_begin(scene->store, NULL));
	assert_true(journal_add(scene->store, &mail, &id, NULL));
	assert_true(store_commit(scene->store, NULL));
}

static gboolean
has_twin(Scene *scene, const char *message_id, const char *from, const char *subject)
{
	gboolean has;
	Case kase = { .message_id = (char *)(gpointer)message_id,
		.from_address = (char *)(gpointer)from,
		.subject = (char *)(gpointer)subject };
	assert_true(history_has_twin(&scene->intake, &kase, &has, NULL));
	return has;
}

/* The same mail by two ways, and what only looks like it. */
static void
test_twin(void **state)
{
	Scene *scene = *state;
	journal(scene, "1",
	        (JournalMail){ .message_id = (char *)"<a@x>",
	                .from_address = (char *)"Anna@Example.org",
	                .subject = (char *)"errore",
	                .class = (char *)"unknown" });
	journal(scene, "2",
	        (JournalMail){ .message_id = (char *)"<b@x>",
	                .from_address = (char *)ANNA,
	                .error = (char *)"not analysed" });
	assert_true(has_twin(scene, "<a@x>", ANNA, "errore"));
	assert_false(has_twin(scene, "<a@x>", ANNA, "un altro errore"));
	assert_false(has_twin(scene, "<a@x>", ANNA, NULL));
	assert_false(has_twin(scene, "<a@x>", "evil@example.org", "errore"));
	assert_false(has_twin(scene, "<c@x>", ANNA, "errore"));
	assert_false(has_twin(scene, NULL, ANNA, "errore"));
	assert_false(has_twin(scene, "<b@x>", ANNA, NULL));
	pass(8 * G_TIME_SPAN_DAY);
	assert_false(has_twin(scene, "<a@x>", ANNA, "errore"));
}

/* What was in the mailbox when it was first looked at. */
static void
test_backlog(void **state)
{
	Scene *scene = *state;
	Arrival arrival = { .uid = 9, .internaldate = NOW / G_USEC_PER_SEC };
	assert_false(history_is_backlog(&scene->intake, &arrival));
	scene->mailbox.start = START_NOW;
	scene->cursor.answer_from = 10;
	assert_true(history_is_backlog(&scene->intake, &arrival));
	arrival.uid = 10;
	assert_false(history_is_backlog(&scene->intake, &arrival));
	scene->mailbox.start = START_DATE;
	scene->mailbox.start_date = NOW / G_USEC_PER_SEC + 1;
	assert_true(history_is_backlog(&scene->intake, &arrival));
	arrival.internaldate++;
	assert_false(history_is_backlog(&scene->intake, &arrival));
}

#define IN_SCENE(test) cmocka_unit_test_setup_teardown(test, open_scene, close_scene)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SCENE(test_sender_window),
		IN_SCENE(test_breaker),
		IN_SCENE(test_no_limit_closes_the_breaker),
		IN_SCENE(test_bounced_for_thirty_days),
		IN_SCENE(test_twin),
		IN_SCENE(test_backlog),
		IN_SCENE(test_clock_set_back),
	};
	return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
