/* Dates in customers' words, read on Saturday 7 November 2026, 10:05:35 in Rome. */

#include <string.h>

#include "base/text.h"
#include "tests/shipped.h"
#include "triage/date.h"
#include "triage/rome.h"

#define SATURDAY 1794042335 /* 2026-11-07T09:05:35Z */

typedef struct {
	const char *text;
	const char *wanted; /* the dates found: "!" before one that is vetoed */
} Sample;

static const Sample samples[] = {
	/* relative words */
	{ "ricevuto oggi alle 12:02", "2026-11-07T12:02:00+01:00" },
	{ "Oggi ho mandato la mail", "2026-11-07" },
	{ "da ieri pomeriggio non riesco", "2026-11-06" },
	{ "ieri sera h 21.15, destinatario", "2026-11-06T21:15:00+01:00" },
	{ "ieri sera alle 9", "2026-11-06T21:00:00+01:00" },
	{ "l'altro ieri alle 14,35", "2026-11-05T14:35:00+01:00" },
	{ "L’altro ieri", "2026-11-05" },
	{ "ieri l'altro", "2026-11-05" },
	{ "da avantieri", "2026-11-05" },
	{ "stamattina verso le 8 e mezza", "2026-11-07T08:30:00+01:00" },
	{ "da stamane", "2026-11-07" },
	{ "questa mattina alle ore 7:45.", "2026-11-07T07:45:00+01:00" },
	{ "appare da stamattina alle 11, in pratica", "2026-11-07T11:00:00+01:00" },
	{ "stanotte mi sono arrivate più di 200 email", "2026-11-07" },
	{ "oggi verso le 16", "2026-11-07T16:00:00+01:00" },
	{ "alle 12:02 di oggi", "2026-11-07T12:02:00+01:00" },
	{ "poco fa", "2026-11-07" },
	{ "since this morning", "2026-11-07" },
	{ "yesterday at 3pm", "2026-11-06T15:00:00+01:00" },
	{ "yesterday at 3:20 pm", "2026-11-06T15:20:00+01:00" },
	{ "at 3pm yesterday", "2026-11-06T15:00:00+01:00" },
	{ "the day before yesterday", "2026-11-05" },
	/* spans */
	{ "da tre giorni non ricevo", "2026-11-04" },
	{ "da circa 3 giorni", "2026-11-04" },
	{ "tre giorni fa", "2026-11-04" },
	{ "due settimane fa", "2026-10-24" },
	{ "da un'ora", "2026-11-07" },
	{ "mezz'ora fa", "2026-11-07" },
	{ "2 days ago", "2026-11-05" },
	{ "for three days", "2026-11-04" },
	{ "settimana scorsa", "" },
	{ "la settimana scorsa", "" },
	{ "alcuni giorni fa", "" },
	{ "mando 3 mail ogni 2 giorni", "" },
	{ "200 mail in 20 minuti", "" },
	/* weekdays */
	{ "da venerdì Outlook non scarica", "2026-11-06" },
	{ "da lunedì stampa un foglio", "2026-11-02" },
	{ "da sabato", "2026-11-07" },
	{ "sabato scorso", "2026-10-31" },
	{ "5 nov. ore 15:40, 550 5.1.1", "2026-11-05T15:40:00+01:00" },
	{ "il 5 nov. mi e' tornata", "2026-11-05" },
	{ "un servizio con 3 set", "" },
	{ "da un giorno all'altro", "!2026-11-06" },
	{ "sabato della settimana scorsa", "2026-10-31" },
	{ "martedi' della scorsa settimana", "2026-10-27" },
	{ "on Tuesday of last week", "2026-10-27" },
	{ "lunedi' scorso", "2026-11-02" },
	{ "mercoledì mattina alle 9.15", "2026-11-04T09:15:00+01:00" },
	{ "martedì 3", "2026-11-03" },
	{ "venerdì 13", "!2026-11-13" },
	{ "since last Monday", "2026-11-02" },
	{ "on Thursday", "2026-11-05" },
	{ "in client hold dal 5 che devo fare", "2026-11-05" },
	{ "aumenti dal 5% in su", "" },
	{ "dal 5 al 6 era ok", "!2026-11-05" },
	/* numbers */
	{ "dal 7/11", "2026-11-07" },
	{ "L'errore è del 02/11/2026 ore 16.40.", "2026-11-02T16:40:00+01:00" },
	{ "12/03/2026 alle 10.15", "2026-03-12T10:15:00+01:00" },
	{ "15.10.2026 alle 13.58", "2026-10-15T13:58:00+02:00" },
	{ "il 14-10-2026", "2026-10-14" },
	{ "05/11/26 15:30", "2026-11-05T15:30:00+01:00" },
	{ "05/11/26, 15:30", "2026-11-05T15:30:00+01:00" },
	{ "oggi 7/11 ore 9.50", "2026-11-07T09:50:00+01:00" },
	{ "ieri (6/11) alle 17", "2026-11-06T17:00:00+01:00" },
	{ "errore del 5.11 mattina", "2026-11-05" },
	{ "il 31/12 ricevuto", "!2025-12-31" },
	{ "data:6/11/2026", "2026-11-06" },
	{ "2026-11-06 08:01:17 SMTP", "2026-11-06T08:01:17+01:00" },
	{ "2026-11-06T08:01:17Z", "2026-11-06T09:01:17+01:00" },
	{ "2026-11-06T08:01:17.123+01:00", "2026-11-06T08:01:17+01:00" },
	{ "Il giorno 06/11/2026 alle ore 11:04:02 (+0100) nel",
	        "2026-11-06T11:04:02+01:00" },
	/* written months */
	{ "il 3 marzo", "2026-03-03" },
	{ "1° marzo", "2026-03-01" },
	{ "il primo novembre", "2026-11-01" },
	{ "dal 1 novembre riceviamo", "2026-11-01" },
	{ "dieci ottobre", "2026-10-10" },
	{ "il 24 dicembre", "!2025-12-24" },
	{ "ricevuto il 24 dicembre", "!2025-12-24" },
	{ "ricevuto il 24 dicembre 2025", "2025-12-24" },
	{ "ci vediamo il 12/12 in sede", "!2025-12-12" },
	{ "l'assemblea dei soci (la data è il 12/12)", "!2025-12-12" },
	{ "5 novembre alle 8 e mezza del mattino", "2026-11-05T08:30:00+01:00" },
	{ "ricevuto il 4 novembre alle 8:52 sulla casella",
	        "2026-11-04T08:52:00+01:00" },
	{ "inviata ieri 6 novembre alle 17.", "2026-11-06T17:00:00+01:00" },
	{ "6 novembre 2026 alle ore 14:58:02 CET", "2026-11-06T14:58:02+01:00" },
	{ "giovedì 5 novembre 2026 15:30", "2026-11-05T15:30:00+01:00" },
	{ "mer 27 ott 2021 alle ore 09:31", "!2021-10-27T09:31:00+02:00" },
	{ "26 ottobre 2026 14:25:08 EEST", "2026-10-26T12:25:08+01:00" },
	{ "on 5 November", "2026-11-05" },
	{ "on Nov 5", "2026-11-05" },
	{ "November 5th, 2026 at 10:20 am", "2026-11-05T10:20:00+01:00" },
	{ "the 5th of November", "2026-11-05" },
	{ "Fri, 6 Nov 2026 18:33:02 +0100", "2026-11-06T18:33:02+01:00" },
	{ "Thu, 05 Nov 2026 23:30:00 -0000", "2026-11-06T00:30:00+01:00" },
	{ "Mon, 24 Aug 2026 10:00:00 GMT", "2026-08-24T12:00:00+02:00" },
	{ "mar 8 set 2026 alle ore 07:55", "2026-09-08T07:55:00+02:00" },
	/* a time alone is of today, where it is the error's */
	{ "ho inviato alle 8:30 una mail", "2026-11-07T08:30:00+01:00" },
	{ "dalle 9 non posso spedire", "2026-11-07T09:00:00+01:00" },
	{ "dalle 14 non posso spedire", "" },
	{ "la mail delle 9 è arrivata tardi", "" },
	{ "chiamatemi alle 8:15", "" },
	{ "id h8JKoCZAK rifiutato", "" },
	{ "ieri andava, alle 9 ho inviato", "!2026-11-06 2026-11-07T09:00:00+01:00" },
	/* what is no date, or not the error's */
	{ "chiamatemi 0445 000000", "" },
	{ "fax 049/8765432", "" },
	{ "fattura n. 5520 di ottobre", "" },
	{ "198.51.100.25 e 10.11.26.4", "" },
	{ "Thunderbird 115.10.1", "" },
	{ "porta 465, SSL", "" },
	{ "[Ticket 20261104-009]", "" },
	{ "assistenza 24/7", "" },
	{ "sono 3 set di foto", "" },
	{ "552 5.2.0 qQ1s00A4T spam", "" },
	{ "100/200 mail", "" },
	{ "il 3/11 andava", "!2026-11-03" },
	{ "ieri funzionava tutto", "!2026-11-06" },
	{ "fino a ieri tutto bene, da stamattina no", "!2026-11-06 2026-11-07" },
	{ "Il dominio è pagato fino al 31/12/2028!", "!2028-12-31" },
	{ "Sarò in ferie dal 9 al 20 novembre", "!2026-10-09 !2025-11-20" },
	{ "la vostra mail del 5 novembre", "!2026-11-05" },
};

