/* What is out of an analyst's reach, tried from inside the sandbox. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "desk/sandbox.h"
#include "tests/suite.h"

static gboolean
try_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static gboolean
try_unix_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static gboolean
try_exec(void)
{
	char *arguments[] = { (char *)"/bin/true", NULL };
	execve("/bin/true", arguments, NULL);
	return FALSE; /* success would have ended the probe with status 0 */
}

static gboolean
try_fork(void)
{
	pid_t child = (pid_t)syscall(SYS_fork);
	if (child == 0)
		_exit(0);
	return child > 0;
}

static gboolean
try_read_passwd(void)
{
	return open("/etc/passwd", O_RDONLY) >= 0;
}

static gboolean
try_read_self(void)
{
	return open("/proc/self/maps", O_RDONLY) >= 0;
}

/* Two walls stand here: the filter says EPERM, Landlock behind it would say EACCES. */
static gboolean
try_create(void)
{
	return open("/tmp/triaged-sandbox-probe", O_WRONLY | O_CREAT, 0600) >= 0 ||
	       errno != EPERM;
}

static gboolean
try_kill(void)
{
	return kill(getppid(), 0) == 0;
}

static gboolean
try_ptrace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
}

static gboolean
try_unlink(void)
{
	return unlink("/tmp/triaged-sandbox-probe") == 0 || errno == ENOENT;
}

/* EUC-TW is none of the preloaded charsets: its module is opened from inside. */
static gboolean
try_charset(void)
{
	return iconv_open("UTF-8", "EUC-TW") != (iconv_t)-1;
}

static gboolean
try_memory(void)
{
	g_autofree char *bytes = g_try_malloc(64 * 1024 * 1024);
	return bytes != NULL;
}

#define MEMORY (512u * 1024 * 1024) /* beyond what a probe has already */

#ifndef WITH_SANITIZERS
static gboolean
try_too_much_memory(void)
{
	g_autofree char *bytes = g_try_malloc(MEMORY);
	return bytes != NULL;
}
#endif

/* The one kind of file that may be opened, more often than any analysis needs. */
static gboolean
try_many_files(void)
{
	static const char *const modules[] = {
		"/usr/lib/x86_64-linux-gnu/gconv/EUC-TW.so",
		"/usr/lib/aarch64-linux-gnu/gconv/EUC-TW.so",
	};
	for (int i = 0; i < 64; i++)
		for (gsize k = 0; k < G_N_ELEMENTS(modules); k++)
			if (open(modules[k], O_RDONLY) < 0 && errno != ENOENT)
				return FALSE;
	return TRUE;
}

static const struct probe {
	const char *name;
	gboolean (*try)(void);
	gboolean allowed;
} probes[] = {
	{ "connect: no internet socket", try_socket, FALSE },
	{ "connect: no local socket", try_unix_socket, FALSE },
	{ "exec", try_exec, FALSE },
	{ "fork", try_fork, FALSE },
	{ "open: no file of the system", try_read_passwd, FALSE },
	{ "open: not its own memory map", try_read_self, FALSE },
	{ "open: no new file", try_create, FALSE },
	{ "no file removed", try_unlink, FALSE },
	{ "no signal sent", try_kill, FALSE },
	{ "no ptrace", try_ptrace, FALSE },
	{ "a charset module may be opened", try_charset, TRUE },
	{ "memory may be used", try_memory, TRUE },
#ifndef WITH_SANITIZERS
	{ "not all memory", try_too_much_memory, FALSE },
#endif
	{ "few descriptors", try_many_files, FALSE },
};

enum { PROBE_REFUSED = 10, PROBE_DONE = 11, PROBE_NOT_ENTERED = 12 };

static int
run_probe(const struct probe *probe)
{
	pid_t child = fork();
	if (child == 0) {
		if (!sandbox_enter(MEMORY, NULL))
			_exit(PROBE_NOT_ENTERED);
		_exit(probe->try() ? PROBE_DONE : PROBE_REFUSED);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
test_probe(void **state)
{
	const struct probe *probe = *state;
	assert_int_equal(run_probe(probe), probe->allowed ? PROBE_DONE : PROBE_REFUSED);
}

/* A file of a shut-in process (proc(5)), seen from outside. */
static char *
proc_file_inside(const char *name)
{
	int entered[2], done[2];
	char byte = 0;
	assert_int_equal(pipe(entered), 0);
	assert_int_equal(pipe(done), 0);
	pid_t child = fork();
	if (child == 0) {
		close(done[1]);
		if (!sandbox_enter(MEMORY, NULL) || write(entered[1], "", 1) != 1)
			_exit(PROBE_NOT_ENTERED);
		_exit(read(done[0], &byte, 1) == 0 ? PROBE_DONE : PROBE_REFUSED);
	}
	close(entered[1]);
	assert_int_equal(read(entered[0], &byte, 1), 1);
	g_autofree char *file = g_strdup_printf("/proc/%d/%s", (int)child, name);
	char *text = NULL;
	assert_true(g_file_get_contents(file, &text, NULL, NULL));
	close(done[1]);
	assert_int_equal(waitpid(child, NULL, 0), child);
	close(entered[0]);
	close(done[0]);
	return text;
}

static void
test_limits(void **state)
{
	(void)state;
	g_autofree char *limits = proc_file_inside("limits");
	static const char *const wanted[] = {
		"Max core file size +0 +0 ",
		"Max file size +0 +0 ",
		"Max open files +16 +16 ",
	};
	for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++)
		assert_true(g_regex_match_simple(wanted[i], limits, 0, 0));
}

static void
test_no_new_privileges(void **state)
{
	(void)state;
	g_autofree char *status = proc_file_inside("status");
	assert_non_null(strstr(status, "NoNewPrivs:\t1"));
	assert_non_null(strstr(status, "Seccomp:\t2"));
}

/* What every role does: no core file, no debugger of the same user, nobody's /proc/PID/environ. */
static void
test_harden(void **state)
{
	(void)state;
	int status;
	pid_t child = fork();
	if (child == 0) {
		sandbox_harden();
		gboolean closed = prctl(PR_GET_DUMPABLE) == 0 &&
		                  prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
		_exit(closed ? PROBE_DONE : PROBE_REFUSED);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), PROBE_DONE);
}

static void
test_describe(void **state)
{
	(void)state;
	g_autofree char *text = sandbox_describe();
	assert_non_null(strstr(text, "seccomp"));
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add_table(suite, probes, test_probe);
	suite_add(suite, cmocka_unit_test(test_limits),
	        cmocka_unit_test(test_no_new_privileges), cmocka_unit_test(test_harden),
	        cmocka_unit_test(test_describe));
	return suite_run(suite, "desk/sandbox", NULL, NULL);
}
