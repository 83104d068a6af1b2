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
#include "rules/vocabulary.h"

/* A cue while it is read: what was said, by which file, until language_finish(). */
typedef struct {
	Pattern *
	        pattern; /* all of the cue's patterns as one alternation; NULL: absent */
	GString *expression; /* while reading */
	char *file;          /* the last place that gave patterns */
	int line;
	GPtrArray *match, *no_match; /* of char *: examples */
} LanguageCue;

typedef struct {
	char *name; /* "it" */
	LanguageCue cues[CUE_COUNT];
} Language;

void language_free(Language *language);

/* Read a file into the language that it names (made when new), into markers and calendar. */
void language_file_read(const char *file, GPtrArray *languages, Markers *markers,
        Calendar *calendar, Problems *problems);

/* When every file is read: compile the cues and check their examples. */
void language_finish(Language *language, Problems *problems);

/* The first match of a cue at or after *start. */
gboolean language_find(const Language *language, Cue cue, const char *folded,
        gsize length, gsize *start, gsize *end);
