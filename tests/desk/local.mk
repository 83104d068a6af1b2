# one program per module: tests/desk/test-NOUN.c
check_PROGRAMS += tests/desk/test-reply
TESTS += tests/desk/test-reply
check_PROGRAMS += tests/desk/test-sandbox tests/desk/test-analyst tests/desk/test-pace
TESTS += tests/desk/test-sandbox tests/desk/test-analyst tests/desk/test-pace
check_PROGRAMS += tests/desk/test-credential tests/desk/test-history
TESTS += tests/desk/test-credential tests/desk/test-history
check_PROGRAMS += tests/desk/test-pulse
TESTS += tests/desk/test-pulse
check_PROGRAMS += tests/desk/test-corrections
TESTS += tests/desk/test-corrections
check_PROGRAMS += tests/desk/test-exposition tests/desk/test-metrics
TESTS += tests/desk/test-exposition tests/desk/test-metrics
check_PROGRAMS += tests/desk/test-housekeeping
TESTS += tests/desk/test-housekeeping
check_PROGRAMS += tests/desk/test-summary
TESTS += tests/desk/test-summary
