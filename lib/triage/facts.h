/* The seven items support needs, each with value and origin. Rules as in the label rules: an
 * address counts when stated, named by a report, or meant by "questa casella". */
#pragma once

#include "rules/settings.h"
#include "triage/case.h"
#include "triage/passage.h"

/* Of Item, best first within a kind. evidence is what evidence_collect() found. */
GPtrArray *facts_extract(const Mail *mail, const Passages *passages,
        const GPtrArray *evidence, const Settings *settings,
        const Vocabulary *vocabulary);
