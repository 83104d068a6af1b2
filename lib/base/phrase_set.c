#include "base/phrase_set.h"

#include <string.h>

#define PLACE_BITS 12
#define HEAD_LENGTH 3 /* bytes by which a phrase is filed */

struct PhraseSet {
	GArray *phrases;                 /* of Phrase */
	guint16 places[1 << PLACE_BITS]; /* the first phrase filed there, from 1 */
	guint16 shorts;                  /* the first one with fewer bytes */
};

static inline guint
place_of(guint32 head)
{
	return (head * 0x9e3779b1u) >> (32 - PLACE_BITS);
}

static inline guint32
head_of(const char *text)
{
	return (guint32)(guchar)text[0] << 16 | (guint32)(guchar)text[1] << 8 |
	       (guchar)text[2];
}

PhraseSet *
phrase_set_new(void)
{
	PhraseSet *set = g_new0(PhraseSet, 1);
	set->phrases = g_array_new(FALSE, FALSE, sizeof(Phrase));
	return set;
}

void
phrase_set_free(PhraseSet *set)
{
	if (set == NULL)
		return;
	g_array_unref(set->phrases);
	g_free(set);
}

void
phrase_set_add(PhraseSet *set, const char *text, guint tag)
{
	g_return_if_fail(text[0] != '\0' && set->phrases->len < G_MAXUINT16);
	Phrase phrase = { .text = text, .length = strlen(text), .tag = tag };
	guint16 *place = phrase.length < HEAD_LENGTH
	                         ? &set->shorts
	                         : &set->places[place_of(head_of(text))];
	phrase.next = *place;
	g_array_append_val(set->phrases, phrase);
	*place = (guint16)set->phrases->len;
}

static const Phrase *
next_match(const PhraseSet *set, const char *text, guint number)
{
	while (number > 0) {
		const Phrase *phrase = &g_array_index(set->phrases, Phrase, number - 1);
		if (strncmp(phrase->text, text, phrase->length) == 0)
			return phrase;
		number = phrase->next;
	}
	return NULL;
}

const Phrase *
phrase_set_at(const PhraseSet *set, const char *text, const Phrase *behind)
{
	const Phrase *found = NULL;
	if (behind != NULL && behind->length < HEAD_LENGTH)
		return next_match(set, text, behind->next);
	if (behind != NULL)
		found = next_match(set, text, behind->next);
	else if (text[0] != '\0' && text[1] != '\0')
		found = next_match(set, text, set->places[place_of(head_of(text))]);
	return found != NULL ? found : next_match(set, text, set->shorts);
}

static guint
lowest_at(const PhraseSet *set, const char *text, guint lowest)
{
	const Phrase *phrase = NULL;
	while ((phrase = phrase_set_at(set, text, phrase)) != NULL)
		lowest = MIN(lowest, phrase->tag);
	return lowest;
}

guint
phrase_set_within(const PhraseSet *set, const char *text, gsize span)
{
	guint lowest = PHRASE_NONE;
	const char *end = text + span;
	guint32 head = 0;
	for (; text < end && text[0] != '\0' && text[1] != '\0'; text++) {
		head = head == 0 ? head_of(text)
		                 : (head << 8 | (guchar)text[2]) & 0xffffffu;
		if (G_UNLIKELY(set->places[place_of(head)] > 0 || set->shorts > 0))
			lowest = lowest_at(set, text, lowest);
	}
	if (set->shorts > 0 && text < end && text[0] != '\0')
		lowest = lowest_at(set, text, lowest);
	return lowest;
}

const Phrase *
phrase_set_nth(const PhraseSet *set, guint number)
{
	return number < set->phrases->len ? &g_array_index(set->phrases, Phrase, number)
	                                  : NULL;
}
