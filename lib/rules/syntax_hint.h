/* What is probably wrong where libconfig only says "syntax error": the slips of people who write
 * other formats every day. */
#pragma once

#include <glib.h>

/* A remark on the text of a file that cannot be parsed at a line, or NULL. *line becomes where
 * the slip stands, which may be long before. */
char *syntax_hint(const char *text, int *line);

/* The name of a setting that stands on a line and elsewhere, too; or NULL. */
char *syntax_double(const char *text, int line);

/* The file that an @include of a line names; or NULL. */
char *syntax_include(const char *text, int line);
