/* The pool of analysts: answers, deaths and hangs; none costs more than the mail to blame. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "desk/analyst.h"
#include "desk/nursery.h"
#include "desk/wire.h"

#define MAIL                                                                           \
	"From: Anna <anna@example.org>\r\nTo: assistenza@example.it\r\n"               \
	"Date: Thu, 5 Nov 2026 10:00:00 +0100\r\nSubject: errore\r\n\r\n"              \
	"Buongiorno, non riesco a inviare: 552 5.2.0 igxL1p00E1WDM2s01gxMXG spam "     \
	"detected\r\n"

#define SLOW_SIGNATURES 2000
#define SLOW_LINES 1000
#define SLOW_PATIENCE 60 /* seconds; the limit is one, of a starved machine */

#define ROOM (16u * 1024 * 1024) /* bytes an analyst finds beside what it is made of */

typedef struct {
	Settings *settings;
	Catalogue *catalogue;
	AnalyseContext context;
	AnalystPool *pool;
	guint done, cases, failures, deaths;
	guint64 last_ticket;
	char *last_failure;
	pid_t stopped[2]; /* analysts */
} Fixture;

static void
on_done(Analysis *analysis, gpointer data)
{
	Fixture *fixture = data;
	fixture->done++;
	fixture->cases += analysis->kase != NULL;
	fixture->failures += analysis->failure != NULL;
	fixture->deaths += analysis->died;
	fixture->last_ticket = analysis->ticket;
	g_free(fixture->last_failure);
	fixture->last_failure = g_strdup(analysis->failure);
	assert_non_null(analysis->bytes);
}

static int
set_up(void **state)
{
	Fixture *fixture = g_new0(Fixture, 1);
	fixture->settings = settings_default();
	fixture->settings->limits.analyse_seconds = 1;
	fixture->catalogue = catalogue_load(
	        (const char *const *)fixture->settings->catalogue->pdata, NULL);
	assert_non_null(fixture->catalogue);
	fixture->context = (AnalyseContext){ .catalogue = fixture->catalogue,
		.settings = fixture->settings };
	fixture->pool =
	        analyst_pool_start(&fixture->context, 2, on_done, fixture, NULL);
	assert_non_null(fixture->pool);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	Fixture *fixture = *state;
	/* One stopped before it could ask to go with its nursery would stay for ever. */
	for (int i = 0; i < 2; i++)
		if (fixture->stopped[i] != 0)
			kill(fixture->stopped[i], SIGKILL);
	analyst_pool_free(fixture->pool);
	catalogue_free(fixture->catalogue);
	settings_free(fixture->settings);
	g_free(fixture->last_failure);
	g_free(fixture);
	while (waitpid(-1, NULL, 0) > 0)
		;
	return 0;
}

/* The children of a process (proc(5)), in the order of their birth; at most two. */
static guint
children_of(pid_t parent, pid_t children[2])
{
	g_autofree char *file =
	        g_strdup_printf("/proc/%d/task/%d/children", parent, parent);
	g_autofree char *text = NULL;
	if (!g_file_get_contents(file, &text, NULL, NULL))
		return 0;
	return (guint)MAX(0, sscanf(text, "%d %d", &children[0], &children[1]));
}

/* Send a signal to both analysts; waits until the nursery has forked them. */
static void
signal_analysts(int number, pid_t analysts[2])
{
	pid_t nursery[2];
	assert_true(children_of(getpid(), nursery) >= 1);
	gint64 deadline = clock_monotonic() + 10 * G_USEC_PER_SEC;
	while (children_of(nursery[0], analysts) < 2)
		assert_true(clock_monotonic() < deadline);
	for (int i = 0; i < 2; i++)
		assert_int_equal(kill(analysts[i], number), 0);
}

static void
put(Fixture *fixture, guint64 ticket, const char *text)
{
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
	assert_true(analyst_pool_put(fixture->pool, ticket, bytes, FALSE, 0, NULL));
}

