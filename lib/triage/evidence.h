/* Evidence: the utterances of error text in a mail's passages, each with the signatures it hits. */
#pragma once

#include "rules/settings.h"
#include "triage/case.h"
#include "triage/passage.h"
#include "triage/segment.h"

/* Of Evidence: one per hit, and one per error text that no signature knows. */
GPtrArray *evidence_collect(const Passages *passages, const Catalogue *catalogue, const Settings *settings);

/* Who is taken to have said a segment: the host that its report or its text names; else the
 * provider, since our customers' errors are mostly our servers'. */
RefusedBy evidence_refuser(const Segment *segment, const Settings *settings);
