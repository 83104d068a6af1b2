/* Addresses as they are dictated to a telephone: "info chiocciola ditta punto it". */
#include <string.h>

#include "base/address.h"
#include "triage/fact.h"

#define LABELS_MAX 8 /* words on each side that dots join */
#define ASKED_MAX 50 /* words of the text that may mean "@" */
#define DOTS_MAX 20  /* words that are asked before any text may dictate */

/* A word of a text: its bounds. */
typedef struct {
	gsize start, end;
} Word;

static gboolean
is_label_char(char c)
{
	return g_ascii_isalnum(c) || c == '-' || c == '_';
}

/* The word right before a place, with one space between; FALSE when there is none. */
static gboolean
word_before(const char *text, gsize at, Word *word)
{
	if (at < 2 || text[at - 1] != ' ')
		return FALSE;
	word->start = word->end = at - 1;
	while (word->start > 0 && is_label_char(text[word->start - 1]))
		word->start--;
	return word->start < word->end;
}

static gboolean
word_behind(const char *text, gsize length, gsize at, Word *word)
{
	if (at + 1 >= length || text[at] != ' ')
		return FALSE;
	word->start = word->end = at + 1;
	while (word->end < length && is_label_char(text[word->end]))
		word->end++;
	return word->start < word->end;
}

static gboolean
is_dot(const Facts *facts, const char *text, const Word *word)
{
	return fact_cue_in(
	        facts, CUE_SPOKEN_DOT, text + word->start, word->end - word->start);
}

/* "mario punto rossi" before the "@"; where it begins. */
static gsize
take_local(const Facts *facts, const char *text, gsize at, GString *out)
{
	Word word, dot;
	gsize start = at;

	for (guint i = 0; i < LABELS_MAX && word_before(text, start, &word); i++) {
		g_string_prepend_len(
		        out, text + word.start, (gssize)(word.end - word.start));
		start = word.start;
		if (!word_before(text, start, &dot) || !is_dot(facts, text, &dot))
			break;
		g_string_prepend_c(out, '.');
		start = dot.start;
	}
	return start;
}

/* "ditta punto it" behind the "@"; where it ends. */
static gsize
take_domain(const Facts *facts, const char *text, gsize length, gsize at, GString *out)
{
	Word word, dot;
	gsize end = at;

	for (guint i = 0; i < LABELS_MAX && word_behind(text, length, end, &word);
	        i++) {
		g_string_append_len(
		        out, text + word.start, (gssize)(word.end - word.start));
		end = word.end;
		if (!word_behind(text, length, end, &dot) || !is_dot(facts, text, &dot))
			break;
		g_string_append_c(out, '.');
		end = dot.end;
	}
	return end;
}

/* What is asked of the words of a text. */
typedef struct {
	const Facts *facts;
	guint asked;
} DotSearch;

/* The domain of an address has a dot between two words: "ditta punto it". */
static gboolean
may_be_dot(const char *text, gsize length, gsize at, gpointer data)
{
	DotSearch *search = data;
	Word dot, label;

	while (at > 0 && is_label_char(text[at - 1]))
		at--;
	if (!word_before(text, at, &label) || at < 1 ||
	        !word_behind(text, length, at - 1, &dot) ||
	        !word_behind(text, length, dot.end, &label))
		return FALSE;
	return ++search->asked > DOTS_MAX || is_dot(search->facts, text, &dot);
}

gboolean
fact_may_be_spoken(const Facts *facts, const char *text, gsize length)
{
	DotSearch search = { facts, 0 };

	return needles_any_word(vocabulary_needles(facts->vocabulary, CUE_SPOKEN_DOT),
	        text, length, may_be_dot, &search);
}

char *
fact_spoken_address(
        const Facts *facts, const char *text, gsize length, gsize *start, gsize *end)
{
	gsize at = *start, behind;

	for (guint i = 0;
	        i < ASKED_MAX && vocabulary_find(facts->vocabulary, CUE_SPOKEN_AT, text,
	                                 length, &at, &behind);
	        i++, at = behind) {
		g_autoptr(GString) address = g_string_new(NULL);
		*start = take_local(facts, text, at, address);
		g_string_append_c(address, '@');
		*end = take_domain(facts, text, length, behind, address);
		if (address_is_valid(address->str) &&
		        strchr(strchr(address->str, '@'), '.') != NULL)
			return g_strdup(address->str);
	}
	return NULL;
}
