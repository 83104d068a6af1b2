# one program per module: tests/store/test-NOUN.c