static void
finds_dates(void **state)
{
	const Sample *sample = *state;
	g_autoptr(FoldedText) folded = text_fold(sample->text, -1, FALSE);
	g_autoptr(GArray) mentions =
	        dates_find(folded->text, folded->length, SATURDAY, shipped_vocabulary);
	g_autoptr(GString) found = g_string_new(NULL);

	for (guint i = 0; i < mentions->len; i++) {
		DateMention *mention = &g_array_index(mentions, DateMention, i);
		if (!date_stands(mention))
			continue;
		g_string_append_printf(found, "%s%s%s", found->len > 0 ? " " : "",
		        date_is_vetoed(mention) ? "!" : "", mention->iso);
	}
	assert_string_equal(found->str, sample->wanted);
}

static void
rome_follows_the_union(void **state)
{
	static const struct {
		gint64 instant;
		const char *wanted;
	} instants[] = {
		{ 1774745999, "2026-03-29T01:59:59+01:00" },
		{ 1774746000, "2026-03-29T03:00:00+02:00" },
		{ 1792889999, "2026-10-25T02:59:59+02:00" },
		{ 1792890000, "2026-10-25T02:00:00+01:00" },
		{ 0, "1970-01-01T01:00:00+01:00" },
		{ 1711846800, "2024-03-31T03:00:00+02:00" },
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(instants); i++) {
		g_autofree char *iso = date_iso(instants[i].instant);
		assert_string_equal(iso, instants[i].wanted);
	}
}

