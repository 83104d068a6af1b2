/* The small ones: cursors, notes, the breaker, bounced addresses, quarantine. */
#include "state.h"
#include "store/cursor.h"
#include "store/note.h"
#include "store/quarantine.h"
#include "store/reply_limit.h"

#include <string.h>
#include <sys/stat.h>

static void
set_cursor(Store *store, const Cursor *cursor)
{
	must_commit(store, cursor_set(store, "a", "INBOX", cursor, &error));
}

static void
test_cursor(void **state)
{
	Store *store = *state;
	Cursor cursor;
	CursorState known;
	must(cursor_get(store, "a", "INBOX", 7, &cursor, &known, &error));
	assert_int_equal(known, CURSOR_FIRST);
	assert_int_equal(cursor.uidvalidity, 7);
	assert_int_equal(cursor.next_uid, 0);
	Cursor first = { 7, 4294967295u, 40, G_GUINT64_CONSTANT(1) << 62, NOW };
	set_cursor(store, &first);
	must(cursor_get(store, "a", "INBOX", 7, &cursor, &known, &error));
	assert_int_equal(known, CURSOR_KNOWN);
	assert_true(cursor.next_uid == 4294967295u && cursor.answer_from == 40);
	assert_true(cursor.highestmodseq == G_GUINT64_CONSTANT(1) << 62);
	must(cursor_get(store, "a", "Altra", 7, &cursor, &known, &error));
	assert_int_equal(known, CURSOR_FIRST);
	must(cursor_get(store, "a", "INBOX", 8, &cursor, &known, &error));
	assert_int_equal(known, CURSOR_CHANGED);
	assert_true(cursor.next_uid == 0 && cursor.started_at == NOW);
	Cursor second = { 8, 3, 0, 0, NOW };
	set_cursor(store, &second);
	must(cursor_get(store, "a", "INBOX", 8, &cursor, &known, &error));
	assert_int_equal(known, CURSOR_KNOWN);
	assert_int_equal(cursor.next_uid, 3);
}

static void
test_notes(void **state)
{
	Store *store = *state;
	must(store_begin(store, &error));
	must(note_set(store, "mailbox/a", "last-success", "x", NOW, &error));
	must(note_set(store, "mailbox/a", "last-success", "y", NOW + 1, &error));
	must(note_set(store, "mailbox/a", "keywords", "refused", NOW, &error));
	must(note_set(store, "courier", "last-error", "z", NOW, &error));
	must(note_set(store, "courier", "gone", "z", NOW, &error));
	must(note_set(store, "courier", "gone", NULL, NOW, &error));
	must(store_commit(store, &error));
	g_autoptr(GPtrArray) all = note_list(store, NULL, NULL);
	assert_int_equal(all->len, 3);
	g_autoptr(GPtrArray) mailbox = note_list(store, "mailbox/a", NULL);
	assert_int_equal(mailbox->len, 2);
	const Note *note = mailbox->pdata[1];
	assert_string_equal(note->key, "last-success");
	assert_string_equal(note->value, "y");
	assert_true(note->at == NOW + 1);
}

static void
test_breaker(void **state)
{
	Store *store = *state;
	g_auto(Breaker) closed = { 0 }, open = { 0 };
	must(breaker_get(store, &closed, &error));
	assert_true(closed.since == 0);
	must(store_begin(store, &error));
	must(breaker_open(store, "200 replies in 20 minutes", NOW, &error));
	must(breaker_open(store, "again", NOW + 9, &error));
	must(store_commit(store, &error));
	must(breaker_get(store, &open, &error));
	assert_true(open.since == NOW);
	assert_string_equal(open.reason, "200 replies in 20 minutes");
	must_commit(store, breaker_close(store, &error));
	breaker_clear(&open);
	must(breaker_get(store, &open, &error));
	assert_true(open.since == 0);
}

static void
test_bounced_for_thirty_days(void **state)
{
	Store *store = *state;
	gint64 end = NOW + 30 * G_TIME_SPAN_DAY;
	gboolean has;
	must_commit(
	        store, bounced_add(store, "Anna@example.it", "550 5.1.1", NOW, &error));
	must(bounced_has(store, "anna@EXAMPLE.it", end - 1, &has, &error));
	assert_true(has);
	must(bounced_has(store, "anna@example.it", end, &has, &error));
	assert_false(has);
	must(bounced_has(store, "other@example.it", NOW, &has, &error));
	assert_false(has);
}

