#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "desk/pulse.h"

static void
a_sign_counts_for_what_was_promised(void **state)
{
	g_autoptr(Pulse) patient = pulse_new(2, 60);
	g_autoptr(Pulse) hasty = pulse_new(2, 0);
	(void)state;
	pulse_beat(patient, 0, 0);
	assert_false(pulse_is_late(patient, 0));
	assert_true(pulse_is_late(patient, 1)); /* never gave one */
	pulse_beat(hasty, 1, 60 * 1000);
	assert_false(pulse_is_late(hasty, 1));
	pulse_beat(hasty, 1, -1);
	assert_true(pulse_is_late(hasty, 1));
	pulse_beat(NULL, 0, 0); /* a role that nobody looks after */
}

/* Run in a child of a child, as an analyst is of its watcher; how it ended. */
static int
beat_as_grandchild(Pulse *pulse, gboolean private)
{
	int status = 0;
	pid_t role = fork();
	if (role == 0) {
		if (private)
			pulse_keep_private(pulse);
		pid_t analyst = fork();
		if (analyst == 0) {
			/* The sanitizers would make a report of the fault. */
			signal(SIGSEGV, SIG_DFL);
			pulse_beat(pulse, 0, 60 * 1000);
			_exit(0);
		}
		waitpid(analyst, &status, 0);
		_exit(WIFSIGNALED(status) ? 1 : 0);
	}
	waitpid(role, &status, 0);
	return WEXITSTATUS(status);
}

static void
a_role_speaks_for_itself_to_the_master(void **state)
{
	g_autoptr(Pulse) pulse = pulse_new(1, 0);
	(void)state;
	assert_int_equal(beat_as_grandchild(pulse, FALSE), 0);
	assert_false(pulse_is_late(pulse, 0));
}

static void
an_analyst_cannot_speak_for_its_role(void **state)
{
	g_autoptr(Pulse) pulse = pulse_new(1, 0);
	(void)state;
	assert_int_equal(beat_as_grandchild(pulse, TRUE), 1);
	assert_true(pulse_is_late(pulse, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sign_counts_for_what_was_promised),
		cmocka_unit_test(a_role_speaks_for_itself_to_the_master),
		cmocka_unit_test(an_analyst_cannot_speak_for_its_role),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
