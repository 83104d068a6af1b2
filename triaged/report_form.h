/* The forms in which a report is shown. */
#pragma once

#include "triaged/report.h"

/* Tables for a terminal, on stdout. */
void report_print_text(const JournalReport *report);

/* One object on one line, on stdout. */
void report_print_json(const JournalReport *report);
