# the commands that need no store; those about the journal are in tests/store
check_PROGRAMS += tests/triaged/test-commands
TESTS += tests/triaged/test-commands
EXTRA_DIST += tests/triaged/commands tests/triaged/mails tests/triaged/shop \
	tests/triaged/changed tests/triaged/broken tests/triaged/crossed \
	tests/triaged/shop.conf tests/triaged/changed.conf tests/triaged/anonymous.conf \
	tests/triaged/broken.conf tests/triaged/crossed.conf
check_PROGRAMS += tests/triaged/test-quantile
TESTS += tests/triaged/test-quantile
tests_triaged_test_quantile_SOURCES = tests/triaged/test-quantile.c \
	triaged/quantile.c triaged/quantile.h
check_PROGRAMS += tests/triaged/test-what_if
TESTS += tests/triaged/test-what_if
tests_triaged_test_what_if_SOURCES = tests/triaged/test-what_if.c \
	triaged/report_what_if.c triaged/report_what_if.h
# on a journal that tests/store/make-journal makes
check_PROGRAMS += tests/triaged/test-report
TESTS += tests/triaged/test-report
