/*
 * What was erased is gone: from the answers of the store and from the bytes of its files, and
 * nobody is answered twice, or beyond a limit, for it.
 */
#define _GNU_SOURCE /* memmem */
#include "base/errors.h"
#include "state.h"

#include <string.h>

#include "store/conversation.h"
#include "store/erasure.h"
#include "store/note.h"
#include "store/person.h"
#include "store/quarantine.h"
#include "store/reply_limit.h"
#include "store/report_walk.h"
#include "store/upkeep.h"

#define ANNA "anna.bassi@example.it"
#define BRUNO "bruno@example.com"
#define WORDS "parole-riservate-della-cliente"
#define DAY G_TIME_SPAN_DAY

typedef struct {
	char *directory;
	Store *store;
} Office;

static int
open_office(void **state)
{
	Office *office = g_new0(Office, 1);
	office->directory = state_make();
	office->store = state_open(office->directory);
	*state = office;
	return 0;
}

static int
close_office(void **state)
{
	Office *office = *state;
	store_close(office->store);
	state_remove(office->directory);
	g_free(office);
	return 0;
}

static gint64
add_mail(Store *store, guint number, const char *from, const char *case_json, gint64 at)
{
	gint64 id = 0;
	g_autofree char *sha256 = state_sha256(number);
	g_autofree char *message_id = g_strdup_printf("<%u.%s>", number, from);
	g_autofree char *subject = g_strdup_printf("%s %u", WORDS, number);
	g_autofree char *token = NULL;
	JournalMail mail = { .place = { S("assistenza"), S("INBOX"), 7, number },
		.sha256 = sha256,
		.message_id = message_id,
		.from_address = (char *)from,
		.subject = subject,
		.internaldate = at,
		.seen_at = at,
		.nature = S("person"),
		.class = S("spam-detected"),
		.action = S("send"),
		.outcome = JOURNAL_PENDING,
		.tags = S("triage-spam-detected"),
		.case_json = (char *)case_json };
	JournalEvent event = { .at = at, .what = S("pointer"), .detail = subject };
	must(store_begin(store, &error));
	must(conversation_new(store, at, &mail.conversation, &token, &error));
	must(conversation_add_message(
	        store, mail.conversation, message_id, FALSE, &error));
	must(journal_add(store, &mail, &id, &error));
	ConversationUpdate update = { .state = "open", .data = case_json, .root = id };
	must(conversation_update(store, mail.conversation, &update, &error));
	must(unmatched_add(store, id, at, WORDS, case_json, &error));
	event.mail = id;
	must(journal_add_event(store, &event, &error));
	must(store_commit(store, &error));
	return id;
}

/* A reply that went out at a time, or (at 0) that still waits. */
static gint64
add_reply(Store *store, gint64 mail, const char *to, gint64 at)
{
	g_autofree char *text = g_strdup_printf("To: %s\r\n\r\n" WORDS "\r\n", to);
	g_autoptr(GBytes) payload = g_bytes_new(text, strlen(text));
	EffectFinish done = {
		.result = RESULT_DONE, .code = 250, .words = "Ok " WORDS
	};
	Effect reply = { .mail = mail,
		.kind = EFFECT_REPLY,
		.place = { S("assistenza"), S("INBOX"), 7, (guint32)mail },
		.recipient = (char *)to,
		.envelope_from = S(""),
		.message_id = S("<r@example.it>"),
		.payload = payload };
	gint64 id = state_queue(store, &reply, at != 0 ? at : NOW);
	if (at != 0) {
		state_finish_reply(store, id, &done, at);
		must_commit(store, journal_set_outcome(store, mail, JOURNAL_REPLIED,
		                           NULL, at, &error));
	}
	return id;
}

/* Whether the bytes of any file of the state directory hold a text. */
static gboolean
files_hold(const Office *office, const char *text)
{
	static const char *const names[] = { "triaged.db", "triaged.db-wal" };
	gboolean found = FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *file =
		        g_build_filename(office->directory, names[i], NULL);
		g_autofree char *bytes = NULL;
		gsize length = 0;
		if (g_file_get_contents(file, &bytes, &length, NULL))
			found = found ||
			        memmem(bytes, length, text, strlen(text)) != NULL;
	}
	return found;
}

static void
empty_log(Store *store)
{
	gboolean emptied;
	must(store_empty_log(store, 1000, &emptied, &error));
	assert_true(emptied);
	assert_int_equal(store_log_bytes(store), 0);
}

static guint
prune(Store *store, gint64 before)
{
	guint erased;
	must(store_begin(store, &error));
	must(erasure_prune(store, before, 100, &erased, &error));
	must(erasure_expire(store, before, NOW, &error));
	must(store_commit(store, &error));
	return erased;
}

