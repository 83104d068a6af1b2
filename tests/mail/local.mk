# one program per module: tests/mail/test-NOUN.c
check_PROGRAMS += tests/mail/dump-mail
check_PROGRAMS += tests/mail/test-mail
TESTS += tests/mail/test-mail
check_PROGRAMS += tests/mail/test-html
TESTS += tests/mail/test-html
check_PROGRAMS += tests/mail/test-compose
TESTS += tests/mail/test-compose
check_PROGRAMS += tests/mail/dump-reports tests/mail/dump-sections
EXTRA_DIST += tests/measure-reports
check_PROGRAMS += tests/mail/test-container
TESTS += tests/mail/test-container
check_PROGRAMS += tests/mail/test-header
TESTS += tests/mail/test-header
check_PROGRAMS += tests/mail/test-part
TESTS += tests/mail/test-part
check_PROGRAMS += tests/mail/test-mail-limits
TESTS += tests/mail/test-mail-limits
