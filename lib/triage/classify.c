#include "triage/classify.h"

#include <stdarg.h>
#include <string.h>

#define CLASS_UNKNOWN "unknown"
#define CLASS_NOT_A_TICKET "not-a-ticket"

#define CONFIDENCE_MACHINE 0.99 /* a machine's mail is no ticket */
#define CONFIDENCE_MAX 0.99
#define CONFIDENCE_UNKNOWN 0.8    /* an error text that nobody knows */
#define CONFIDENCE_UNDECIDED 0.5  /* two errors are named alike */
#define CONFIDENCE_COMPLAINT 0.7  /* a problem, and no error at all */
#define CONFIDENCE_NO_TICKET 0.85 /* business, thanks */
#define CONFIDENCE_NOTHING 0.65   /* nothing speaks for anything */

#define WEIGHT_MIN 0.45  /* below this a hit names no class */
#define RIVAL_MARGIN 0.1 /* a rival this close makes the verdict doubtful */
#define RIVAL_FACTOR 0.6 /* ... when it is another named error: an agent looks first */
#define RIVAL_UNKNOWN_FACTOR                                                           \
	0.85 /* ... when its reply would be the fallback's anyway */
#define HISTORY_FACTOR 0.85
#define AGREEMENT_FACTOR 0.7 /* each further piece takes this much of the doubt */

/* A class and what speaks for it. */
typedef struct {
	const Class *class;
	const Class *shown;
	const Evidence *best;
	guint tier;
	double weight;
	guint pieces;
	gboolean claimed; /* rests on what the customer claims */
} Candidate;

typedef struct {
	Case *kase;
	const Passages *passages;
	const Catalogue *catalogue;
	GArray *candidates; /* of Candidate, best first */
	gboolean history;   /* they come from the thread, nothing newer speaks */
	gboolean problem;   /* the customer reports one, in words */
} Judge;

