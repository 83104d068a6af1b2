/* triaged --check-config: everything that can be known to be wrong before it hurts. */
#pragma once

#include <glib.h>

/* Check the configuration, with online also each server; 0 or 78. Problems go to stderr, what
 * is good to know to stdout. */
int check_config(const char *file, gboolean online);
