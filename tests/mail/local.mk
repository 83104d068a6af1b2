# one program per module: tests/mail/test-NOUN.c
