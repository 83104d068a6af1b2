/* What the roles count for the metrics beside what the store counts by itself. */
#pragma once

#include "desk/intake.h"
#include "store/tally.h"

/* A mail that could not be analysed, by how. Needs a transaction, as the next two. */
gboolean tallying_failure(const Intake *intake, const Arrival *arrival, GError **error);

/* How long an analysis took; nothing when there was none. */
gboolean tallying_analysis(
        const Intake *intake, const Arrival *arrival, GError **error);

/* How long a mail waited for us; not for those that were there before us. */
gboolean tallying_pickup(const Intake *intake, const Arrival *arrival, GError **error);

/* A role that started, or lost its server: by its kind and, of watchers, the mailbox. Each in a
 * transaction of its own: metrics decide nothing, a failure to count is not worth a word. */
void tallying_start(Store *store, const char *role, const char *mailbox);
void tallying_outage(Store *store, const char *role, const char *mailbox);
