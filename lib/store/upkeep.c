#include "store/upkeep.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "store/database.h"
#include "store/person.h"

#define LOG_SUFFIX "-wal"
#define LOOK_BYTES (1024 * 1024) /* of a file that are looked through at a time */
#define OVERLAP 1024             /* longer than any address and what is around it */

static Database *
database_of(const Store *store)
{
	return store_database((Store *)store);
}

gint64
store_log_bytes(const Store *store)
{
	struct stat status;
	g_autofree char *file =
	        g_strconcat(database_file(database_of(store)), LOG_SUFFIX, NULL);
	return store_directory(store) != NULL && stat(file, &status) == 0
	               ? status.st_size
	               : 0;
}

gboolean
store_empty_log(Store *store, guint milliseconds, gboolean *emptied, GError **error)
{
	return database_empty_log(database_of(store), milliseconds, emptied, error);
}

gboolean
store_compact(Store *store, GError **error)
{
	return database_execute(database_of(store), "VACUUM", error);
}

static gboolean
file_names(const char *file, const char *address)
{
	FILE *stream = fopen(file, "rbe");
	g_autofree char *buffer = g_malloc(OVERLAP + LOOK_BYTES);
	gsize kept = 0, got;
	gboolean found = FALSE;
	while (stream != NULL && !found &&
	        (got = fread(buffer + kept, 1, LOOK_BYTES, stream)) > 0) {
		gsize all = kept + got;
		found = person_is_named(buffer, all, address);
		kept = MIN(all, OVERLAP);
		memmove(buffer, buffer + all - kept, kept);
	}
	if (stream != NULL)
		fclose(stream);
	return found;
}

gboolean
store_names(const Store *store, const char *address)
{
	const char *file = database_file(database_of(store));
	g_autofree char *log = g_strconcat(file, LOG_SUFFIX, NULL);
	return file_names(file, address) || file_names(log, address);
}
