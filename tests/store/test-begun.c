/* What a courier that died had in hand, as its successor finds it. */
#include "config.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "state.h"
#include "store/begun.h"

#define SLOTS 4
#define BEGUN_FILE "begun"

static Begun *
reopen(const char *directory)
{
	Begun *begun;
	must(begun = begun_open(directory, SLOTS, &error));
	return begun;
}

/* A process that takes mails 1 to 4 and dies without a word. */
static void
die_with_some_in_hand(const char *directory)
{
	pid_t pid = fork();
	if (pid == 0) {
		Begun *begun = begun_open(directory, SLOTS, NULL);
		begun_reset(begun);
		g_atomic_int_set(begun_take(begun, 9), BEGUN_YES);
		begun_drop(begun, 9);
		for (gint64 id = 1; id <= SLOTS; id++)
			g_atomic_int_set(begun_take(begun, id), (gint)id - 1);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void
test_death(void **state)
{
	static const BegunState wanted[] = { BEGUN_NOT, BEGUN_YES, BEGUN_SENT,
		BEGUN_OVER, BEGUN_NOT };
	die_with_some_in_hand(*state);
	g_autoptr(Begun) begun = reopen(*state);
	for (guint i = 0; i < G_N_ELEMENTS(wanted); i++)
		assert_int_equal(begun_left(begun, i + 1), wanted[i]);
	assert_int_equal(begun_left(begun, 9), BEGUN_NOT);
	begun_reset(begun);
	for (guint i = 0; i < G_N_ELEMENTS(wanted); i++)
		assert_int_equal(begun_left(begun, i + 1), BEGUN_NOT);
}

/* Whatever it was, it does not tell of this boot: all may have begun. */
static void
test_other_boot(void **state)
{
	die_with_some_in_hand(*state);
	g_autofree char *file = g_build_filename(*state, BEGUN_FILE, NULL);
	int fd = open(file, O_WRONLY);
	assert_int_equal(pwrite(fd, "0", 1, 0) + pwrite(fd, "x", 1, 1), 2);
	close(fd);
	g_autoptr(Begun) begun = reopen(*state);
	for (gint64 id = 1; id <= 5; id++)
		assert_int_equal(begun_left(begun, id), BEGUN_YES);
}

static void
test_new(void **state)
{
	g_autoptr(Begun) begun = reopen(*state);
	assert_int_equal(begun_left(begun, 1), BEGUN_YES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DIRECTORY(test_death),
		WITH_DIRECTORY(test_other_boot),
		WITH_DIRECTORY(test_new),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
