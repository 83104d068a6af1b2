/*
 * A case and its plan as the contract's JSON object, and the whole case as JSON for the way
 * between processes and into the journal.
 *
 * Surprising rule: the two are different objects. The contract's is for people's scripts and
 * loses what they need not see; the pack holds every field and nothing derived.
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

/* The whole case, for case_unpack(). */
json_t *case_pack(const Case *kase);

/* A packed case that may come from a process a hostile mail has taken over: every type, name,
 * length and count is checked. A field that is absent is zero (an older pack), a wrong one is
 * ERROR_INPUT; so is one that must be there and is not, such as the class or a text's part. */
Case *case_unpack(const json_t *json, GError **error);
