# Conversations of several mails through analysis, decision and store, without a network.
check_PROGRAMS += tests/conversations/test-conversations tests/conversations/test-quoting
TESTS += tests/conversations/test-conversations tests/conversations/test-quoting
talk_of_conversations = tests/conversations/talk.c tests/conversations/talk.h \
	tests/conversations/opening.c tests/conversations/opening.h \
	tests/conversations/quoting.c tests/conversations/quoting.h
tests_conversations_test_conversations_SOURCES = \
	tests/conversations/test-conversations.c $(talk_of_conversations)
tests_conversations_test_quoting_SOURCES = \
	tests/conversations/test-quoting.c $(talk_of_conversations)
EXTRA_DIST += tests/conversations/openings tests/conversations/expected
