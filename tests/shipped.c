#include "tests/shipped.h"

AnalyseContext shipped;
Vocabulary *shipped_vocabulary;

static Settings *settings;
static Catalogue *catalogue;

int
shipped_load(void **state)
{
	(void)state;
	g_autofree char *directory = settings_shipped_catalogue();
	const char *const directories[] = { directory, NULL };
	g_autoptr(GError) error = NULL;
	settings = settings_default();
	catalogue = catalogue_load(directories, &error);
	if (catalogue == NULL)
		print_error("%s\n", error->message);
	shipped = (AnalyseContext){ .catalogue = catalogue, .settings = settings };
	return catalogue == NULL;
}

int
shipped_load_desk(void **state)
{
	int failed = shipped_load(state);
	settings->mode = MODE_SEND;
	settings->identity.name = g_strdup("Assistenza");
	settings->identity.address = g_strdup("assistenza@example.it");
	return failed;
}

int
shipped_free(void **state)
{
	(void)state;
	g_clear_pointer(&catalogue, catalogue_free);
	g_clear_pointer(&settings, settings_free);
	return 0;
}

int
shipped_vocabulary_load(void **state)
{
	(void)state;
	g_autofree char *directory = settings_shipped_catalogue();
	const char *const directories[] = { directory, NULL };
	g_autoptr(GError) error = NULL;
	shipped_vocabulary = vocabulary_load(directories, &error);
	if (shipped_vocabulary == NULL)
		print_error("%s\n", error->message);
	return shipped_vocabulary == NULL;
}

int
shipped_vocabulary_free(void **state)
{
	(void)state;
	g_clear_pointer(&shipped_vocabulary, vocabulary_free);
	return 0;
}
