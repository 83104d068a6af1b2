#include "store/quarantine.h"
#include "base/errors.h"

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
	g_autofree char *sha256 = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, mail);
	g_autofree char *name = g_strconcat(sha256, ".eml", NULL);
	g_autofree char *directory =
	        g_build_filename(store_directory(store), QUARANTINE_DIRECTORY, NULL);
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
