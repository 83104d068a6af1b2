/* Whose turn it is among the mails that wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "desk/backlog.h"

#define PLENTY G_MAXUINT64

static GArray *
briefs(guint32 from, guint count)
{
	GArray *all = g_array_new(FALSE, FALSE, sizeof(MailBrief));
	for (guint i = 0; i < count; i++) {
		MailBrief brief = { .uid = from + i, .size = 10 };
		g_array_append_val(all, brief);
	}
	return all;
}

static void
check_next(Backlog *backlog, guint64 bytes, guint32 first, guint count, guint32 floor)
{
	g_autoptr(GArray) batch = backlog_next(backlog, BACKLOG_BATCH, bytes);
	assert_int_equal(batch->len, count);
	for (guint i = 0; i < batch->len; i++)
		assert_int_equal(g_array_index(batch, MailBrief, i).uid, first + i);
	assert_int_equal(backlog_floor(backlog), floor);
}

static void
test_few(void **state)
{
	(void)state;
	Backlog backlog = { 0 };
	backlog_add(&backlog, briefs(5, BACKLOG_BATCH));
	check_next(&backlog, PLENTY, 5, BACKLOG_BATCH, 5 + BACKLOG_BATCH);
	check_next(&backlog, PLENTY, 0, 0, 5 + BACKLOG_BATCH);
	backlog_clear(&backlog);
}

/* The newest first, also those that come meanwhile; the oldest at every other turn; the last
 * ones in smaller batches. */
static void
test_many(void **state)
{
	(void)state;
	Backlog backlog = { 0 };
	backlog_add(&backlog, briefs(1, 300));
	check_next(&backlog, PLENTY, 276, 25, 1);
	check_next(&backlog, PLENTY, 1, 100, 101);
	backlog_add(&backlog, briefs(301, 1));
	g_autoptr(GArray) newest = backlog_next(&backlog, BACKLOG_BATCH, PLENTY);
	assert_int_equal(g_array_index(newest, MailBrief, newest->len - 1).uid, 301);
	check_next(&backlog, PLENTY, 101, 75, 176);
	check_next(&backlog, PLENTY, 176, 38, 214);
	check_next(&backlog, PLENTY, 214, 25, 239);
	check_next(&backlog, PLENTY, 239, 13, 302);
	assert_int_equal(backlog_left(&backlog), 0);
	backlog_clear(&backlog);
}

static void
test_in_order(void **state)
{
	(void)state;
	Backlog backlog = { .in_order = TRUE };
	backlog_add(&backlog, briefs(1, 300));
	check_next(&backlog, PLENTY, 1, 100, 101);
	check_next(&backlog, PLENTY, 101, 100, 201);
	backlog_clear(&backlog);
}

/* The last one may go beyond the bytes; one is always taken. */
static void
test_bytes(void **state)
{
	(void)state;
	Backlog backlog = { 0 };
	backlog_add(&backlog, briefs(1, 10));
	check_next(&backlog, 25, 1, 3, 4);
	check_next(&backlog, 1, 4, 1, 5);
	backlog_clear(&backlog);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_few),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_in_order),
		cmocka_unit_test(test_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
