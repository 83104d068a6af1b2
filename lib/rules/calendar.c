#include "rules/calendar.h"

#include <string.h>

typedef struct {
	char *word;
	gsize length;
	int value;
	guint order; /* of adding */
} Word;

typedef struct {
	GArray *words;              /* of Word, by first byte, then as added */
	guint first[UCHAR_MAX + 2]; /* of a first byte: where its words begin */
} WordList;

struct Calendar {
	WordList lists[CALENDAR_LISTS];
	/* by two bytes, whether a word of any list begins with them: one bit each */
	guint8 begins[(UCHAR_MAX + 1) * (UCHAR_MAX + 1) / 8];
};

static void
word_clear(gpointer word)
{
	g_free(((Word *)word)->word);
}

Calendar *
calendar_new(void)
{
	Calendar *calendar = g_new0(Calendar, 1);
	for (guint i = 0; i < CALENDAR_LISTS; i++) {
		calendar->lists[i].words = g_array_new(FALSE, FALSE, sizeof(Word));
		g_array_set_clear_func(calendar->lists[i].words, word_clear);
	}
	return calendar;
}

void
calendar_free(Calendar *calendar)
{
	if (calendar == NULL)
		return;
	for (guint i = 0; i < CALENDAR_LISTS; i++)
		g_array_unref(calendar->lists[i].words);
	g_free(calendar);
}

void
calendar_add(Calendar *calendar, CalendarList list, const char *word, int value)
{
	GArray *words = calendar->lists[list].words;
	Word added = { g_strdup(word), strlen(word), value, words->len };
	g_array_append_val(words, added);
}

static gint
compare_words(gconstpointer a, gconstpointer b)
{
	const Word *one = a, *other = b;
	int bytes = (guchar)one->word[0] - (guchar)other->word[0];
	return bytes != 0 ? bytes
	                  : (one->order > other->order) - (one->order < other->order);
}

static void
list_finish(WordList *list)
{
	guint next = 0;
	g_array_sort(list->words, compare_words);
	for (guint byte = 0; byte <= UCHAR_MAX; byte++) {
		list->first[byte] = next;
		while (next < list->words->len &&
		        (guchar)g_array_index(list->words, Word, next).word[0] == byte)
			next++;
	}
	list->first[UCHAR_MAX + 1] = next;
}

static guint
pair_of(char first, char second)
{
	return (guint)(guchar)first << 8 | (guchar)second;
}

static void
note_beginning(Calendar *calendar, const char *word)
{
	guint from = word[1] != '\0' ? (guchar)word[1] : 0;
	guint to = word[1] != '\0' ? from : UCHAR_MAX;
	for (guint second = from; second <= to; second++) {
		guint pair = pair_of(word[0], (char)second);
		calendar->begins[pair / 8] |= (guint8)(1u << pair % 8);
	}
}

void
calendar_finish(Calendar *calendar)
{
	for (guint i = 0; i < CALENDAR_LISTS; i++) {
		const GArray *words = calendar->lists[i].words;
		list_finish(&calendar->lists[i]);
		for (guint k = 0; k < words->len; k++)
			note_beginning(calendar, g_array_index(words, Word, k).word);
	}
}

gboolean
calendar_may_begin(const Calendar *calendar, const char *text, gsize length)
{
	guint pair = length > 0 ? pair_of(text[0], length > 1 ? text[1] : '\0') : 0;
	return (calendar->begins[pair / 8] & 1u << pair % 8) != 0;
}

gboolean
calendar_word_begins(
        const char *text, gsize length, const char *word, gsize word_length)
{
	if (word_length == 0 || word_length > length ||
	        memcmp(text, word, word_length) != 0)
		return FALSE;
	char next = word_length < length ? text[word_length] : '\0';
	/* "alle8" is said, "ore" in "orelogio" is not. */
	return !g_ascii_isalpha(word[word_length - 1]) ||
	       (!g_ascii_isalpha(next) && next != '\'');
}

gsize
calendar_find(const Calendar *calendar, CalendarList list, const char *text,
        gsize length, int *value)
{
	const WordList *words = &calendar->lists[list];
	gsize best = 0;
	if (length == 0)
		return 0;
	guint byte = (guchar)text[0];
	for (guint i = words->first[byte]; i < words->first[byte + 1]; i++) {
		const Word *word = &g_array_index(words->words, Word, i);
		/* the second byte rules out most without a call */
		if (word->length <= best ||
		        (word->length > 1 && length > 1 && word->word[1] != text[1]) ||
		        !calendar_word_begins(text, length, word->word, word->length))
			continue;
		best = word->length;
		if (value != NULL)
			*value = word->value;
	}
	return best;
}
