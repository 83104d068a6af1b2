/* A case and its plan as the contract's JSON object, and back for the way between processes. */
#pragma once

#include <jansson.h>

#include "triage/case.h"
#include "triage/plan.h"

/* The contract's object (file may be NULL); plan may be NULL: no "tags" and "reply". */
json_t *case_to_json(const Case *kase, const Plan *plan, const char *file);

/* The whole case, fields that the contract does not name under "_"; for case_from_json(). */
json_t *case_pack(const Case *kase);

/* NULL with ERROR_INPUT when a field is missing or of the wrong type: never trusts it. */
Case *case_unpack(const json_t *json, GError **error);

/* One line, UTF-8, no trailing newline. */
char *json_line(const json_t *json);
