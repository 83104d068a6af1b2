/* Which of the items a class needs are there. */
#pragma once

#include "rules/catalogue.h"
#include "triage/case.h"

/* Fills kase->requirements from the verdict's class. */
void checklist_check(Case *kase, const Catalogue *catalogue);

/* The names of missing requirements, "error_text|screenshot". Of char *. */
GPtrArray *checklist_missing(const Case *kase);
