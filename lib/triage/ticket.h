/*
 * Whether a mail is a ticket at all: cues decide that only where no error text does.
 */
#pragma once

#include "triage/judge.h"

/* Whether the customer's words report a mail problem, whatever it is. */
gboolean ticket_reports_a_problem(const Judge *judge);

/* Whether the mail goes on about the problem of its thread. */
gboolean ticket_goes_on(const Judge *judge);

/* Conclude that it is no ticket, when that is clear whatever the evidence names. */
gboolean ticket_is_none(Judge *judge);

/* Conclude for a mail whose evidence names no class. */
void ticket_conclude_without_class(Judge *judge);
