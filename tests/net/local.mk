# one program per module: tests/net/test-NOUN.c; talk.c plays tests/talks for those that need a peer
EXTRA_DIST += tests/talks tests/net/run-live tests/live/network.py tests/live/test_networks.py \
	tests/live/test_submissions.py tests/live/test_store_troubles.py
live_tests = tests/net/live-mailbox tests/net/live-submission
net_tests = \
	tests/net/test-endpoint \
	tests/net/test-imap_command \
	tests/net/test-imap_reader \
	tests/net/test-mailbox \
	tests/net/test-mailbox_fetch \
	tests/net/test-smtp_reply \
	tests/net/test-store_group \
	tests/net/test-submission
check_PROGRAMS += $(net_tests) $(live_tests)
TESTS += $(net_tests)
talk_sources = tests/net/talk.c tests/net/talk.h
mailbox_talk_sources = tests/net/mailbox_talk.c tests/net/mailbox_talk.h $(talk_sources)
tests_net_test_mailbox_SOURCES = tests/net/test-mailbox.c $(mailbox_talk_sources)
tests_net_test_mailbox_fetch_SOURCES = tests/net/test-mailbox_fetch.c \
	$(mailbox_talk_sources)
tests_net_test_submission_SOURCES = tests/net/test-submission.c $(talk_sources)
tests_net_live_mailbox_SOURCES = tests/net/live-mailbox.c tests/net/live.c tests/net/live.h
tests_net_live_submission_SOURCES = tests/net/live-submission.c tests/net/live.c tests/net/live.h
