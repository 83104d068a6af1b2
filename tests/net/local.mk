# one program per module: tests/net/test-NOUN.c
EXTRA_DIST += tests/live/servers
