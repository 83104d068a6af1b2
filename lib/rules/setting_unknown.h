/* What to say of a setting that there is none of: what was probably meant. */
#pragma once

#include "rules/setting_table.h"

/* What follows the whole name, such as "reply.max_age_hour", of a setting in a group of these
 * rows: ", did you mean ...". */
char *setting_unknown_words(const SettingRow *rows, const char *name);

/* What follows where a value is none of a row's choices. */
char *setting_choice_words(const SettingRow *row, const char *value);
