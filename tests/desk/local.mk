# one program per module: tests/desk/test-NOUN.c
check_PROGRAMS += tests/desk/test-sandbox
TESTS += tests/desk/test-sandbox
