/* The shipped catalogue and its vocabulary load without a problem. */
#include <stdio.h>

#include "rules/catalogue.h"

#define SKIPPED 77

static gboolean
has_classes(const char *directory)
{
	g_autoptr(GDir) entries = g_dir_open(directory, 0, NULL);
	const char *name;
	while (entries != NULL && (name = g_dir_read_name(entries)) != NULL) {
		if (g_str_has_suffix(name, ".conf"))
			return TRUE;
	}
	return FALSE;
}

static void
print_warnings(const Catalogue *catalogue)
{
	for (guint i = 0; i < catalogue->warnings->len; i++)
		printf("%s\n", (const char *)catalogue->warnings->pdata[i]);
}

int
main(void)
{
	g_autofree char *directory =
	        g_build_filename(g_getenv("TRIAGED_DATADIR"), "catalogue", NULL);
	const char *directories[] = { directory, NULL };
	g_autoptr(GError) error = NULL;
	if (!has_classes(directory))
		return SKIPPED;
	g_autoptr(Catalogue) catalogue = catalogue_load(directories, &error);
	if (catalogue == NULL) {
		printf("%s\n", error->message);
		return 1;
	}
	print_warnings(catalogue);
	printf("%u classes, %u tags\n", catalogue->classes->len,
	        catalogue_tag_count(catalogue));
	return catalogue->warnings->len > 0;
}
