/*
 * The words of dates: months, weekdays, "yesterday", of all languages together.
 *
 * Words are folded (base/text.h). They are looked for at every word of a mail, a dozen lists
 * each time: so all are filed together, by their first two bytes.
 */
#pragma once

#include <glib.h>

typedef enum {
	CALENDAR_MONTHS,        /* 1-12; abbreviations too */
	CALENDAR_WEEKDAYS,      /* 1-7, Monday 1 */
	CALENDAR_RELATIVE_DAYS, /* "oggi" 0, "ieri" -1, "l'altro ieri" -2 */
	CALENDAR_NUMBERS,       /* "uno" 1 ... "trentuno" 31 */
	CALENDAR_DAY_PARTS,     /* "mattina" 0, "sera" 12: added to an hour below 12 */
	CALENDAR_AGO_UNITS,     /* days: "giorni" 1, "settimane" 7, "ore" 0 */
	/* words without a value (0) */
	CALENDAR_HOUR_WORDS,      /* "alle", "ore", "h", "at" */
	CALENDAR_HALF_WORDS,      /* "e mezza" */
	CALENDAR_AGO_WORDS,       /* "fa", "ago" */
	CALENDAR_LAST_WORDS,      /* "scorso", "last" */
	CALENDAR_LAST_WEEK_WORDS, /* "della settimana scorsa", behind a weekday */
	CALENDAR_SINCE_WORDS,     /* "da", "for": "da tre giorni" */
	CALENDAR_DAY_WORDS,       /* "dal", "since the": "dal 15" */
	CALENDAR_ON_WORDS,        /* "il", "on the": "il 19 sera" */
	CALENDAR_LISTS,
} CalendarList;

typedef struct Calendar Calendar;

Calendar *calendar_new(void);
void calendar_free(Calendar *calendar);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Calendar, calendar_free)

/* Add a folded, non-empty word. Of equal words the first added counts. */
void calendar_add(Calendar *calendar, CalendarList list, const char *word, int value);

/* When every word is added. */
void calendar_finish(Calendar *calendar);

/* The length of the longest word of a list with which the text begins, as a whole word, and its
 * value (may be NULL); 0: none. Only then is the value set. */
gsize calendar_find(const Calendar *calendar, CalendarList list, const char *text,
        gsize length, int *value);

/* Whether any word of any list opens as the text does, by its first three bytes; a text that is
 * shorter may always. bits: what calendar_openings() gives. Every word of a mail is asked, so this
 * is no call. */
const guint8 *calendar_openings(const Calendar *calendar);
#define CALENDAR_LETTER_BITS 5 /* that are looked at of each byte */
static inline gboolean
calendar_may_open(const guint8 *bits, const char *text, gsize length)
{
	enum { LETTERS = 1 << CALENDAR_LETTER_BITS };
	if (length < 3)
		return TRUE;
	guint opening = (((guint)text[0] % LETTERS << CALENDAR_LETTER_BITS |
	                         (guint)text[1] % LETTERS)
	                        << CALENDAR_LETTER_BITS) |
	                (guint)text[2] % LETTERS;
	return (bits[opening / 8] & 1u << opening % 8) != 0;
}

/* The lists that have a word with which the text begins, one CALENDAR_BIT() each: one look
 * rules out nearly every word of a mail. */
guint calendar_lists_at(const Calendar *calendar, const char *text, gsize length);
#define CALENDAR_BIT(list) (1u << (list))

/* Whether the text begins with a word that ends there; digits may follow it ("alle8"), letters
 * and an apostrophe only where the word itself does not end in a letter. */
gboolean calendar_word_begins(
        const char *text, gsize length, const char *word, gsize word_length);
