# one program per module: tests/base/test-NOUN.c
