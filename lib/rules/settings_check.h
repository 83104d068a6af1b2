/* What settings must be besides well-formed one by one: complete and without contradiction. */
#pragma once

#include "rules/document.h"
#include "rules/settings.h"

/* complete: the groups that only the service needs must be there. root is what settings were
 * read from, for the places. */
void settings_check(const config_setting_t *root, Settings *settings, gboolean complete,
        Problems *problems, Problems *warnings);

/* Whether url is SCHEME://HOST[:PORT][/] with one of the schemes. */
gboolean settings_url_is_valid(const char *url, const char *const *schemes);

/* ": " and why it is none, without its words, which may hold a secret. */
char *settings_url_problem(const char *url, const char *const *schemes);
