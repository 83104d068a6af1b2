/* What the journal keeps of a case for those who write signatures: which one decided, and
 * which error texts none knew. */
#pragma once

#include "triage/case.h"

/* "spam-detected/smtp-552", the signature that weighed most for the verdict; NULL when it
 * rests on none. Borrowed. */
const char *specimen_signature(const Case *kase);

#define SPECIMEN_TEXTS_MAX 3

/* An error text that no signature knows. */
typedef struct {
	char *form; /* its likeness, without the customer's names */
	char *text; /* verbatim */
} Specimen;

/* The texts that might have decided a ticket which no signature decided, at most
 * SPECIMEN_TEXTS_MAX, no two alike. Of Specimen. */
GPtrArray *specimen_collect(const Case *kase);
