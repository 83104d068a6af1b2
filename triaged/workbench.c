#include "triaged/workbench.h"

#include "config.h"

#define DEFAULT_FILE SYSCONFDIR "/triaged/triaged.conf"

Settings *
workbench_settings(const char *file, GError **error)
{
	if (file != NULL)
		return settings_load_partial(file, error);
	if (g_file_test(DEFAULT_FILE, G_FILE_TEST_EXISTS))
		return settings_load_partial(DEFAULT_FILE, error);
	return settings_default();
}

gboolean
workbench_open(Workbench *workbench, const char *file, GError **error)
{
	workbench->catalogue = NULL;
	workbench->settings = workbench_settings(file, error);
	if (workbench->settings == NULL)
		return FALSE;
	workbench->settings->mode = MODE_SEND;
	workbench->catalogue = settings_load_catalogue(workbench->settings, error);
	return workbench->catalogue != NULL;
}

void
workbench_clear(Workbench *workbench)
{
	g_clear_pointer(&workbench->catalogue, catalogue_free);
	g_clear_pointer(&workbench->settings, settings_free);
}
