# one program per module: tests/rules/test-NOUN.c
check_PROGRAMS += tests/rules/check-catalogue
TESTS += tests/rules/check-catalogue