static void
test_prune(void **state)
{
	Office *office = *state;
	gint64 old = add_mail(office->store, 1, ANNA,
	        "{\"value\": \"" WORDS " " ANNA "\"}", NOW - 400 * DAY);
	add_reply(office->store, old, ANNA, NOW - 400 * DAY);
	gint64 young = add_mail(office->store, 2, BRUNO, "{}", NOW - DAY);
	assert_true(files_hold(office, ANNA));
	assert_true(files_hold(office, WORDS " 1"));
	assert_int_equal(prune(office->store, NOW - 365 * DAY), 1);
	assert_int_equal(prune(office->store, NOW - 365 * DAY), 0);
	empty_log(office->store);
	assert_false(files_hold(office, ANNA));
	assert_false(files_hold(office, WORDS " 1"));
	assert_true(files_hold(office, WORDS " 2"));
	g_autoptr(JournalMail) left;
	must(left = journal_get(office->store, old, &error));
	assert_null(left->from_address);
	assert_null(left->subject);
	assert_null(left->case_json);
	assert_string_equal(left->class, "spam-detected");
	assert_int_equal(left->outcome, JOURNAL_REPLIED);
	g_autoptr(JournalMail) kept;
	must(kept = journal_get(office->store, young, &error));
	assert_string_equal(kept->from_address, BRUNO);
}

/* The same bytes at the same or at another place are still the same mail. */
static void
test_pruned_is_known(void **state)
{
	Office *office = *state;
	Place place = { S("assistenza"), S("INBOX"), 7, 1 };
	g_autofree char *sha256 = state_sha256(1);
	gint64 old = add_mail(office->store, 1, ANNA, "{}", NOW - 400 * DAY), id;
	add_reply(office->store, old, ANNA, NOW - 400 * DAY);
	assert_int_equal(prune(office->store, NOW), 1);
	must(journal_find_place(office->store, &place, &id, &error));
	assert_int_equal(id, old);
	must(journal_find_sha256(office->store, sha256, &id, &error));
	assert_int_equal(id, old);
}

/* What is still to be carried out is not lost, nor what happened lately. */
static void
test_prune_spares(void **state)
{
	Office *office = *state;
	gint64 late = add_mail(office->store, 2, BRUNO, "{}", NOW - 400 * DAY);
	add_reply(office->store, late, BRUNO, NOW - DAY);
	gint64 waiting = add_mail(office->store, 1, ANNA, "{}", NOW - 400 * DAY);
	gint64 reply = add_reply(office->store, waiting, ANNA, 0);
	assert_int_equal(prune(office->store, NOW - 365 * DAY), 0);
	g_autoptr(Effect) effect;
	must(effect = outbox_get(office->store, reply, &error));
	assert_string_equal(effect->recipient, ANNA);
	assert_true(g_bytes_get_size(effect->payload) > 0);
}

static guint
count_replies(Store *store, const char *address)
{
	guint count;
	must(reply_limit_count_address(store, address, NOW - DAY, &count, &error));
	return count;
}

static gboolean
has_bounced(Store *store, const char *address)
{
	gboolean has;
	must(bounced_has(store, address, NOW, &has, &error));
	return has;
}

static PersonForgotten
forget(Store *store, const char *address)
{
	PersonForgotten forgotten;
	g_autoptr(Person) person;
	must(person = person_find(store, address, &error));
	must_commit(
	        store, person_forget(store, person, address, NOW, &forgotten, &error));
	return forgotten;
}

/* Everything that names her goes, in whatever table; what bounds our mail to her stays. */
static void
test_forget(void **state)
{
	Office *office = *state;
	Store *store = office->store;
	gint64 hers = add_mail(store, 1, "Anna.Bassi@Example.IT",
	        "{\"value\": \"" WORDS "\"}", NOW - 2 * DAY);
	add_reply(store, hers, ANNA, NOW - 3600 * (gint64)G_USEC_PER_SEC);
	gint64 waits = add_mail(store, 2, ANNA, "{}", NOW);
	gint64 dropped = add_reply(store, waits, ANNA, 0);
	gint64 names = add_mail(store, 3, BRUNO,
	        "{\"value\": \"scrivo ad Anna.Bassi@example.it.\"}", NOW);
	gint64 longer = add_mail(
	        store, 4, BRUNO, "{\"value\": \"x" ANNA " " ANNA ".com\"}", NOW);
	must(store_begin(store, &error));
	must(bounced_add(store, ANNA, "550 <" ANNA ">", NOW, &error));
	must(note_set(store, "courier", "last-error", "450 <" ANNA ">", NOW, &error));
	must(store_commit(store, &error));
	PersonForgotten forgotten = forget(store, ANNA);
	assert_int_equal(forgotten.mails, 2);
	assert_int_equal(forgotten.mentions, 1);
	assert_int_equal(forgotten.waiting, 0);
	empty_log(store);
	assert_false(store_names(store, ANNA));
	assert_false(files_hold(office, "anna.bassi@example.it\""));
	assert_false(files_hold(office, WORDS " 1"));
	assert_int_equal(count_replies(store, ANNA), 1);
	assert_int_equal(count_replies(store, BRUNO), 0);
	assert_true(has_bounced(store, ANNA));
	assert_false(has_bounced(store, BRUNO));
	must_fail(outbox_get(store, dropped, &error), ERROR_INPUT, "no outbox entry");
	g_autoptr(JournalMail) settled, other, named;
	must(settled = journal_get(store, waits, &error));
	assert_int_equal(settled->outcome, JOURNAL_NO_REPLY);
	must(other = journal_get(store, longer, &error));
	assert_string_equal(other->from_address, BRUNO);
	must(named = journal_get(store, names, &error));
	assert_null(named->case_json);
	assert_int_equal(forget(store, ANNA).mails, 0);
}

