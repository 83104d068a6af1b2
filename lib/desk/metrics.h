/*
 * Metrics: what the journal's tallies and the roles' notes say, as text for Prometheus.
 *
 * Nothing is asked that grows with the journal: tallies, notes, and what is open in the
 * outbox, which has an index of its own. No address, subject or other word of a mail is in it.
 */
#pragma once

#include "desk/exposition.h"
#include "rules/settings.h"
#include "store/store.h"

/* All metrics as they stand now. */
GBytes *metrics_render(
        Store *store, const Settings *settings, ExpositionForm form, GError **error);

/* Write them where node_exporter finds them: whole or not at all, readable by everybody. */
gboolean metrics_write(const char *file, GBytes *text, GError **error);
