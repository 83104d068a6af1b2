#include "rules/calendar.h"

#include <string.h>

/* Words are filed by five bits of their first byte and of their second. */
#define LETTER_BITS CALENDAR_LETTER_BITS
#define LETTERS (1u << LETTER_BITS)
#define BINS (LETTERS * LETTERS)
#define OPENINGS (BINS * LETTERS)

typedef struct {
	char *word;
	gsize length;
	int value;
	CalendarList list;
} Word;

/* A word where a text's beginning leads to it. Its first four bytes rule out most without a
 * call. */
typedef struct {
	guint bin;
	guint word; /* in the order of adding */
	guint32 head, mask;
} Entry;

struct Calendar {
	GArray *words;         /* of Word */
	GArray *entries;       /* of Entry, by bin, then as added */
	guint first[BINS + 1]; /* of a bin: where its entries begin */
	/* by a bin and five bits of the third byte, whether a word opens so: one bit each */
	guint8 openings[OPENINGS / 8];
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
	calendar->words = g_array_new(FALSE, FALSE, sizeof(Word));
	g_array_set_clear_func(calendar->words, word_clear);
	calendar->entries = g_array_new(FALSE, FALSE, sizeof(Entry));
	return calendar;
}

void
calendar_free(Calendar *calendar)
{
	if (calendar == NULL)
		return;
	g_array_unref(calendar->words);
	g_array_unref(calendar->entries);
	g_free(calendar);
}

void
calendar_add(Calendar *calendar, CalendarList list, const char *word, int value)
{
	Word added = { g_strdup(word), strlen(word), value, list };
	g_array_append_val(calendar->words, added);
}

static guint
bin_of(char first, char second)
{
	return ((guint)first % LETTERS) << LETTER_BITS | (guint)second % LETTERS;
}

/* The first four bytes of a text as a number, NUL behind its end. */
static guint32
head_of(const char *text, gsize length)
{
	guint32 head = 0;
	memcpy(&head, text, MIN(length, sizeof head));
	return head;
}

static void
add_opening(Calendar *calendar, guint bin, const Word *word)
{
	guint third = word->length > 2 ? (guint)word->word[2] % LETTERS : 0;
	guint last = word->length > 2 ? third : LETTERS - 1;
	for (; third <= last; third++) {
		guint opening = bin * LETTERS + third;
		calendar->openings[opening / 8] |= (guint8)(1u << opening % 8);
	}
}

/* A word of one byte is filed under whatever may follow it. */
static void
file_word(Calendar *calendar, guint number)
{
	const Word *word = &g_array_index(calendar->words, Word, number);
	guint bin = bin_of(word->word[0], word->word[1]);
	guint last = word->length > 1 ? bin : bin + LETTERS - 1;
	guint32 mask = 0;
	memset(&mask, 0xff, MIN(word->length, sizeof mask));
	for (; bin <= last; bin++) {
		Entry entry = { bin, number, head_of(word->word, word->length), mask };
		g_array_append_val(calendar->entries, entry);
		add_opening(calendar, bin, word);
	}
}

static gint
compare_entries(gconstpointer a, gconstpointer b)
{
	const Entry *one = a, *other = b;
	if (one->bin != other->bin)
		return one->bin < other->bin ? -1 : 1;
	return one->word < other->word ? -1 : one->word > other->word;
}

void
calendar_finish(Calendar *calendar)
{
	guint next = 0;
	for (guint i = 0; i < calendar->words->len; i++)
		file_word(calendar, i);
	g_array_sort(calendar->entries, compare_entries);
	for (guint bin = 0; bin <= BINS; bin++) {
		while (next < calendar->entries->len &&
		        g_array_index(calendar->entries, Entry, next).bin < bin)
			next++;
		calendar->first[bin] = next;
	}
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

/* What is looked for in one place of a text. */
typedef struct {
	const char *text;
	gsize length;
	guint32 head;
	const Entry *next, *end; /* that the text may begin with */
} Look;

static inline Look
look_at(const Calendar *calendar, const char *text, gsize length)
{
	const Entry *entries = (const Entry *)(gpointer)calendar->entries->data;
	guint bin = bin_of(text[0], length > 1 ? text[1] : '\0');
	return (Look){ text, length,
		length >= sizeof(guint32) ? head_of(text, sizeof(guint32))
		                          : head_of(text, length),
		entries + calendar->first[bin], entries + calendar->first[bin + 1] };
}

/* Whether any word opens as the text does: most words of a mail go no further. */
static inline gboolean
may_begin(const Calendar *calendar, const char *text, gsize length)
{
	if (length == 0)
		return FALSE;
	guint bin = bin_of(text[0], length > 1 ? text[1] : '\0');
	guint opening = bin * LETTERS + (length > 2 ? (guint)text[2] % LETTERS : 0);
	return (calendar->openings[opening / 8] & 1u << opening % 8) != 0;
}

/* The next word with which the text begins, or NULL. */
static inline const Word *
look_on(const Calendar *calendar, Look *look)
{
	while (look->next < look->end) {
		const Entry *entry = look->next++;
		if ((look->head & entry->mask) != entry->head)
			continue;
		const Word *word = &g_array_index(calendar->words, Word, entry->word);
		if (calendar_word_begins(
		            look->text, look->length, word->word, word->length))
			return word;
	}
	return NULL;
}

const guint8 *
calendar_openings(const Calendar *calendar)
{
	return calendar->openings;
}

guint
calendar_lists_at(const Calendar *calendar, const char *text, gsize length)
{
	guint lists = 0;
	const Word *word;
	if (!may_begin(calendar, text, length))
		return 0;
	Look look = look_at(calendar, text, length);
	while ((word = look_on(calendar, &look)) != NULL)
		lists |= CALENDAR_BIT(word->list);
	return lists;
}

gsize
calendar_find(const Calendar *calendar, CalendarList list, const char *text,
        gsize length, int *value)
{
	gsize best = 0;
	const Word *word;
	if (!may_begin(calendar, text, length))
		return 0;
	Look look = look_at(calendar, text, length);
	while ((word = look_on(calendar, &look)) != NULL) {
		if (word->list != list || word->length <= best)
			continue;
		best = word->length;
		if (value != NULL)
			*value = word->value;
	}
	return best;
}
