#include "rules/settings_place.h"

#include <string.h>

#include "rules/document.h"

static char *
place_text(const config_setting_t *setting)
{
	return g_strdup_printf("%s:%d", setting_file(setting), setting_line(setting));
}

static const config_setting_t *
find(const config_setting_t *root, const char *name)
{
	return config_setting_lookup((config_setting_t *)root, name);
}

/* Up from "mailboxes.[0].imap.url" to what is there. */
static const config_setting_t *
find_around(const config_setting_t *root, const char *name)
{
	g_autofree char *path = g_strdup(name);
	char *dot;
	while ((dot = strrchr(path, '.')) != NULL) {
		*dot = '\0';
		const config_setting_t *setting = find(root, path);
		if (setting != NULL)
			return setting;
	}
	return NULL;
}

char *
settings_place(const Settings *settings, const char *const *names)
{
	g_autoptr(Problems) problems = problems_new();
	g_autoptr(Document) document = document_read(settings->file, problems);
	const config_setting_t *setting = NULL;
	if (document == NULL)
		return g_strdup_printf("%s:1", settings->file);
	const config_setting_t *root = document_root(document);
	for (guint i = 0; names[i] != NULL && setting == NULL; i++)
		setting = find(root, names[i]);
	if (setting == NULL)
		setting = find_around(root, names[0]);
	return setting != NULL ? place_text(setting)
	                       : g_strdup_printf("%s:1", settings->file);
}

char *
settings_place_of_mailbox(const Settings *settings, guint index, const char *name)
{
	g_autofree char *own = g_strdup_printf("mailboxes.[%u].%s", index, name);
	g_autofree char *shared = g_strdup_printf("defaults.%s", name);
	const char *const names[] = { own, shared, NULL };
	return settings_place(settings, names);
}
