#include "triage/classify.h"

#include <string.h>

#include "triage/candidate.h"
#include "triage/ticket.h"

#define CONFIDENCE_MAX 0.99
#define CONFIDENCE_UNDECIDED 0.5 /* two errors are named alike */

#define RIVAL_FACTOR                                                                   \
	0.6 /* a close rival is another named error: an agent looks first */
#define RIVAL_UNKNOWN_FACTOR                                                           \
	0.85 /* a close rival whose reply would be the fallback's anyway */
#define HISTORY_FACTOR 0.85
#define AGREEMENT_FACTOR 0.7 /* each further piece takes this much of the doubt */

static double
confidence_of(const Judge *judge, const Candidate *best, const Candidate *rival)
{
	double doubt = 1 - best->weight;
	for (guint i = 1; i < best->pieces; i++)
		doubt *= AGREEMENT_FACTOR;
	double confidence = MIN(1 - doubt, CONFIDENCE_MAX);
	if (judge->history)
		confidence *= HISTORY_FACTOR;
	if (rival != NULL && candidate_is_close(best, rival))
		confidence *=
		        candidate_is_named(rival) ? RIVAL_FACTOR : RIVAL_UNKNOWN_FACTOR;
	return confidence;
}

static void
give_reasons(Judge *judge, const Candidate *best, const Candidate *rival)
{
	if (judge->history)
		judge_add_reason(judge,
		        "nothing new names an error, so the quoted thread decides");
	judge_add_reason(judge, "%s says %s (%s layer): \"%s\"",
	        origin_name(best->best->origin), best->best->signature,
	        layer_name(best->best->layer), best->best->text);
	if (best->pieces > 1)
		judge_add_reason(judge, "%u pieces of evidence agree on %s",
		        best->pieces, best->class->id);
	if (best->claimed)
		judge_add_reason(judge,
		        "the customer says that they never sent it, and that counts "
		        "more than what the report itself complains about");
	if (rival == NULL)
		return;
	if (candidate_is_close(best, rival))
		judge_add_reason(judge, "%s is nearly as likely: both are in doubt",
		        rival->class->id);
	else if (rival->tier != best->tier)
		judge_add_reason(judge, "%s has only evidence of the %s layer",
		        rival->class->id, layer_name(rival->best->layer));
	else
		judge_add_reason(judge, "%s has weaker evidence", rival->class->id);
}

/* Two errors named in passing, and nothing that decides: no guidance is better than wrong. */
static gboolean
is_undecided(const Candidate *best, const Candidate *rival)
{
	return rival != NULL && candidate_is_named(best) && candidate_is_named(rival) &&
	       candidate_is_close(best, rival) &&
	       (best->best->origin == ORIGIN_WORDS ||
	               best->best->origin == ORIGIN_SUBJECT) &&
	       rival->best->origin == best->best->origin;
}

static void
conclude_undecided(Judge *judge, const Candidate *best, const Candidate *rival)
{
	judge_conclude(judge, CLASS_UNKNOWN, CONFIDENCE_UNDECIDED);
	judge->kase->verdict.runner_up = g_strdup(best->shown->id);
	judge->kase->verdict.runner_up_confidence = best->weight / 2;
	judge_add_reason(judge,
	        "%s and %s are both named, and nothing decides between them",
	        best->class->id, rival->class->id);
}

static void
conclude_class(Judge *judge)
{
	const Candidate *best = &g_array_index(judge->candidates, Candidate, 0);
	const Candidate *rival = candidate_rival(judge, best);
	if (is_undecided(best, rival)) {
		conclude_undecided(judge, best, rival);
		return;
	}
	Verdict *verdict = &judge->kase->verdict;
	judge_conclude(judge, best->shown->id, confidence_of(judge, best, rival));
	if (best->class != best->shown)
		verdict->detail = g_strdup(best->class->id);
	if (rival != NULL) {
		verdict->runner_up = g_strdup(rival->shown->id);
		verdict->runner_up_confidence =
		        MIN(rival->weight, 1 - verdict->confidence / 2) *
		        (candidate_is_close(best, rival) ? 1 : 0.5);
	}
	give_reasons(judge, best, rival);
}

static void
note_dropped(Judge *judge)
{
	for (guint i = 0; i < judge->kase->evidence->len; i++) {
		const Evidence *evidence = g_ptr_array_index(judge->kase->evidence, i);
		if (g_strcmp0(evidence->dropped, "negated") == 0)
			judge_add_reason(judge, "the customer says that it is not %s",
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
	judge.problem = ticket_reports_a_problem(&judge);

	candidates_gather(&judge, FALSE);
	if (ticket_is_none(&judge))
		return;
	if (judge.candidates->len == 0 && ticket_goes_on(&judge))
		candidates_gather(&judge, TRUE);
	if (judge.candidates->len > 0)
		conclude_class(&judge);
	else
		ticket_conclude_without_class(&judge);
	note_dropped(&judge);
}
