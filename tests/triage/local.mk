# one program per module: tests/triage/test-NOUN.c
check_PROGRAMS += tests/triage/test-case_pack
TESTS += tests/triage/test-case_pack
check_PROGRAMS += tests/triage/test-date
TESTS += tests/triage/test-date
