/* Our own replies, quoted back under a customer's answer, are no words of the customer's. What
 * the templates say is never evidence, and is taken out where no quote mark or attribution told
 * it; what an agent wrote by hand names an error where nothing newer does. */
#pragma once

#include "rules/canned.h"
#include "triage/passage.h"

/* A passage that says nothing else becomes "ours"; of the others the lines become empty, so
 * that the rest keeps its place. */
void own_text_take_out(Passages *passages, const Canned *canned);
