# the commands that need no store; those about the journal are in tests/store
check_PROGRAMS += tests/triaged/test-commands
TESTS += tests/triaged/test-commands
EXTRA_DIST += tests/triaged/commands tests/triaged/mails tests/triaged/shop \
	tests/triaged/changed tests/triaged/broken tests/triaged/crossed \
	tests/triaged/shop.conf tests/triaged/changed.conf tests/triaged/anonymous.conf \
	tests/triaged/broken.conf tests/triaged/crossed.conf
