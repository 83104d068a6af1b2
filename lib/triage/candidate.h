/*
 * Candidates: the classes that a case's evidence speaks for, the best first.
 *
 * Surprising rule: the layer of the evidence decides before its weight. A server's own text
 * beats any number of paraphrases, and a bare status comes last of all.
 */
#pragma once

#include "triage/judge.h"

/* A class and what speaks for it. */
typedef struct {
	const Class *class;
	const Class *shown;   /* the class itself, or its parent */
	const Evidence *best; /* borrowed from the case */
	guint tier;           /* of the best evidence's layer, 0 the strongest */
	double weight;
	guint pieces;
	gboolean claimed; /* rests on what the customer claims */
} Candidate;

/* Fill judge->candidates from the evidence of now, or from that of the quoted thread. */
void candidates_gather(Judge *judge, gboolean history);

/* Whether it is shown as a class of its own, and not as "unknown". */
gboolean candidate_is_named(const Candidate *candidate);

/* The best candidate whose shown class is another one, or NULL. */
const Candidate *candidate_rival(const Judge *judge, const Candidate *best);

/* Whether a rival is nearly as likely as the best. */
gboolean candidate_is_close(const Candidate *best, const Candidate *rival);