static void
days_are_bounded(void **state)
{
	g_autofree char *far = date_iso(G_MAXINT64 / 2);
	g_autofree char *before = date_iso(-1);

	(void)state;
	assert_non_null(far);
	assert_string_equal(before, "1970-01-01T00:59:59+01:00");
	assert_true(day_of(2026, 2, 29) == DAY_NONE);
	assert_true(day_of(2028, 2, 29) != DAY_NONE);
	assert_true(day_of(2026, 13, 1) == DAY_NONE);
	assert_true(day_of(2100, 2, 29) == DAY_NONE);
	assert_true(day_of(2000, 2, 29) != DAY_NONE);
	assert_int_equal(day_weekday(day_of(2026, 11, 7)), 6);
	assert_int_equal(day_weekday(day_of(1970, 1, 1)), 4);
}

/* GDate counts otherwise. */
static void
days_are_those_of_the_calendar(void **state)
{
	Day last = day_of(2199, 12, 31);

	(void)state;
	for (Day day = day_of(1970, 1, 1); day <= last; day++) {
		GDate date;
		int year, month, number;
		day_split(day, &year, &month, &number);
		g_date_clear(&date, 1);
		g_date_set_dmy(
		        &date, (GDateDay)number, (GDateMonth)month, (GDateYear)year);
		assert_int_equal(g_date_get_julian(&date), day + 719163);
		assert_int_equal(day_of(year, month, number), day);
	}
}

