#include "config.h"

#include "desk/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/errors.h"

#define FILES_MAX 16          /* descriptors an analyst may have open */
#define LISTENER_FILES_MAX 48 /* its connections, and a few */
#define LISTENER_MEMORY (64u * 1024 * 1024)

/* Where the C library keeps its charset modules; those that exist are let through. */
static const char *const charset_directories[] = {
	"/usr/lib/x86_64-linux-gnu/gconv",
	"/usr/lib/aarch64-linux-gnu/gconv",
	"/usr/lib64/gconv",
	"/usr/lib/gconv",
};

/* The charsets of real mail: a module once loaded stays loaded for every later fork. */
static const char *const charsets[] = { "ISO-8859-1", "ISO-8859-2", "ISO-8859-15",
	"WINDOWS-1252", "WINDOWS-1250", "WINDOWS-1251", "KOI8-R", "UTF-16", "UTF-16LE",
	"UTF-16BE", "UTF-7", "ISO-2022-JP", "SHIFT_JIS", "EUC-JP", "GB18030", "GBK",
	"BIG5", "EUC-KR", "ISO-8859-7", "ISO-8859-9", "WINDOWS-1253", "WINDOWS-1254",
	"MACINTOSH", "IBM850", "US-ASCII" };

/* What parsing, matching and answering need; everything else is refused. */
static const int allowed_calls[] = { SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv),
	SCMP_SYS(writev), SCMP_SYS(recvfrom), SCMP_SYS(sendto), SCMP_SYS(recvmsg),
	SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(close), SCMP_SYS(fstat),
	SCMP_SYS(lseek), SCMP_SYS(newfstatat), SCMP_SYS(pread64), SCMP_SYS(mmap),
	SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(mprotect), SCMP_SYS(madvise),
	SCMP_SYS(brk), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(futex),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction),
	SCMP_SYS(sigaltstack), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(tgkill),
	SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(getrandom),
	SCMP_SYS(alarm), SCMP_SYS(setitimer), SCMP_SYS(restart_syscall),
	SCMP_SYS(sched_yield), SCMP_SYS(membarrier) };

/* What libmicrohttpd needs beside those; the sockets that it may accept() are there already. */
static const int listener_calls[] = { SCMP_SYS(accept4), SCMP_SYS(accept),
	SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_ctl),
	SCMP_SYS(sendmsg), SCMP_SYS(shutdown), SCMP_SYS(setsockopt),
	SCMP_SYS(getsockopt), SCMP_SYS(getsockname), SCMP_SYS(getpeername),
	SCMP_SYS(fcntl) };

void
sandbox_preload_charsets(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(charsets); i++) {
		/* Kept open on purpose: closing would unload the module again. */
		iconv_t from = iconv_open("UTF-8", charsets[i]);
		iconv_t to = iconv_open(charsets[i], "UTF-8");
		(void)from;
		(void)to;
	}
}

