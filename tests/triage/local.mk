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
check_PROGRAMS += tests/triage/test-conversation_state
TESTS += tests/triage/test-conversation_state
check_PROGRAMS += tests/triage/test-checklist
TESTS += tests/triage/test-checklist
check_PROGRAMS += tests/triage/test-evidence
TESTS += tests/triage/test-evidence
check_PROGRAMS += tests/triage/test-facts
TESTS += tests/triage/test-facts
check_PROGRAMS += tests/triage/test-naming
TESTS += tests/triage/test-naming
tests_triage_test_naming_SOURCES = tests/triage/test-naming.c \
	tests/triage/rows.c tests/triage/rows.h
check_PROGRAMS += tests/triage/test-explain
TESTS += tests/triage/test-explain
check_PROGRAMS += tests/triage/test-passage
TESTS += tests/triage/test-passage
check_PROGRAMS += tests/triage/test-classify
TESTS += tests/triage/test-classify
tests_triage_test_classify_SOURCES = tests/triage/test-classify.c \
	tests/triage/rows.c tests/triage/rows.h
check_PROGRAMS += tests/triage/test-analyse
TESTS += tests/triage/test-analyse
check_PROGRAMS += tests/triage/test-golden
TESTS += tests/triage/test-golden
EXTRA_DIST += tests/triage/phrasings.tsv tests/triage/namings.tsv tests/mails
check_PROGRAMS += tests/triage/test-hostile tests/triage/test-injection
TESTS += tests/triage/test-hostile tests/triage/test-injection
tests_triage_test_hostile_SOURCES = tests/triage/test-hostile.c \
	tests/reply_fields.c tests/reply_fields.h
tests_triage_test_injection_SOURCES = tests/triage/test-injection.c \
	tests/reply_fields.c tests/reply_fields.h
check_PROGRAMS += tests/triage/test-likeness
TESTS += tests/triage/test-likeness
