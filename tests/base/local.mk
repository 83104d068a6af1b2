# one program per module: tests/base/test-NOUN.c
check_PROGRAMS += tests/base/test-text
TESTS += tests/base/test-text
check_PROGRAMS += tests/base/test-log
TESTS += tests/base/test-log
check_PROGRAMS += tests/base/test-repeats
TESTS += tests/base/test-repeats
check_PROGRAMS += tests/base/test-phrase_set
TESTS += tests/base/test-phrase_set
check_PROGRAMS += tests/base/test-digest
TESTS += tests/base/test-digest
check_PROGRAMS += tests/base/test-arena
TESTS += tests/base/test-arena
check_PROGRAMS += tests/base/test-moment
TESTS += tests/base/test-moment
check_PROGRAMS += tests/base/test-eight
TESTS += tests/base/test-eight
