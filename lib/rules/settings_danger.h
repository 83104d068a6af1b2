/* Settings that are right one by one, and together do what nobody wants. */
#pragma once

#include "rules/document.h"
#include "rules/settings.h"

/* Contradictions are problems, dangers warnings. root is what settings were read from. */
void settings_danger(const config_setting_t *root, const Settings *settings,
        Problems *problems, Problems *warnings);
