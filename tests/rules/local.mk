# one program per module: tests/rules/test-NOUN.c
