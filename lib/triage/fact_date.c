/* The day of the error as people say it. */
#include "triage/date.h"
#include "triage/fact.h"

#define BONUS_TIME 0.02
#define PENALTY_RELATIVE 0.05
#define PENALTY_NO_CUE 0.25
#define PENALTY_MACHINE 0.1 /* a pasted report has many dates */
/* Mentions of one day in one text that are looked around: what comes on it was said by then. */
#define LOOKS_PER_DAY 6

static double
weight_of(const Passage *passage, const DateMention *mention, gboolean cued)
{
	double weight = WEIGHT_STATED;

	if (mention->has_time)
		weight += BONUS_TIME;
	if (mention->relative)
		weight -= PENALTY_RELATIVE;
	if (!cued)
		weight -= PENALTY_NO_CUE;
	if (passage->machine || passage->headers)
		weight -= PENALTY_MACHINE;
	return weight;
}

/* "stamattina" in a mail that a colleague forwards is the morning of that mail. */
static gint64
now_of(const Facts *facts, const Passage *passage)
{
	const char *value =
	        passage->header != NULL ? header_get(passage->header, "Date") : NULL;
	gint64 written = 0;

	if (value != NULL && passage->origin == ORIGIN_FORWARDED)
		written = date_instant_of_field(value, facts->now, facts->vocabulary);
	return written != 0 ? written : facts->now;
}

/* A log names one day a hundred times: what is known already, and no surer by this mention,
 * costs no look around it; nor does one that many looks said nothing of. */
static void
read_mention(
        Facts *facts, const Passage *passage, DateMention *mention, GHashTable *looks)
{
	double cued = weight_of(passage, mention, TRUE);
	double bare = weight_of(passage, mention, FALSE);
	guint looked = GPOINTER_TO_UINT(g_hash_table_lookup(looks, mention->iso));

	if (looked >= LOOKS_PER_DAY ||
	        !fact_is_news(facts, ITEM_DATE, mention->iso, cued))
		return;
	g_hash_table_insert(looks, mention->iso, GUINT_TO_POINTER(looked + 1));
	if (!date_stands(mention) ||
	        (!fact_is_news(facts, ITEM_DATE, mention->iso, bare) &&
	                !date_is_cued(mention)) ||
	        date_is_vetoed(mention))
		return;
	FactPlace place = fact_place(passage, mention->start);
	fact_add(facts, ITEM_DATE, mention->iso, &place,
	        date_is_cued(mention) ? cued : bare);
}

static void
read_passage(Facts *facts, const Passage *passage)
{
	const FoldedText *text = passage->folded;
	gint64 now = now_of(facts, passage);
	g_autoptr(GArray) mentions =
	        dates_find(text->text, text->length, now, facts->vocabulary);
	g_autoptr(GHashTable) looks = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < mentions->len; i++) {
		DateMention *mention = &g_array_index(mentions, DateMention, i);
		facts->dates_left -= MIN(facts->dates_left, !mention->weak);
		read_mention(facts, passage, mention, looks);
	}
}

/* History and a forward between people tell of other days. */
static gboolean
tells_the_day(const Passage *passage)
{
	return fact_passage_counts(passage) && !passage->history &&
	       passage->report == NULL;
}

void
fact_dates_find(Facts *facts)
{
	const GPtrArray *passages = facts->passages->passages;

	if (facts->now == 0)
		return;
	for (guint i = 0; i < passages->len; i++) {
		const Passage *passage = g_ptr_array_index(passages, i);
		if (tells_the_day(passage) && facts->dates_left > 0)
			read_passage(facts, passage);
	}
}
