/* Evidence: the utterances of error text in a mail's passages, each with the signatures it hits. */
#pragma once

#include "rules/settings.h"
#include "triage/case.h"
#include "triage/passage.h"

/* Of Evidence: one per hit, and one per error text that no signature knows. */
GPtrArray *evidence_collect(const Passages *passages, const Catalogue *catalogue, const Settings *settings);
