/*
 * A case and its plan as the contract's JSON object, for people's scripts and the journal; it
 * loses what they need not see (case_pack.h has every field).
 */
#pragma once

#include <jansson.h>

#include "triage/case.h"
#include "triage/json_line.h"
#include "triage/plan.h"

/* The contract's object on one line (file may be NULL); plan may be NULL: no "tags" and "reply".
 * With more its last member is that, under that name; NULL: no more. Free with g_free(). */
char *case_json_line(const Case *kase, const Plan *plan, const char *file,
        const char *name, const json_t *more);

/* The same as a tree, without more. */
json_t *case_to_json(const Case *kase, const Plan *plan, const char *file);