static void add_reason(Judge *judge, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void
add_reason(Judge *judge, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	g_ptr_array_add(
	        judge->kase->verdict.reasons, g_strdup_vprintf(format, arguments));
	va_end(arguments);
}

/* Our servers' own texts first, then what clients and others say, then paraphrases; bare
 * codes last, since providers use 5.1.0 and 5.1.1 for anything. */
static guint
tier_of_layer(Layer layer)
{
	switch (layer) {
	case LAYER_SITE: return 0;
	case LAYER_PROVIDER: return 1;
	case LAYER_CLIENT: return 2;
	case LAYER_GENERIC: return 3;
	case LAYER_WORDS: return 4;
	case LAYER_STATUS: return 5;
	case LAYER_CODE: return 6;
	case LAYER_COUNT: break;
	}
	return 7;
}

static const Signature *
find_signature(const Class *class, const Evidence *evidence)
{
	const char *slash = strrchr(evidence->signature, '/');
	for (guint i = 0; slash != NULL && i < class->signatures->len; i++) {
		const Signature *signature = g_ptr_array_index(class->signatures, i);
		if (strcmp(signature->id, slash + 1) == 0)
			return signature;
	}
	return NULL;
}

static Candidate *
find_candidate(GArray *candidates, const Class *class)
{
	for (guint i = 0; i < candidates->len; i++) {
		Candidate *candidate = &g_array_index(candidates, Candidate, i);
		if (candidate->class == class)
			return candidate;
	}
	return NULL;
}

/* "I never sent that" turns a notice, or talk of one, into backscatter. An error the customer
 * pastes bare may as well come from sending: there the claim does not outrank the words. */
static gboolean
rests_on_claim(const Class *class, const Evidence *evidence)
{
	const Signature *signature = find_signature(class, evidence);
	return signature != NULL && signature->needs == CUE_CLAIM_NOT_SENT &&
	       tier_of_layer(evidence->layer) <= tier_of_layer(LAYER_PROVIDER) &&
	       evidence->origin != ORIGIN_PASTED && evidence->origin != ORIGIN_DIALOG;
}

/* Whether an earlier piece says the same of the same line: two rules may know one text. */
static gboolean
repeats_earlier(const Judge *judge, guint index)
{
	const Evidence *evidence = g_ptr_array_index(judge->kase->evidence, index);
	for (guint i = 0; i < index; i++) {
		const Evidence *earlier = g_ptr_array_index(judge->kase->evidence, i);
		if (earlier->line == evidence->line &&
		        g_strcmp0(earlier->class, evidence->class) == 0 &&
		        g_strcmp0(earlier->part, evidence->part) == 0)
			return TRUE;
	}
	return FALSE;
}

/* Count a piece of evidence for its class. */
static void
count_evidence(Judge *judge, const Evidence *evidence, gboolean repeats)
{
	const Class *class = catalogue_find(judge->catalogue, evidence->class);
	if (class == NULL)
		return;
	const Class *shown = catalogue_shown(judge->catalogue, class);
	gboolean named = strcmp(shown->id, CLASS_UNKNOWN) != 0;
	if (named && evidence->weight < WEIGHT_MIN)
		return;
	gboolean claimed = rests_on_claim(class, evidence);
	guint tier = tier_of_layer(evidence->layer);
	Candidate *known = find_candidate(judge->candidates, class);
	if (known == NULL) {
		Candidate fresh = { .class = class,
			.shown = shown,
			.best = evidence,
			.tier = tier,
			.weight = evidence->weight,
			.pieces = 1,
			.claimed = claimed };
		g_array_append_val(judge->candidates, fresh);
		return;
	}
	known->pieces += !repeats;
	known->claimed |= claimed;
	if (tier < known->tier ||
	        (tier == known->tier && evidence->weight > known->weight)) {
		known->tier = tier;
		known->weight = evidence->weight;
		known->best = evidence;
	}
}

static gboolean
is_named(const Candidate *candidate)
{
	return strcmp(candidate->shown->id, CLASS_UNKNOWN) != 0;
}

static gboolean
begin_alike(const Evidence *left, const Evidence *right)
{
	gsize length = MIN(strlen(left->text), strlen(right->text));
	return left->line == right->line && strlen(left->text) != strlen(right->text) &&
	       strncmp(left->text, right->text, length) == 0 &&
	       g_strcmp0(left->part, right->part) == 0;
}

static int
compare_candidates(gconstpointer a, gconstpointer b)
{
	const Candidate *left = a, *right = b;
	if (left->claimed != right->claimed)
		return left->claimed ? -1 : 1;
	if (left->tier != right->tier)
		return left->tier < right->tier ? -1 : 1;
	if (is_named(left) != is_named(right))
		return is_named(left) ? -1 : 1;
	/* of two texts that begin at one place the shorter is the server's, the longer goes on
	 * into what the customer says about it */
	if (begin_alike(left->best, right->best))
		return strlen(left->best->text) < strlen(right->best->text) ? -1 : 1;
	if (left->weight != right->weight)
		return left->weight > right->weight ? -1 : 1;
	return strcmp(left->class->id, right->class->id);
}

static void
gather_candidates(Judge *judge, gboolean history)
{
	g_array_set_size(judge->candidates, 0);
	judge->history = history;
	for (guint i = 0; i < judge->kase->evidence->len; i++) {
		const Evidence *evidence = g_ptr_array_index(judge->kase->evidence, i);
		gboolean counts = history ? g_strcmp0(evidence->dropped, "history") == 0
		                          : evidence->dropped == NULL;
		if (counts && evidence->class != NULL)
			count_evidence(judge, evidence, repeats_earlier(judge, i));
	}
	g_array_sort(judge->candidates, compare_candidates);
}

/* The best candidate whose shown class is another one, or NULL. */
static const Candidate *
rival_of(const Judge *judge, const Candidate *best)
{
	for (guint i = 0; i < judge->candidates->len; i++) {
		const Candidate *candidate =
		        &g_array_index(judge->candidates, Candidate, i);
		if (candidate->shown != best->shown)
			return candidate;
	}
	return NULL;
}

static gboolean
is_close(const Candidate *best, const Candidate *rival)
{
	return rival->claimed == best->claimed && rival->tier == best->tier &&
	       best->weight - rival->weight < RIVAL_MARGIN;
}

static double
confidence_of(const Judge *judge, const Candidate *best, const Candidate *rival)
{
	double doubt = 1 - best->weight;
	for (guint i = 1; i < best->pieces; i++)
		doubt *= AGREEMENT_FACTOR;
	double confidence = MIN(1 - doubt, CONFIDENCE_MAX);
	if (judge->history)
		confidence *= HISTORY_FACTOR;
	if (rival != NULL && is_close(best, rival))
		confidence *= is_named(rival) ? RIVAL_FACTOR : RIVAL_UNKNOWN_FACTOR;
	return confidence;
}

static void
give_reasons(Judge *judge, const Candidate *best, const Candidate *rival)
{
	if (judge->history)
		add_reason(judge,
		        "nothing new names an error, so the quoted thread decides");
	add_reason(judge, "%s says %s (%s layer): \"%s\"",
	        origin_name(best->best->origin), best->best->signature,
	        layer_name(best->best->layer), best->best->text);
	if (best->pieces > 1)
		add_reason(judge, "%u pieces of evidence agree on %s", best->pieces,
		        best->class->id);
	if (best->claimed)
		add_reason(judge,
		        "the customer says that they never sent it, and that counts "
		        "more than what the report itself complains about");
	if (rival == NULL)
		return;
	if (is_close(best, rival))
		add_reason(judge, "%s is nearly as likely: both are in doubt",
		        rival->class->id);
	else if (rival->tier != best->tier)
		add_reason(judge, "%s has only evidence of the %s layer",
		        rival->class->id, layer_name(rival->best->layer));
	else
		add_reason(judge, "%s has weaker evidence", rival->class->id);
}

static void
conclude(Judge *judge, const char *class, double confidence)
{
	Verdict *verdict = &judge->kase->verdict;
	g_free(verdict->class);
	verdict->class = g_strdup(class);
	verdict->confidence = confidence;
}

/* Two errors named in passing, and nothing that decides: no guidance is better than wrong. */
static gboolean
is_undecided(const Candidate *best, const Candidate *rival)
{
	return rival != NULL && is_named(best) && is_named(rival) &&
	       is_close(best, rival) &&
	       (best->best->origin == ORIGIN_WORDS ||
	               best->best->origin == ORIGIN_SUBJECT) &&
	       rival->best->origin == best->best->origin;
}

static void
conclude_undecided(Judge *judge, const Candidate *best, const Candidate *rival)
{
	conclude(judge, CLASS_UNKNOWN, CONFIDENCE_UNDECIDED);
	judge->kase->verdict.runner_up = g_strdup(best->shown->id);
	judge->kase->verdict.runner_up_confidence = best->weight / 2;
	add_reason(judge, "%s and %s are both named, and nothing decides between them",
	        best->class->id, rival->class->id);
}

static void
conclude_class(Judge *judge)
{
	const Candidate *best = &g_array_index(judge->candidates, Candidate, 0);
	const Candidate *rival = rival_of(judge, best);
	if (is_undecided(best, rival)) {
		conclude_undecided(judge, best, rival);
		return;
	}
	Verdict *verdict = &judge->kase->verdict;
	conclude(judge, best->shown->id, confidence_of(judge, best, rival));
	if (best->class != best->shown)
		verdict->detail = g_strdup(best->class->id);
	if (rival != NULL) {
		verdict->runner_up = g_strdup(rival->shown->id);
		verdict->runner_up_confidence =
		        MIN(rival->weight, 1 - verdict->confidence / 2) *
		        (is_close(best, rival) ? 1 : 0.5);
	}
	give_reasons(judge, best, rival);
}

static gboolean
says(const Judge *judge, Cue cue)
{
	return passages_say(judge->passages, judge->catalogue->vocabulary, cue);
}

/* Whether something besides words speaks: an error text, a report, a picture. */
static gboolean
something_shows_a_problem(const Judge *judge)
{
	const Case *kase = judge->kase;
	if (kase->reports->len > 0 || case_item(kase, ITEM_SCREENSHOT) != NULL)
		return TRUE;
	for (guint i = 0; i < kase->evidence->len; i++) {
		const Evidence *evidence = g_ptr_array_index(kase->evidence, i);
		if (evidence->dropped == NULL)
			return TRUE;
	}
	return FALSE;
}

static gboolean
is_follow_up(const Judge *judge)
{
	for (guint i = 0; i < judge->passages->passages->len; i++) {
		const Passage *passage =
		        g_ptr_array_index(judge->passages->passages, i);
		if (passage->history)
			return TRUE;
	}
	return judge->kase->references[0] != NULL || judge->kase->ticket_token != NULL;
}

/* "Risposta automatica: Problema invio" repeats the subject of the mail that it answers, ours
 * perhaps: then only the body can report a problem. */
static gboolean
reports_a_problem(const Judge *judge)
{
	const Vocabulary *vocabulary = judge->catalogue->vocabulary;
	for (guint i = 0; i < judge->passages->passages->len; i++) {
		const Passage *passage =
		        g_ptr_array_index(judge->passages->passages, i);
		gsize start = 0, end = 0;
		if (passage->origin == ORIGIN_SUBJECT && passage->depth == 0 &&
		        vocabulary_find(vocabulary, CUE_AUTO_REPLY,
		                passage->folded->text, passage->folded->length, &start,
		                &end))
			return passages_say_in_body(
			        judge->passages, vocabulary, CUE_PROBLEM);
	}
	return says(judge, CUE_PROBLEM);
}

/* A follow-up that brings data without naming the error again. */
static gboolean
brings_facts(const Judge *judge)
{
	for (guint i = 0; is_follow_up(judge) && i < judge->kase->items->len; i++) {
		const Item *item = g_ptr_array_index(judge->kase->items, i);
		if (item->origin != ORIGIN_QUOTED && item->origin != ORIGIN_SUBJECT)
			return TRUE;
	}
	return FALSE;
}

static gboolean
goes_on(const Judge *judge)
{
	return judge->problem || judge->kase->not_helped || judge->kase->wants_human ||
	       brings_facts(judge) || something_shows_a_problem(judge) ||
	       says(judge, CUE_PROMISE_ATTACHMENT) ||
	       says(judge, CUE_PROMISE_SCREENSHOT);
}

/* Whether everything that speaks is a passing word: sales talk about "spam detected". */
static gboolean
only_words_speak(const Judge *judge)
{
	for (guint i = 0; i < judge->kase->evidence->len; i++) {
		const Evidence *evidence = g_ptr_array_index(judge->kase->evidence, i);
		if (evidence->dropped == NULL && evidence->origin != ORIGIN_WORDS &&
		        evidence->origin != ORIGIN_SUBJECT)
			return FALSE;
	}
	return judge->kase->reports->len == 0;
}

/* Whether the words ask to follow a link. */
static gboolean
has_link(const Judge *judge)
{
	for (guint i = 0; i < judge->passages->passages->len; i++) {
		const Passage *passage =
		        g_ptr_array_index(judge->passages->passages, i);
		if (passage->origin == ORIGIN_WORDS && passage->depth == 0 &&
		        (strstr(passage->folded->text, "http://") != NULL ||
		                strstr(passage->folded->text, "https://") != NULL))
			return TRUE;
	}
	return FALSE;
}

static gboolean
conclude_no_ticket(Judge *judge, double confidence, const char *reason)
{
	add_reason(judge, "%s", reason);
	conclude(judge, CLASS_NOT_A_TICKET, confidence);
	return TRUE;
}

/* Cues speak only where no error does, and where nothing is said to be wrong. */
static gboolean
concludes_no_ticket(Judge *judge)
{
	gboolean classless = judge->candidates->len == 0;
	if (judge->kase->nature != NATURE_PERSON)
		return conclude_no_ticket(judge, CONFIDENCE_MACHINE,
		        "the mail was not written by a person");
	if (judge->kase->header_gate == GATE_SPAM && only_words_speak(judge) &&
	        (says(judge, CUE_BULK) || (classless && has_link(judge))))
		return conclude_no_ticket(judge, CONFIDENCE_NO_TICKET,
		        "a filter took it for spam, and it reads like that");
	if (judge->problem || !only_words_speak(judge))
		return FALSE;
	if (judge->kase->thanks && !judge->kase->not_helped && classless)
		return conclude_no_ticket(judge, CONFIDENCE_NO_TICKET,
		        "a thank-you: what it quotes is over");
	if (says(judge, CUE_BULK))
		return conclude_no_ticket(judge, CONFIDENCE_NO_TICKET,
		        "it reads like advertising, and reports no problem");
	if (says(judge, CUE_AUTO_REPLY) && classless)
		return conclude_no_ticket(judge, CONFIDENCE_NO_TICKET,
		        "it reads like an automatic answer, and reports no problem");
	if (says(judge, CUE_OTHER_BUSINESS) && classless)
		return conclude_no_ticket(judge, CONFIDENCE_NO_TICKET,
		        "it is about other business, and reports no mail problem");
	return FALSE;
}

static void
conclude_without_class(Judge *judge)
{
	if (something_shows_a_problem(judge)) {
		add_reason(judge, "an error is shown, but no class explains it");
		conclude(judge, CLASS_UNKNOWN, CONFIDENCE_UNKNOWN);
	} else if (goes_on(judge)) {
		add_reason(judge, "a mail problem is reported, but no error is named");
		conclude(judge, CLASS_UNKNOWN, CONFIDENCE_COMPLAINT);
	} else if (says(judge, CUE_THANKS_ALONE)) {
		add_reason(judge, "a thank-you and nothing else");
		judge->kase->thanks = TRUE;
		conclude(judge, CLASS_NOT_A_TICKET, CONFIDENCE_NO_TICKET);
	} else {
		add_reason(judge, "nothing in it reports a mail problem");
		conclude(judge, CLASS_NOT_A_TICKET, CONFIDENCE_NOTHING);
	}
}

static void
note_dropped(Judge *judge)
{
	for (guint i = 0; i < judge->kase->evidence->len; i++) {
		const Evidence *evidence = g_ptr_array_index(judge->kase->evidence, i);
		if (g_strcmp0(evidence->dropped, "negated") == 0)
			add_reason(judge, "the customer says that it is not %s",
			        evidence->class);
	}
}

void
classify(Case *kase, const Passages *passages, const Catalogue *catalogue)
{
	g_autoptr(GArray) candidates = g_array_new(FALSE, FALSE, sizeof(Candidate));
	Judge judge = { .kase = kase,
		.passages = passages,
		.catalogue = catalogue,
		.candidates = candidates };
	judge.problem = reports_a_problem(&judge);

	gather_candidates(&judge, FALSE);
	if (concludes_no_ticket(&judge))
		return;
	if (judge.candidates->len == 0 && goes_on(&judge))
		gather_candidates(&judge, TRUE);
	if (judge.candidates->len > 0)
		conclude_class(&judge);
	else
		conclude_without_class(&judge);
	note_dropped(&judge);
}
