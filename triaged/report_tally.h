/* The tally: the walk over the journal that fills a report's counts. */
#pragma once

#include "triaged/report.h"

/* Walk, and fill in what comes of the mails themselves. */
gboolean report_tally(JournalReport *report, Store *store, const Settings *settings,
        const Catalogue *catalogue, GError **error);
