# one program per module: tests/desk/test-NOUN.c
