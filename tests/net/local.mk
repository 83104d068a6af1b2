# one program per module: tests/net/test-NOUN.c
