#include "tests/fuzz/target.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>

#include "mail/charset.h"

/* Asked for by LeakSanitizer. libconfig 1.5 forgets a string that it has begun to read when a
 * file ends in it or goes wrong behind it; a daemon reads few such files. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:strbuf_append\nleak:libconfig_yylex\n";
}

static void
abort_on_warning(
        const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
	(void)data;
	fprintf(stderr, "%s: %s\n", domain != NULL ? domain : "-", message);
	if (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING))
		abort();
}

void
target_begin(void)
{
	g_log_set_default_handler(abort_on_warning, NULL);
}

void
target_fail(const char *file, int line, const char *condition)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
	abort();
}

const Settings *
target_settings(void)
{
	static Settings *settings;
	if (settings == NULL) {
		settings = settings_default();
		g_free(settings->identity.name);
		g_free(settings->identity.address);
		settings->identity.name = g_strdup("Assistenza");
		settings->identity.address = g_strdup("assistenza@example.it");
	}
	return settings;
}

const Catalogue *
target_catalogue(void)
{
	static Catalogue *catalogue;
	if (catalogue == NULL) {
		g_autofree char *shipped = settings_shipped_catalogue();
		const char *const directories[] = { shipped, NULL };
		g_autoptr(GError) error = NULL;
		catalogue = catalogue_load(directories, &error);
		if (catalogue == NULL)
			g_error("%s", error->message);
	}
	return catalogue;
}

char *
target_text(const uint8_t *data, size_t size)
{
	return charset_decode_text((const char *)data, size, NULL);
}

static char *directory;

static void
remove_directory(void)
{
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	const char *name;
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(directory, name, NULL);
		g_unlink(path);
	}
	g_rmdir(directory);
	g_clear_pointer(&directory, g_free);
}

const char *
target_directory(void)
{
	if (directory == NULL) {
		directory = g_dir_make_tmp("fuzz-XXXXXX", NULL);
		if (directory == NULL)
			g_error("no directory for temporary files");
		atexit(remove_directory);
	}
	return directory;
}

const char *
target_file(const char *name, const uint8_t *data, size_t size)
{
	static char *path;
	g_free(path);
	path = g_build_filename(target_directory(), name, NULL);
	FILE *file = fopen(path, "wb");
	if (file == NULL || fwrite(data, 1, size, file) != size || fclose(file) != 0)
		g_error("cannot write \"%s\"", path);
	return path;
}
