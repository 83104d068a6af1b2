#include "triage/candidate.h"

#include <string.h>

#define WEIGHT_MIN 0.45  /* below this a hit names no class */
#define RIVAL_MARGIN 0.1 /* a rival this close makes the verdict doubtful */

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

/* Whether the mail shows an error that some class knows: a report, a window, a pasted reply. */
static gboolean
shows_a_known_error(const Judge *judge)
{
	for (guint i = 0; i < judge->kase->evidence->len; i++) {
		const Evidence *evidence = g_ptr_array_index(judge->kase->evidence, i);
		if (evidence->dropped == NULL && evidence->class != NULL &&
		        evidence->layer < LAYER_WORDS &&
		        (evidence->origin == ORIGIN_REPORT ||
		                evidence->origin == ORIGIN_PASTED ||
		                evidence->origin == ORIGIN_DIALOG))
			return TRUE;
	}
	return FALSE;
}

/* A subject is a paraphrase where the mail itself shows the error. */
static guint
tier_of(const Judge *judge, const Evidence *evidence)
{
	guint tier = tier_of_layer(evidence->layer);
	if (evidence->origin == ORIGIN_SUBJECT && shows_a_known_error(judge))
		return MAX(tier, tier_of_layer(LAYER_WORDS));
	return tier;
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
	guint tier = tier_of(judge, evidence);
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

gboolean
candidate_is_named(const Candidate *candidate)
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
	if (candidate_is_named(left) != candidate_is_named(right))
		return candidate_is_named(left) ? -1 : 1;
	/* of two texts that begin at one place the shorter is the server's, the longer goes on
	 * into what the customer says about it */
	if (begin_alike(left->best, right->best))
		return strlen(left->best->text) < strlen(right->best->text) ? -1 : 1;
	if (left->weight != right->weight)
		return left->weight > right->weight ? -1 : 1;
	return strcmp(left->class->id, right->class->id);
}

void
candidates_gather(Judge *judge, gboolean history)
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

const Candidate *
candidate_rival(const Judge *judge, const Candidate *best)
{
	for (guint i = 0; i < judge->candidates->len; i++) {
		const Candidate *candidate =
		        &g_array_index(judge->candidates, Candidate, i);
		if (candidate->shown != best->shown)
			return candidate;
	}
	return NULL;
}

gboolean
candidate_is_close(const Candidate *best, const Candidate *rival)
{
	return rival->claimed == best->claimed && rival->tier == best->tier &&
	       best->weight - rival->weight < RIVAL_MARGIN;
}
