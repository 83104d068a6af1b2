# one program per module: tests/rules/test-NOUN.c
check_PROGRAMS += tests/rules/check-catalogue tests/rules/test-settings
TESTS += tests/rules/check-catalogue tests/rules/test-settings