/* A reply that is on its way: its outcome must find its entry. */
static void
test_forget_under_way(void **state)
{
	Office *office = *state;
	PersonForgotten forgotten;
	OutboxClaim claim = { .kinds = EFFECTS_OF_COURIER, .owner = "test" };
	gint64 mail = add_mail(office->store, 1, ANNA, "{}", NOW);
	add_reply(office->store, mail, ANNA, 0);
	must(store_begin(office->store, &error));
	g_autoptr(GPtrArray) claimed = outbox_claim(office->store, &claim, NOW, NULL);
	assert_int_equal(claimed->len, 1);
	must(store_commit(office->store, &error));
	g_autoptr(Person) person;
	must(person = person_find(office->store, ANNA, &error));
	must(store_begin(office->store, &error));
	must_fail(person_forget(office->store, person, ANNA, NOW, &forgotten, &error),
	        ERROR_TEMPORARY, "just being carried out");
	store_rollback(office->store);
	assert_int_equal(claimed->len, 1);
}

/* Another's answer that names her goes out first. */
static void
test_forget_waits_for_others(void **state)
{
	Office *office = *state;
	gint64 mail = add_mail(
	        office->store, 1, BRUNO, "{\"value\": \"" ANNA "\"}", NOW - DAY);
	add_reply(office->store, mail, BRUNO, 0);
	assert_int_equal(forget(office->store, ANNA).waiting, 1);
	g_autoptr(JournalMail) kept;
	must(kept = journal_get(office->store, mail, &error));
	assert_string_equal(kept->from_address, BRUNO);
}

static void
test_quarantine(void **state)
{
	Office *office = *state;
	g_autoptr(GBytes) hers = g_bytes_new_static("From: <" ANNA ">\n", 29);
	g_autoptr(GBytes) his = g_bytes_new_static("From: <" BRUNO ">\n", 25);
	must(quarantine_keep(office->store, hers, NULL, &error));
	must(quarantine_keep(office->store, his, NULL, &error));
	g_autoptr(GPtrArray) found = quarantine_find(office->store, ANNA);
	assert_int_equal(found->len, 1);
	assert_int_equal(quarantine_clean(office->store, 0, ANNA), 1);
	assert_int_equal(quarantine_clean(office->store, 0, ANNA), 0);
	assert_int_equal(
	        quarantine_clean(office->store, g_get_real_time() + DAY, NULL), 1);
}

static const struct name_sample {
	const char *text;
	gboolean named;
} name_samples[] = {
	{ ANNA, TRUE },
	{ "ANNA.BASSI@EXAMPLE.IT", TRUE },
	{ "<" ANNA ">", TRUE },
	{ "scrivi a " ANNA ".", TRUE },
	{ "a " ANNA ". Grazie", TRUE },
	{ "x" ANNA ", " ANNA, TRUE },
	{ "x" ANNA, FALSE },
	{ "maria." ANNA, FALSE },
	{ ANNA ".com", FALSE },
	{ ANNA "x", FALSE },
	{ "anna.bassi@example", FALSE },
	{ "", FALSE },
};

static void
test_names(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(name_samples); i++) {
		const struct name_sample *sample = &name_samples[i];
		if (person_is_named(sample->text, strlen(sample->text), ANNA) !=
		        sample->named)
			fail_msg("'%s'", sample->text);
	}
}

#define IN_OFFICE(test) cmocka_unit_test_setup_teardown(test, open_office, close_office)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_OFFICE(test_prune),
		IN_OFFICE(test_pruned_is_known),
		IN_OFFICE(test_prune_spares),
		IN_OFFICE(test_forget),
		IN_OFFICE(test_forget_under_way),
		IN_OFFICE(test_forget_waits_for_others),
		IN_OFFICE(test_quarantine),
		cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests_name("erasure", tests, NULL, NULL);
}