static void
search_is_bounded(void **state)
{
	GString *text = g_string_new(NULL);

	(void)state;
	for (guint i = 0; i < 20000; i++)
		g_string_append(text, "ieri 5/11 alle 14 da ");
	g_autoptr(GArray) mentions =
	        dates_find(text->str, text->len, SATURDAY, shipped_vocabulary);
	assert_int_equal(mentions->len, DATES_MAX);
	g_string_assign(text, "");
	for (guint i = 0; i < 20000; i++)
		g_string_append(text, "il 5-11, ");
	g_autoptr(GArray) weak =
	        dates_find(text->str, text->len, SATURDAY, shipped_vocabulary);
	assert_int_equal(weak->len, DATE_MENTIONS_MAX);
	g_string_free(text, TRUE);
}

/* Words are passed eight bytes at once: what is found must not hang on where they stand. */
static void
place_does_not_matter(void **state)
{
	static const char *const pieces[] = { "ieri", "il 5/11", "lunedi", " alle 14",
		" ", " ", ".", "12:01:07", "2026-11-05", "oggi", "\xc3\xa8", "h8", "x",
		"3 novembre", "tre giorni fa", ", ", "-", "@", "nov 5", "mar 3 nov",
		"ieri sera", "4.11" };
	static const char *const pads[] = { "x ", "zzzzzzz ", "\xc3\xa8z zz z ",
		"zz.  ", "zzzzzz ", "z\xe2\x82\xac " };
	guint found = 0;
	(void)state;
	g_autoptr(GRand) chance = g_rand_new_with_seed(1);
	for (guint round = 0; round < 3000; round++) {
		g_autoptr(GString) text = g_string_new(NULL);
		for (gint i = g_rand_int_range(chance, 1, 14); i > 0; i--)
			g_string_append(text, pieces[g_rand_int_range(chance, 0,
			                              G_N_ELEMENTS(pieces))]);
		const char *pad = pads[round % G_N_ELEMENTS(pads)];
		g_autofree char *moved = g_strconcat(pad, text->str, NULL);
		g_autoptr(GArray) here =
		        dates_find(text->str, text->len, SATURDAY, shipped_vocabulary);
		g_autoptr(GArray) there =
		        dates_find(moved, strlen(moved), SATURDAY, shipped_vocabulary);
		if (here->len != there->len)
			fail_msg("'%s': %u behind '%s', else %u", text->str, there->len,
			        pad, here->len);
		for (guint i = 0; i < here->len; i++) {
			const DateMention *one = &g_array_index(here, DateMention, i);
			const DateMention *other =
			        &g_array_index(there, DateMention, i);
			assert_int_equal(one->start + strlen(pad), other->start);
			assert_string_equal(one->iso, other->iso);
		}
		found += here->len;
	}
	assert_in_range(found, 2000, 30000);
}

int
main(void)
{
	g_autoptr(GArray) suite = suite_new();
	suite_add(suite, cmocka_unit_test(rome_follows_the_union),
	        cmocka_unit_test(days_are_bounded),
	        cmocka_unit_test(days_are_those_of_the_calendar),
	        cmocka_unit_test(search_is_bounded),
	        cmocka_unit_test(place_does_not_matter));
	suite_add_table(suite, samples, finds_dates);
	return suite_run(
	        suite, "date", shipped_vocabulary_load, shipped_vocabulary_free);
}
