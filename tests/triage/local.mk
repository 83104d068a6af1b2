# one program per module: tests/triage/test-NOUN.c
check_PROGRAMS += tests/triage/test-case_pack
TESTS += tests/triage/test-case_pack
check_PROGRAMS += tests/triage/test-date
TESTS += tests/triage/test-date
check_PROGRAMS += tests/triage/test-gate
TESTS += tests/triage/test-gate
check_PROGRAMS += tests/triage/test-nature
TESTS += tests/triage/test-nature
check_PROGRAMS += tests/triage/test-decide
TESTS += tests/triage/test-decide
check_PROGRAMS += tests/triage/test-checklist
TESTS += tests/triage/test-checklist
check_PROGRAMS += tests/triage/test-evidence
TESTS += tests/triage/test-evidence
