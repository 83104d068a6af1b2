#include "store/quarantine.h"
#include "base/digest.h"
#include "base/errors.h"
#include "store/person.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define QUARANTINE_DIRECTORY "quarantine"

typedef struct {
	char *file;
	gint64 modified;
	gint64 size;
} KeptFile;

static char *
quarantine_directory(Store *store)
{
	const char *state = store_directory(store);
	return state != NULL ? g_build_filename(state, QUARANTINE_DIRECTORY, NULL)
	                     : NULL;
}

static void
kept_file_clear(gpointer element)
{
	g_free(((KeptFile *)element)->file);
}

static int
kept_file_compare(gconstpointer one, gconstpointer other)
{
	gint64 first = ((const KeptFile *)one)->modified;
	gint64 second = ((const KeptFile *)other)->modified;
	return first < second ? -1 : first > second;
}

/* The files kept so far, the oldest first. */
static GArray *
quarantine_list(const char *directory)
{
	GArray *files = g_array_new(FALSE, FALSE, sizeof(KeptFile));
	g_array_set_clear_func(files, kept_file_clear);
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	const char *name;
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		KeptFile kept = { .file = g_build_filename(directory, name, NULL) };
		struct stat status;
		if (lstat(kept.file, &status) < 0 || !S_ISREG(status.st_mode)) {
			kept_file_clear(&kept);
			continue;
		}
		kept.modified = status.st_mtim.tv_sec * G_USEC_PER_SEC +
		                status.st_mtim.tv_nsec / 1000;
		kept.size = status.st_size;
		g_array_append_val(files, kept);
	}
	g_array_sort(files, kept_file_compare);
	return files;
}

/* Remove the oldest until one more of this size fits. */
static void
quarantine_make_room(const char *directory, gint64 size)
{
	g_autoptr(GArray) files = quarantine_list(directory);
	gint64 total = size;
	for (guint i = 0; i < files->len; i++)
		total += g_array_index(files, KeptFile, i).size;
	for (guint i = 0; i < files->len; i++) {
		const KeptFile *kept = &g_array_index(files, KeptFile, i);
		if (files->len - i < QUARANTINE_FILES && total <= QUARANTINE_BYTES)
			return;
		g_unlink(kept->file);
		total -= kept->size;
	}
}

static gboolean
quarantine_write(const char *directory, const char *path, GBytes *mail, GError **error)
{
	gsize length;
	const char *data = g_bytes_get_data(mail, &length);
	if (mkdir(directory, 0700) < 0 && errno != EEXIST) {
		g_set_error_literal(error, G_FILE_ERROR, g_file_error_from_errno(errno),
		        g_strerror(errno));
		return FALSE;
	}
	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		quarantine_make_room(directory, length);
	return g_file_set_contents_full(path, data != NULL ? data : "", length,
	        G_FILE_SET_CONTENTS_CONSISTENT, 0600, error);
}

gboolean
quarantine_keep(Store *store, GBytes *mail, char **file, GError **error)
{
	if (file != NULL)
		*file = NULL;
	if (store_directory(store) == NULL)
		return TRUE;
	g_autofree char *sha256 = digest_sha256_bytes(mail);
	g_autofree char *name = g_strconcat(sha256, ".eml", NULL);
	g_autofree char *directory = quarantine_directory(store);
	g_autofree char *path = g_build_filename(directory, name, NULL);
	g_autoptr(GError) problem = NULL;
	if (!quarantine_write(directory, path, mail, &problem)) {
		g_set_error(error, TRIAGED_ERROR, ERROR_TEMPORARY,
		        "quarantine '%s' cannot be written: %s", directory,
		        problem->message);
		return FALSE;
	}
	if (file != NULL)
		*file = g_steal_pointer(&path);
	return TRUE;
}

/* A mail's header, where its writer stands, is plain. */
static gboolean
file_names(const char *file, const char *address)
{
	g_autofree char *text = NULL;
	gsize length;
	return g_file_get_contents(file, &text, &length, NULL) &&
	       person_is_named(text, length, address);
}

GPtrArray *
quarantine_find(Store *store, const char *address)
{
	GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *directory = quarantine_directory(store);
	if (directory == NULL)
		return found;
	g_autoptr(GArray) files = quarantine_list(directory);
	for (guint i = 0; i < files->len; i++) {
		const char *file = g_array_index(files, KeptFile, i).file;
		if (file_names(file, address))
			g_ptr_array_add(found, g_strdup(file));
	}
	return found;
}

guint
quarantine_clean(Store *store, gint64 before, const char *address)
{
	guint removed = 0;
	g_autofree char *directory = quarantine_directory(store);
	if (directory == NULL)
		return 0;
	g_autoptr(GArray) files = quarantine_list(directory);
	for (guint i = 0; i < files->len; i++) {
		const KeptFile *kept = &g_array_index(files, KeptFile, i);
		if ((kept->modified < before ||
		            (address != NULL && file_names(kept->file, address))) &&
		        g_unlink(kept->file) == 0)
			removed++;
	}
	return removed;
}

void
quarantine_inspect(Store *store, GPtrArray *lines)
{
	g_autofree char *directory = quarantine_directory(store);
	if (directory == NULL)
		return;
	g_autoptr(GArray) files = quarantine_list(directory);
	for (guint i = 0; i < files->len; i++) {
		const char *file = g_array_index(files, KeptFile, i).file;
		g_autofree char *text = NULL, *name = g_path_get_basename(file);
		gsize length = 0;
		if (!g_file_get_contents(file, &text, &length, NULL))
			continue; /* it made room for a newer one */
		g_autofree char *sha256 = digest_sha256(text, length);
		if (!g_str_has_prefix(name, sha256))
			g_ptr_array_add(lines,
			        g_strdup_printf("kept mail '%s' was changed", file));
	}
}
