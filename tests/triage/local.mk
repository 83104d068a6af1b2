# one program per module: tests/triage/test-NOUN.c
