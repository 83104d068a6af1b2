/* The settings and catalogue a command that studies mails works with. */
#pragma once

#include "rules/settings.h"

typedef struct {
	Settings *settings;
	Catalogue *catalogue;
} Workbench;

/* Read the settings alone, for commands that look into the store. */
Settings *workbench_settings(const char *file, GError **error);

/* Read file; NULL: /etc/triaged/triaged.conf when it is there, else what holds without a
 * file. The mode is "send", so that old mails show what would have been answered. */
gboolean workbench_open(Workbench *workbench, const char *file, GError **error);
void workbench_clear(Workbench *workbench);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Workbench, workbench_clear)
