/*
 * One language's words, read from DIR/language/NAME.conf:
 *
 *     language = "it";
 *     markers = { labels = { from = [ "da" ]; ... }; forward_lines = [ ... ]; ... };
 *     cues = { claim-not-sent = { patterns = [ ]; match = [ ]; no_match = [ ]; }; ... };
 *     calendar = { months = ( { word = "..."; value = 1; } ... ); hour_words = [ ]; ... };
 *
 * Several files of one language add up.
 */
#pragma once

#include "rules/document.h"
#include "rules/pattern_index.h"
#include "rules/vocabulary.h"

/* What the files say of a cue. */
typedef struct {
	GPtrArray *patterns; /* of Pattern */
	char *file;          /* the last place that gave patterns */
	int line;
	GPtrArray *match, *no_match; /* of char *: examples */
} LanguageCue;

typedef struct {
	char *name; /* "it" */
	LanguageCue cues[CUE_COUNT];
	Pattern *words; /* CUE_LANGUAGE's patterns as one; NULL: none */
} Language;

void language_free(Language *language);

/* Read a file into the language that it names (made when new), into markers and calendar. */
void language_file_read(const char *file, GPtrArray *languages, Markers *markers,
        Calendar *calendar, Problems *problems);

/* When every file is read: add the patterns of a cue to the index of all languages. */
void language_index(const Language *language, Cue cue, PatternIndex *index);

/* When all are added: check the examples, and join the language's own words. */
void language_finish(Language *language, PatternIndex *index, Problems *problems);

/* How many of the language's own words stand in the text. */
guint language_count_words(const Language *language, const char *folded, gsize length);
