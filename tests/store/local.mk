# one program per module: tests/store/test-NOUN.c
check_PROGRAMS += tests/store/test-journal
TESTS += tests/store/test-journal
tests_store_test_journal_SOURCES = tests/store/test-journal.c tests/store/state.c tests/store/state.h
check_PROGRAMS += tests/store/test-outbox
TESTS += tests/store/test-outbox
tests_store_test_outbox_SOURCES = tests/store/test-outbox.c tests/store/state.c tests/store/state.h
