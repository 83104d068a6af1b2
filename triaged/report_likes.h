/* Error texts alike: likenesses that share most of their words, taken together. */
#pragma once

#include "triaged/report.h"

/* Fill in report->likes; verbatim: with an example as the customer sent it. */
gboolean report_likes(
        JournalReport *report, Store *store, gboolean verbatim, GError **error);
