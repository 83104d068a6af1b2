/*
 * The report as one HTML page that needs nothing else: DIR/report/report.it.html of the
 * catalogue filled in, with the words of DIR/report/it.conf, so that the helpdesk can change
 * both. There is no HTML and no Italian in the program.
 */
#pragma once

#include "rules/values.h"
#include "rules/wording.h"
#include "triaged/report.h"

/* The page as text. ERROR_CONFIG when the template or the words are bad. */
char *report_page(const JournalReport *report, const Catalogue *catalogue,
        const char *const *directories, GError **error);

/* Fill in what is drawn day by day: "bars", "day_list", "legend", their scale. */
void report_chart_days(Values *values, const JournalReport *report,
        const Catalogue *catalogue, const Wording *wording);

/* Fill in a class's own small curve: "trend". */
void report_chart_trend(
        Values *values, const JournalReport *report, const ReportClass *class);

/* A whole number as people of the page's language write it: "12.345". */
char *report_number(const Wording *wording, gint64 number);

/* The title of a class id. */
const char *report_title(
        const Catalogue *catalogue, const Wording *wording, const char *id);
