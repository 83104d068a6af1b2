/*
 * The judgement of one case under way: what classify() and its two questions share, "is it
 * a ticket at all?" (ticket.h) and "which class has the better evidence?" (candidate.h).
 */
#pragma once

#include "rules/catalogue.h"
#include "triage/case.h"
#include "triage/passage.h"

#define CLASS_UNKNOWN "unknown"
#define CLASS_NOT_A_TICKET "not-a-ticket"

typedef struct {
	Case *kase;
	const Passages *passages;
	const Catalogue *catalogue;
	GArray *candidates; /* of Candidate, best first */
	gboolean history;   /* they come from the thread, nothing newer speaks */
	gboolean problem;   /* the customer reports one, in words */
} Judge;

/* Note a sentence for --explain. */
void judge_add_reason(Judge *judge, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Set the verdict's class; a later conclusion replaces it. */
void judge_conclude(Judge *judge, const char *class, double confidence);

/* Whether the customer's own words of now hold a cue. */
gboolean judge_hears(const Judge *judge, Cue cue);
