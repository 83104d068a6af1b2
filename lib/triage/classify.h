/* The verdict: which class the evidence speaks for, weighed by context. What the customer says
 * now outweighs an old thread; who refused; claims and negations; agreement of several pieces. */
#pragma once

#include "rules/catalogue.h"
#include "triage/case.h"
#include "triage/passage.h"

/* Fills kase->verdict; sets weight and dropped on kase->evidence. kase's nature, items and
 * evidence are set already. */
void classify(Case *kase, const Passages *passages, const Catalogue *catalogue);