static void
test_answers(void **state)
{
	Fixture *fixture = *state;
	for (guint64 i = 1; i <= 20; i++)
		put(fixture, i, MAIL);
	assert_true(analyst_pool_drain(fixture->pool, NULL));
	assert_int_equal(fixture->done, 20);
	assert_int_equal(fixture->cases, 20);
}

static void
test_no_mail(void **state)
{
	Fixture *fixture = *state;
	put(fixture, 7, "");
	assert_true(analyst_pool_drain(fixture->pool, NULL));
	assert_int_equal(fixture->failures, 1);
	assert_int_equal(fixture->deaths, 0);
	assert_int_equal(fixture->last_ticket, 7);
}

/* Killed from outside (the kernel wants memory): no mail is to blame, none is lost. */
static void
test_death(void **state)
{
	Fixture *fixture = *state;
	pid_t analysts[2];
	signal_analysts(SIGKILL, analysts);
	put(fixture, 1, MAIL);
	put(fixture, 2, MAIL);
	put(fixture, 3, MAIL);
	assert_true(analyst_pool_drain(fixture->pool, NULL));
	assert_int_equal(fixture->done, 3);
	assert_int_equal(fixture->deaths, 0);
	assert_int_equal(fixture->cases, 3);
}

/* The private memory this process has now, in bytes (proc(5), status). */
static rlim_t
data_in_use(void)
{
	g_autofree char *text = NULL;
	unsigned long kilobytes = 0;
	assert_true(g_file_get_contents("/proc/self/status", &text, NULL, NULL));
	const char *line = strstr(text, "VmData:");
	assert_non_null(line);
	assert_int_equal(sscanf(line, "VmData: %lu", &kilobytes), 1);
	return (rlim_t)kilobytes * 1024;
}

/* A mail that ends every analyst costs two of them and its own analysis; here one that is
 * larger than the memory they are left with. */
static void
test_deadly_mail(void **state)
{
	Fixture *fixture = *state;
	struct rlimit before, tight;
	analyst_pool_free(fixture->pool);
	assert_int_equal(getrlimit(RLIMIT_DATA, &before), 0);
	tight = before;
	tight.rlim_cur = data_in_use() + ROOM;
	assert_int_equal(setrlimit(RLIMIT_DATA, &tight), 0);
	fixture->pool =
	        analyst_pool_start(&fixture->context, 2, on_done, fixture, NULL);
	assert_int_equal(setrlimit(RLIMIT_DATA, &before), 0);
	assert_non_null(fixture->pool);
	g_autofree char *large = g_strnfill(4 * ROOM, 'x');
	put(fixture, 1, large);
	put(fixture, 2, MAIL);
	assert_true(analyst_pool_drain(fixture->pool, NULL));
	assert_int_equal(fixture->done, 2);
	assert_int_equal(fixture->deaths, 1);
	assert_int_equal(fixture->cases, 1);
}

/* Without a nursery no mail gets the blame: the pool says so and its owner starts anew. */
static void
test_lost_nursery(void **state)
{
	Fixture *fixture = *state;
	pid_t nursery[2];
	g_autoptr(GBytes) bytes = g_bytes_new_static(MAIL, strlen(MAIL));
	g_autoptr(GError) error = NULL;
	assert_false(analyst_pool_is_lost(fixture->pool));
	assert_int_equal(children_of(getpid(), nursery), 1);
	assert_int_equal(kill(nursery[0], SIGKILL), 0);
	assert_int_equal(waitpid(nursery[0], NULL, 0), nursery[0]);
	gboolean ok = analyst_pool_put(fixture->pool, 1, bytes, FALSE, 0, &error) &&
	              analyst_pool_drain(fixture->pool, &error);
	assert_false(ok);
	assert_non_null(error);
	assert_true(analyst_pool_is_lost(fixture->pool));
	assert_int_equal(fixture->done, 0);
}

