/* Times as people write and read them; all are microseconds since the epoch, local zone. */
#pragma once

#include <glib.h>

/* "2026-11-06 14:58:00", or NULL for 0. */
char *moment_show(gint64 time);

/* "2026-11-06T14:58:00.123+01:00", or NULL for 0. */
char *moment_iso(gint64 time);

/* Read "2026-11-06", "2026-11-06 14:58", an ISO 8601 time, or how long before now: "90m",
 * "12h", "7d". ERROR_INPUT for anything else. */
gboolean moment_parse(const char *text, gint64 now, gint64 *time, GError **error);
