# one program per module: tests/store/test-NOUN.c
check_PROGRAMS += tests/store/test-store
TESTS += tests/store/test-store
tests_store_test_store_SOURCES = tests/store/test-store.c \
	tests/store/state.c tests/store/state.h
check_PROGRAMS += tests/store/test-journal
TESTS += tests/store/test-journal
tests_store_test_journal_SOURCES = tests/store/test-journal.c \
	tests/store/state.c tests/store/state.h
check_PROGRAMS += tests/store/test-correction
TESTS += tests/store/test-correction
tests_store_test_correction_SOURCES = tests/store/test-correction.c \
	tests/store/state.c tests/store/state.h
check_PROGRAMS += tests/store/test-outcome
TESTS += tests/store/test-outcome
tests_store_test_outcome_SOURCES = tests/store/test-outcome.c \
	tests/store/state.c tests/store/state.h
check_PROGRAMS += tests/store/test-conversation
TESTS += tests/store/test-conversation
tests_store_test_conversation_SOURCES = tests/store/test-conversation.c \
	tests/store/state.c tests/store/state.h
check_PROGRAMS += tests/store/test-outbox
TESTS += tests/store/test-outbox
tests_store_test_outbox_SOURCES = tests/store/test-outbox.c \
	tests/store/state.c tests/store/state.h
check_PROGRAMS += tests/store/test-signing_key
TESTS += tests/store/test-signing_key
tests_store_test_signing_key_SOURCES = tests/store/test-signing_key.c \
	tests/store/state.c tests/store/state.h
check_PROGRAMS += tests/store/test-facts_of_state
TESTS += tests/store/test-facts_of_state
tests_store_test_facts_of_state_SOURCES = tests/store/test-facts_of_state.c \
	tests/store/state.c tests/store/state.h
check_PROGRAMS += tests/store/test-crash
TESTS += tests/store/test-crash
tests_store_test_crash_SOURCES = tests/store/test-crash.c \
	tests/store/state.c tests/store/state.h
check_PROGRAMS += tests/store/test-begun
TESTS += tests/store/test-begun
tests_store_test_begun_SOURCES = tests/store/test-begun.c \
	tests/store/state.c tests/store/state.h
check_PROGRAMS += tests/store/test-scale
TESTS += tests/store/test-scale
tests_store_test_scale_SOURCES = tests/store/test-scale.c \
	tests/store/state.c tests/store/state.h
check_PROGRAMS += tests/store/test-triagectl
TESTS += tests/store/test-triagectl
tests_store_test_triagectl_SOURCES = tests/store/test-triagectl.c \
	tests/store/state.c tests/store/state.h
EXTRA_DIST += tests/store/commands
# fills a journal for the tests and timings of the report
check_PROGRAMS += tests/store/make-journal
tests_store_make_journal_SOURCES = tests/store/make-journal.c
check_PROGRAMS += tests/store/test-report_walk
TESTS += tests/store/test-report_walk
tests_store_test_report_walk_SOURCES = tests/store/test-report_walk.c \
	tests/store/state.c tests/store/state.h
check_PROGRAMS += tests/store/test-erasure
TESTS += tests/store/test-erasure
tests_store_test_erasure_SOURCES = tests/store/test-erasure.c \
	tests/store/state.c tests/store/state.h
check_PROGRAMS += tests/store/test-backup
TESTS += tests/store/test-backup
tests_store_test_backup_SOURCES = tests/store/test-backup.c \
	tests/store/state.c tests/store/state.h
check_PROGRAMS += tests/store/test-tally
TESTS += tests/store/test-tally
tests_store_test_tally_SOURCES = tests/store/test-tally.c \
	tests/store/state.c tests/store/state.h