static long
landlock_abi(void)
{
	return syscall(
	        SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

static guint64
handled_access(void)
{
	guint64 access = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
	                 LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
	                 LANDLOCK_ACCESS_FS_REMOVE_DIR |
	                 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
	                 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
	                 LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
	                 LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
#ifdef LANDLOCK_ACCESS_FS_REFER
	if (landlock_abi() >= 2)
		access |= LANDLOCK_ACCESS_FS_REFER;
#endif
	return access;
}

static void
landlock_allow_reading(int ruleset, const char *directory)
{
	struct landlock_path_beneath_attr rule = {
		.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE,
		.parent_fd = open(directory, O_PATH | O_CLOEXEC | O_DIRECTORY),
	};
	if (rule.parent_fd < 0)
		return;
	syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	close(rule.parent_fd);
}

/* Only these directories stay readable. False where the kernel has no Landlock. */
static gboolean
landlock_enter(const char *const *directories, gsize count)
{
	if (landlock_abi() < 1)
		return FALSE;
	struct landlock_ruleset_attr attributes = { .handled_access_fs =
		                                            handled_access() };
	int ruleset = (int)syscall(
	        SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
	if (ruleset < 0)
		return FALSE;
	for (gsize i = 0; i < count; i++)
		landlock_allow_reading(ruleset, directories[i]);
	gboolean entered = syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
	close(ruleset);
	return entered;
}

static int
filter_allow(scmp_filter_ctx filter, const int *calls, gsize count)
{
	int failed = 0;
	for (gsize i = 0; failed == 0 && i < count; i++)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	return failed;
}

/* Put the filter in force; failed is what building it came to. */
static gboolean
filter_load(scmp_filter_ctx filter, int failed, GError **error)
{
	if (failed == 0)
		failed = seccomp_load(filter);
	seccomp_release(filter);
	if (failed != 0)
		g_set_error(error, TRIAGED_ERROR, ERROR_TEMPORARY,
		        "the kernel refuses the system call filter: %s",
		        g_strerror(-failed));
	return failed == 0;
}

static gboolean
filter_analyst(gboolean may_open, GError **error)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int failed = filter == NULL ? -ENOMEM
	                            : filter_allow(filter, allowed_calls,
	                                      G_N_ELEMENTS(allowed_calls));
	/* Read-only, and Landlock says which; without Landlock nothing is opened at all. */
	if (failed == 0 && may_open)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
		        SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT | O_TRUNC,
		                O_RDONLY));
	/* Its own CPU limit is set anew for each mail. */
	if (failed == 0)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64),
		        2, SCMP_A0(SCMP_CMP_EQ, 0), SCMP_A1(SCMP_CMP_EQ, RLIMIT_CPU));
	return filter_load(filter, failed, error);
}

static gboolean
filter_listener(GError **error)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int failed = filter == NULL ? -ENOMEM
	                            : filter_allow(filter, allowed_calls,
	                                      G_N_ELEMENTS(allowed_calls));
	if (failed == 0)
		failed = filter_allow(
		        filter, listener_calls, G_N_ELEMENTS(listener_calls));
	return filter_load(filter, failed, error);
}

static void
limit_resource(int resource, rlim_t value)
{
	struct rlimit limit = { .rlim_cur = value, .rlim_max = value };
	setrlimit(resource, &limit);
}

#ifndef WITH_SANITIZERS
/* The address space this process has now, in bytes (proc(5), statm). */
static gsize
memory_in_use(void)
{
	gsize pages = 0;
	FILE *statm = fopen("/proc/self/statm", "re");
	if (statm == NULL)
		return 0;
	if (fscanf(statm, "%zu", &pages) != 1)
		pages = 0;
	fclose(statm);
	return pages * (gsize)sysconf(_SC_PAGESIZE);
}
#endif

static void
limits_enter(gsize memory_bytes, rlim_t files)
{
	limit_resource(RLIMIT_CORE, 0);
	limit_resource(RLIMIT_FSIZE, 0);
	limit_resource(RLIMIT_NOFILE, files);
#ifndef WITH_SANITIZERS
	gsize used = memory_in_use();
	if (memory_bytes > 0 && used > 0)
		limit_resource(RLIMIT_AS, used + memory_bytes);
#else
	(void)memory_bytes;
#endif
}

gboolean
sandbox_enter(gsize memory_bytes, GError **error)
{
	sandbox_harden();
	limits_enter(memory_bytes, FILES_MAX);
	return filter_analyst(
	        landlock_enter(charset_directories, G_N_ELEMENTS(charset_directories)),
	        error);
}

gboolean
sandbox_enter_listener(GError **error)
{
	sandbox_harden();
	limits_enter(LISTENER_MEMORY, LISTENER_FILES_MAX);
	landlock_enter(NULL, 0);
	return filter_listener(error);
}

void
sandbox_harden(void)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

char *
sandbox_describe(void)
{
	GString *text = g_string_new(NULL);
	g_string_append(text, seccomp_api_get() > 0 ? "seccomp" : "no seccomp");
	if (landlock_abi() >= 1)
		g_string_append_printf(text, ", Landlock (ABI %ld)", landlock_abi());
	else
		g_string_append(text,
		        ", no Landlock (charsets are preloaded, no file is opened)");
#ifdef WITH_SANITIZERS
	g_string_append(text, ", no memory limit (sanitizer build)");
#else
	g_string_append(text, ", memory, file and core limits");
#endif
	return g_string_free(text, FALSE);
}
