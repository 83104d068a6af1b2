#include "base/phrase_set.h"

#include <string.h>

#define PLACE_BITS 12
#define HEAD_LENGTH 3 /* bytes by which a phrase is filed */
#define HINT_BITS 14
/* Where a phrase is looked for in a text, only every so many bytes are looked at: some of its first
 * ones stand there. */
#define STRIDE 4

struct PhraseSet {
	GArray *phrases;                    /* of Phrase */
	guint16 places[1 << PLACE_BITS];    /* the first phrase filed there, from 1 */
	guint16 shorts;                     /* the first one with fewer bytes */
	gsize shortest;                     /* of all phrases */
	guint8 hints[1 << (HINT_BITS - 3)]; /* bits: which heads the strides may meet */
};

static inline guint
place_of(guint32 head)
{
	return (head * 0x9e3779b1u) >> (32 - PLACE_BITS);
}

static inline guint
hint_of(guint32 head)
{
	return (head * 0x9e3779b1u) >> (32 - HINT_BITS);
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
	set->shortest = G_MAXSIZE;
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
	set->shortest = MIN(set->shortest, phrase.length);
	for (gsize i = 0; i < STRIDE && i + HEAD_LENGTH <= phrase.length; i++) {
		guint hint = hint_of(head_of(text + i));
		set->hints[hint / 8] |= (guint8)(1 << hint % 8);
	}
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

/* The same where all phrases are long enough to reach one of the places that are looked at. */
static guint
lowest_in_strides(const PhraseSet *set, const char *text, gsize span)
{
	guint lowest = PHRASE_NONE;
	gsize length = strnlen(text, span + STRIDE + HEAD_LENGTH);
	for (gsize at = STRIDE - 1; at + HEAD_LENGTH <= length; at += STRIDE) {
		guint hint = hint_of(head_of(text + at));
		if (G_LIKELY((set->hints[hint / 8] & 1 << hint % 8) == 0))
			continue;
		gsize last = MIN(at + 1, span);
		for (gsize start = at + 1 - STRIDE; start < last; start++)
			lowest = lowest_at(set, text + start, lowest);
	}
	return lowest;
}

guint
phrase_set_within(const PhraseSet *set, const char *text, gsize span)
{
	guint lowest = PHRASE_NONE;
	if (set->shortest >= STRIDE - 1 + HEAD_LENGTH)
		return lowest_in_strides(set, text, span);
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
