/*
 * The exporter: the process that writes the metrics' file and answers the listener. It reads
 * the store and holds no credential; it never sees a byte that came over the network, but the
 * listener's one-byte questions.
 */
#pragma once

#include "desk/role.h"

/* Whether the settings ask for one. */
gboolean exporter_is_wanted(const Settings *settings);

/* Run the role until told to stop; with once, write the file and end. Its exit status. */
int exporter_run(Role *role, gboolean once);
