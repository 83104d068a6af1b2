/*
 * A text tried on the catalogue: which signatures hit it, in the order in which they count,
 * and which nearly do.
 *
 * The text is read as a customer's mail that holds nothing else (or, with another origin, as
 * a report's or an attachment's text); hits and verdict are the analysis's own.
 */
#pragma once

#include "triage/case.h"
#include "triage/segment.h"
#include "triaged/workbench.h"

typedef struct {
	const Class *class;
	const Signature *signature;
	const Segment *segment; /* the piece of the text that it hits, or nearly */
	RefusedBy refused_by;   /* who is taken to have said the piece */
	guint failures;         /* bit set of 1u << Condition; 0: a hit */
	double likeness;        /* of a missed text: to the nearest example, 0..1 */
	const char *example;    /* that example, or NULL */
	const char *dropped;    /* a hit that is not counted: "negated"; or NULL */
	char *matched;          /* what the pattern found in the folded text, or NULL */
} Finding;

typedef struct {
	Origin origin;
	Passages *passages;
	GPtrArray *segments; /* of Segment */
	GPtrArray *hits;     /* of Finding, first layer first */
	GPtrArray *near;     /* of Finding, the nearest first; at most TRIAL_NEAR_MAX */
	Case *kase;          /* with evidence and verdict */
} Trial;

#define TRIAL_NEAR_MAX 8
#define TRIAL_TEXT_MAX (16 * 1024) /* bytes; what is behind is not read */

/* text is UTF-8. */
Trial *trial_new(const Workbench *workbench, const char *text, Origin origin);
void trial_free(Trial *trial);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Trial, trial_free)
