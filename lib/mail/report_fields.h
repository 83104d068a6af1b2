/*
 * The machine's part of a report: RFC 3464 delivery-status and RFC 5965 feedback-report
 * fields, from their own part or pasted somewhere in a text.
 *
 * Surprising rule: groups are told apart by empty lines and by a field that comes twice,
 * since some mailers (and most pastes) leave the empty lines out.
 */
#pragma once

#include "mail/lines.h"
#include "mail/report.h"

/* Append the reports whose fields stand in lines; layout "rfc3464", "rfc5965". What is no
 * field is passed over. Nothing is added without a recipient field, except for a feedback
 * report. */
void report_fields_read(const Lines *lines, const char *part, GPtrArray *reports);

/* The row behind the last field that belongs to a report, 0 when no recipient field stands
 * in lines. */
guint report_fields_extent(const Lines *lines);
