/* Our own replies, quoted back under a customer's answer, are no words of the customer's, and
 * name an error only where nothing newer does: what of them no quote mark or attribution told
 * is taken out of the passages. */
#pragma once

#include "rules/canned.h"
#include "triage/passage.h"

/* A passage that says nothing else becomes "ours"; of the others the lines become empty, so
 * that the rest keeps its place. */
void own_text_take_out(Passages *passages, const Canned *canned);
