/* The tables, as numbered migrations that are only ever appended to. */
#pragma once

#include "store/database.h"

/* In the file's header, so that another program's database is not taken for ours. */
#define SCHEMA_APPLICATION_ID 0x54524744 /* "TRGD" */

/* Bring the database to this program's version; without migrate only check that it is.
 * ERROR_STORE when it is newer, of another program, or older and not to be migrated. */
gboolean schema_prepare(
        Database *database, const char *file, gboolean migrate, GError **error);
