/*
 * A set of phrases filed by their first three bytes, so that a place in a text is held only
 * against the few that may stand there: one lookup per byte instead of a search per phrase.
 */
#pragma once

#include <glib.h>

#define PHRASE_NONE G_MAXUINT

typedef struct {
	const char *text;
	gsize length;
	guint tag;
	guint next; /* filed at the same place, from 1; 0: none */
} Phrase;

typedef struct PhraseSet PhraseSet;

PhraseSet *phrase_set_new(void);
void phrase_set_free(PhraseSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PhraseSet, phrase_set_free)

/* Borrows phrase, which is not empty; several may have one tag. */
void phrase_set_add(PhraseSet *set, const char *phrase, guint tag);

/* The phrases that stand at text, one after the other: behind is NULL for the first, and the
 * last one got for the next. NULL: no further one. */
const Phrase *phrase_set_at(
        const PhraseSet *set, const char *text, const Phrase *behind);

/* The lowest tag of the phrases that begin in the first span bytes of text, PHRASE_NONE when
 * there is none. */
guint phrase_set_within(const PhraseSet *set, const char *text, gsize span);

/* Its phrases one by one, from 0; NULL behind the last. */
const Phrase *phrase_set_nth(const PhraseSet *set, guint number);