static void
test_hang(void **state)
{
	Fixture *fixture = *state;
	signal_analysts(SIGSTOP, fixture->stopped);
	put(fixture, 1, MAIL);
	put(fixture, 2, MAIL);
	put(fixture, 3, MAIL);
	assert_true(analyst_pool_drain(fixture->pool, NULL));
	assert_int_equal(fixture->deaths, 2);
	assert_int_equal(fixture->cases, 1);
}

/* Signatures and a mail that keep each other busy for minutes: every paragraph is tried with every
 * bomb, up to the limit of one match. */
static Catalogue *
slow_catalogue(void)
{
	g_autofree char *directory = g_dir_make_tmp("slow-XXXXXX", NULL);
	g_autofree char *file = g_build_filename(directory, "slow.conf", NULL);
	g_autoptr(GString) text = g_string_new("class = { id = \"slow\"; title = "
	                                       "\"T\"; mode = \"tag\"; signatures = (");
	for (int i = 0; i < SLOW_SIGNATURES; i++)
		g_string_append_printf(text,
		        "%s{ id = \"s%d\"; layer = \"generic\"; text = "
		        "\"550 (a+)+b(x{%d})?\"; examples = { match = [ \"550 aab\" ]; "
		        "no_match = [ \"551 ab\" ]; }; }",
		        i > 0 ? "," : "", i, i + 1);
	g_string_append(text, "); };");
	assert_true(g_file_set_contents(file, text->str, -1, NULL));
	g_autoptr(Settings) settings = settings_default();
	const char *const directories[] = { g_ptr_array_index(settings->catalogue, 0),
		directory, NULL };
	Catalogue *catalogue = catalogue_load(directories, NULL);
	assert_non_null(catalogue);
	unlink(file);
	rmdir(directory);
	return catalogue;
}

/* The signal that ends an analyst with a mail that would take minutes. */
static int
end_of_slow_analysis(const AnalyseContext *context)
{
	int sockets[2], status;
	g_autoptr(GString) mail = g_string_new(MAIL);
	for (int i = 0; i < SLOW_LINES; i++)
		g_string_append_printf(mail,
		        "550 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac b %d\r\n\r\n",
		        i);
	AnalystQuestion question = { .size = mail->len };
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
	pid_t child = fork();
	if (child == 0) {
		close(sockets[0]);
		analyst_run(context, sockets[1]);
	}
	close(sockets[1]);
	assert_true(wire_write(sockets[0], &question, sizeof question));
	assert_true(wire_write(sockets[0], mail->str, mail->len));
	struct pollfd end = { .fd = sockets[0], .events = POLLIN };
	assert_int_equal(poll(&end, 1, SLOW_PATIENCE * 1000), 1);
	close(sockets[0]); /* one that has answered goes now */
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/* No parser can go on after analyse_seconds: not by the clock, nor by the processor's time. */
static void
test_slow_analysis(void **state)
{
	Fixture *fixture = *state;
	AnalyseContext slow = fixture->context;
	g_autoptr(Catalogue) catalogue = slow_catalogue();
	slow.catalogue = catalogue;
	assert_int_equal(end_of_slow_analysis(&slow), SIGALRM);
	signal(SIGALRM, SIG_IGN);
	assert_int_equal(end_of_slow_analysis(&slow), SIGXCPU);
	signal(SIGALRM, SIG_DFL);
}

/* A credential that is read after the start is in no analyst's memory: they were forked
 * before. The nursery's and analysts' environment and memory are out of reach of a test, so
 * this holds the order itself. */
static void
test_forked_before(void **state)
{
	(void)state;
	pid_t nursery[2], analysts[2];
	assert_true(children_of(getpid(), nursery) >= 1);
	gint64 deadline = clock_monotonic() + 10 * G_USEC_PER_SEC;
	while (children_of(nursery[0], analysts) < 2)
		assert_true(clock_monotonic() < deadline);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_answers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_mail, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_death, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_deadly_mail, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_lost_nursery, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_slow_analysis, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_hang, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_forked_before, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("desk/analyst", tests, NULL, NULL);
}
