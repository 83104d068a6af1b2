/* Questions on the terminal, or from a pipe: what is asked stands on stdout, one line answers. */
#pragma once

#include <glib.h>

/* Ask for *value; an empty line, or the end of the input, keeps what it holds (shown in
 * brackets). FALSE when it holds nothing then either. */
gboolean question_ask(const char *words, char **value);

/* Ask for a secret, without showing it where the input is a terminal. NULL at the input's end. */
char *question_ask_secret(const char *words);

/* Whether a person may be asked once more. */
gboolean question_has_person(void);