static void
add_reply(Store *store, gint64 mail, const char *recipient)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static("x", 1);
	const Effect reply = { .mail = mail,
		.kind = EFFECT_REPLY,
		.place = { (char *)"assistenza", (char *)"INBOX", 7, (guint32)mail },
		.recipient = (char *)(gpointer)recipient,
		.payload = bytes };
	state_queue(store, &reply, NOW);
}

/* Closed is the address that the reply went to, and none for a mail without a reply. */
static void
test_bounced_reply(void **state)
{
	Store *store = *state;
	gboolean has;
	state_add_mail(store, 1, "unknown", "", JOURNAL_PENDING);
	state_add_mail(store, 2, "unknown", "", JOURNAL_PENDING);
	add_reply(store, 1, "Anna@example.it");
	must(store_begin(store, &error));
	must(bounced_add_reply(store, 1, "550 5.1.1", NOW, &error));
	must(bounced_add_reply(store, 2, "550 5.1.1", NOW, &error));
	must(bounced_add_reply(store, 99, NULL, NOW, &error));
	must(store_commit(store, &error));
	must(bounced_has(store, "anna@example.it", NOW, &has, &error));
	assert_true(has);
	must(bounced_has(store, "", NOW, &has, &error));
	assert_false(has);
}

/* Replies that went to so many addresses count for one person, or for another. */
static void
test_limit_of_a_person(void **state)
{
	static const struct {
		const char *address;
		guint count;
	} samples[] = {
		{ "anna@example.it", 4 },
		{ "Anna+Other@Example.it", 4 },
		{ "anna+@example.it", 4 },
		{ "ann@example.it", 0 },
		{ "anna,@example.it", 0 },
		{ "anna@it", 0 },
		{ "anna+a@example.org", 1 },
		{ "+a@example.it", 1 },
		{ "+b@example.it", 0 },
		{ "a%@example.it", 0 },
	};
	static const char *const sent[] = { "anna@example.it", "ANNA+a@example.it",
		"anna+b@example.it", "anna+a+b@example.it", "anna+a@example.org",
		"+a@example.it", "annabella@example.it", "anna@other.it" };
	Store *store = *state;
	state_add_mail(store, 1, "unknown", "", JOURNAL_PENDING);
	for (gsize i = 0; i < G_N_ELEMENTS(sent); i++)
		add_reply(store, 1, sent[i]);
	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
		guint count;
		must(reply_limit_count_address(
		        store, samples[i].address, NOW, &count, &error));
		if (count != samples[i].count)
			fail_msg("%s: %u", samples[i].address, count);
	}
}

static guint
count_files(const char *directory)
{
	g_autofree char *path = g_build_filename(directory, "quarantine", NULL);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	guint count = 0;
	while (g_dir_read_name(dir) != NULL)
		count++;
	return count;
}

static void
test_quarantine_is_bounded(void **state)
{
	g_autoptr(Store) store = state_open(*state);
	for (guint i = 0; i < QUARANTINE_FILES + 5; i++) {
		g_autofree char *text = g_strdup_printf("Subject: %u\n\n", i);
		g_autoptr(GBytes) mail = g_bytes_new(text, strlen(text));
		g_autofree char *file = NULL, *again = NULL;
		must(quarantine_keep(store, mail, &file, &error));
		must(quarantine_keep(store, mail, &again, &error));
		assert_string_equal(file, again);
		struct stat status;
		assert_int_equal(stat(file, &status), 0);
		assert_int_equal(status.st_mode & 07777, 0600);
		assert_int_equal(status.st_size, strlen(text));
	}
	assert_int_equal(count_files(*state), QUARANTINE_FILES);
}

static void
test_quarantine_of_a_memory_store(void **state)
{
	g_autoptr(GBytes) mail = g_bytes_new_static("x", 1);
	char *file;
	must(quarantine_keep(*state, mail, &file, &error));
	assert_null(file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(test_cursor),
		WITH_STORE(test_notes),
		WITH_STORE(test_breaker),
		WITH_STORE(test_bounced_for_thirty_days),
		WITH_STORE(test_bounced_reply),
		WITH_STORE(test_limit_of_a_person),
		WITH_DIRECTORY(test_quarantine_is_bounded),
		WITH_STORE(test_quarantine_of_a_memory_store),
	};
	return cmocka_run_group_tests_name("facts_of_state", tests, NULL, NULL);
}
