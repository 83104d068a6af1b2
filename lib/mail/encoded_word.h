/*
 * Encoded words (RFC 2047) as they are really sent: split inside a character, with blanks,
 * without padding, under a wrong charset. GMime's decoder puts '?' for each of these.
 */
#pragma once

#include <glib.h>

typedef enum {
	WORDS_IN_TEXT,      /* Subject: decoded in place */
	WORDS_IN_STRUCTURE, /* addresses, parameters: quoted where a decoded comma or
	                       bracket would otherwise change the structure */
} WordsPlace;

/* Decode all encoded words of one unfolded UTF-8 value; what is none stays. Valid UTF-8,
 * no CR, LF or NUL. */
char *encoded_words_decode(const char *value, WordsPlace place);

/* The text for a header: what would be read as an encoded word is broken, since GMime writes
 * ASCII as it is. */
char *encoded_words_defuse(const char *text);
