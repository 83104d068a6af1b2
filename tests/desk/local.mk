# one program per module: tests/desk/test-NOUN.c
check_PROGRAMS += tests/desk/test-sandbox tests/desk/test-analyst
TESTS += tests/desk/test-sandbox tests/desk/test-analyst
