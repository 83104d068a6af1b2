#include "settings_file.h"

#include <glib/gstdio.h>

#include "base/errors.h"

static char *directory;

int
settings_file_begin(void **state)
{
	(void)state;
	directory = g_dir_make_tmp("triaged-settings-XXXXXX", NULL);
	return directory == NULL;
}

int
settings_file_end(void **state)
{
	(void)state;
	int result = g_rmdir(directory);
	g_free(directory);
	return result;
}

const char *
settings_file_directory(void)
{
	return directory;
}

Settings *
settings_file_load(const char *text, gboolean partial, char **message)
{
	g_autofree char *file = g_build_filename(directory, "t.conf", NULL);
	g_autoptr(GError) error = NULL;
	assert_true(g_file_set_contents(file, text, -1, NULL));
	Settings *settings = partial ? settings_load_partial(file, &error)
	                             : settings_load(file, &error);
	g_unlink(file);
	if (error != NULL) {
		assert_true(g_error_matches(error, TRIAGED_ERROR, ERROR_CONFIG));
		assert_null(settings);
		g_autofree char *prefix = g_strconcat(directory, "/", NULL);
		g_auto(GStrv) pieces = g_strsplit(error->message, prefix, -1);
		*message = g_strjoinv("", pieces);
	}
	return settings;
}
