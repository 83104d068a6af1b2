/* What both programs do alike: say what is wrong on stderr as "PROGRAM: message". */
#pragma once

#include <glib.h>

void program_set_name(const char *name);

/* Print each line of an error's message; returns its exit status. */
int program_complain(const GError *error);

/* Print one line. */
void program_warn(const char *format, ...) G_GNUC_PRINTF(1, 2);
