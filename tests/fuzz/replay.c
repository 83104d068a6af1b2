/*
 * The fuzz targets without libFuzzer: run the target over files. Without arguments, over its
 * seeds and former findings, and over what tests/fuzz/corpora names for it in the project.
 */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "tests/fuzz/target.h"

static guint replayed;

static void
replay_file(const char *path)
{
	g_autofree char *bytes = NULL;
	gsize length;
	g_autoptr(GError) error = NULL;
	if (!g_file_get_contents(path, &bytes, &length, &error))
		g_error("%s", error->message);
	/* At its exact size, so that a sanitizer sees a read behind the end. */
	g_autofree uint8_t *data = g_memdup2(bytes, length);
	g_clear_pointer(&bytes, g_free);
	fprintf(stderr, "%s\n", path);
	LLVMFuzzerTestOneInput(data, length);
	replayed++;
}

static void
replay(const char *path)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	if (dir == NULL) {
		if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
			replay_file(path);
		return;
	}
	const char *name;
	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *inner = g_build_filename(path, name, NULL);
		replay(inner);
	}
}

/* The words behind the target's name in tests/fuzz/corpora. */
static GStrv
corpora_of(const char *source, const char *target)
{
	g_autofree char *path =
	        g_build_filename(source, "tests", "fuzz", "corpora", NULL);
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;
	if (!g_file_get_contents(path, &text, NULL, &error))
		g_error("%s", error->message);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line != NULL; line++) {
		g_auto(GStrv) words = g_strsplit_set(g_strstrip(*line), " \t", -1);
		if (g_strcmp0(words[0], target) == 0)
			return g_strdupv(words + 1);
	}
	return g_new0(char *, 1);
}

static void
replay_target(const char *target)
{
	const char *source = g_getenv("TRIAGED_SOURCE");
	if (source == NULL)
		g_error("TRIAGED_SOURCE is not set");
	g_autofree char *seeds =
	        g_build_filename(source, "tests", "fuzz", "seeds", target, NULL);
	replay(seeds);
	g_auto(GStrv) corpora = corpora_of(source, target);
	for (char **corpus = corpora; *corpus != NULL; corpus++) {
		g_autofree char *path = g_build_filename(source, *corpus, NULL);
		if (**corpus != '\0' && **corpus != '$')
			replay(path);
	}
}

int
main(int argc, char **argv)
{
	target_begin();
	g_autofree char *name = g_path_get_basename(argv[0]);
	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	if (argc == 1)
		replay_target(name + strlen("fuzz-"));
	printf("%s: %u files\n", name, replayed);
	return replayed > 0 ? 0 : 1;
}
