# make check in seconds; the live tests with real servers have their own target.
EXTRA_DIST += tests/run .ci/run
dist_check_SCRIPTS += tests/check-floors
TESTS += tests/check-floors
dist_check_SCRIPTS += tests/measure-tickets
TESTS += tests/measure-tickets
include tests/packaging/local.mk
if TESTS_BUILT
# what tests of several floors need; every one of them is linked with it
check_LIBRARIES += tests/libtests.a
tests_libtests_a_SOURCES = tests/suite.h tests/slowness.h \
	tests/shipped.c tests/shipped.h tests/expected.c tests/expected.h \
	tests/reply_fields.c tests/reply_fields.h \
	tests/store/state.c tests/store/state.h
include tests/base/local.mk
include tests/mail/local.mk
include tests/rules/local.mk
include tests/triage/local.mk
include tests/store/local.mk
include tests/net/local.mk
include tests/desk/local.mk
include tests/conversations/local.mk
include tests/fuzz/local.mk
include tests/triaged/local.mk
endif

# The tests with real servers; as root, after "make". Not part of "make check".
EXTRA_DIST += tests/live/servers tests/live/run tests/measure tests/live/testbed.py tests/live/test_admin.py tests/live/test_online.py tests/live/test_status.py tests/live/test_daemon.py tests/live/test_delays.py \
	tests/live/crash_points.py tests/live/test_abuse.py tests/live/test_conversation.py \
	tests/live/test_kill.py tests/live/test_service.py tests/live/test_init.py tests/live/test_agents.py \
	tests/live/browser.py tests/live/test_report.py tests/live/test_metrics.py tests/live/test_tokens.py
# Measuring beside other programs; by hand, never in a check.
EXTRA_DIST += tests/bench/run tests/bench/growth tests/bench/svg.py tests/bench/relay.py tests/bench/stages tests/bench/prefilter tests/bench/hyperscan.c tests/bench/bed.py tests/bench/tickets.py tests/bench/rules.txt \
	tests/bench/bare.c tests/bench/peer.py tests/bench/peer.mjs tests/bench/sisimai.pl
check-live: all $(check_PROGRAMS)
	TRIAGED_BUILD='$(abs_top_builddir)' $(top_srcdir)/tests/net/run-live
	TRIAGED_BUILD='$(abs_top_builddir)' $(top_srcdir)/tests/live/run
.PHONY: check-live fuzz

# Every test that is a program, under valgrind: slow.
EXTRA_DIST += tests/valgrind/run tests/valgrind/unfit tests/valgrind/libraries.supp tests/valgrind/interpret.c
CLEANFILES += tests/valgrind/interpret.so
tests/valgrind/interpret.so: $(top_srcdir)/tests/valgrind/interpret.c
	$(MKDIR_P) tests/valgrind
	$(CC) $(CFLAGS) -shared -fPIC -o $@ $(top_srcdir)/tests/valgrind/interpret.c
check-valgrind: all tests/valgrind/interpret.so
	$(MAKE) check LOG_COMPILER='$(abs_top_srcdir)/tests/valgrind/run'
.PHONY: check-valgrind
