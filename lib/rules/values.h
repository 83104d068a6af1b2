/*
 * The values that fill a template: text, flags, and lists of further values.
 *
 * A text is made one line and cut when it is set, so nothing hostile ever stands in here.
 */
#pragma once

#include <glib.h>

typedef struct Values Values;

Values *values_new(void);
void values_free(Values *values);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Values, values_free)

/* NULL or blank text: absent. */
void values_set(Values *values, const char *name, const char *text);
void values_set_flag(Values *values, const char *name, gboolean flag);

/* A new element of a list; borrowed. Inside it the outer values are still seen. */
Values *values_append(Values *values, const char *list);

/* What a name says, looked for from the inside out: its text ("" for a flag), NULL when
 * absent; its elements (of Values), NULL when it is no list. Borrowed. */
const char *values_text(const Values *values, const char *name);
const GPtrArray *values_list(const Values *values, const char *name);
