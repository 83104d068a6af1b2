/* What stands in a case's JSON of one piece of evidence or one item. */
#pragma once

#include <glib.h>
#include <jansson.h>

/* A member's text, borrowed; NULL when it is absent. */
const char *finding_text(const json_t *object, const char *name);

/* Whether an item was found. */
gboolean finding_is_present(const json_t *item);

/* "report, part 2.2, line 7" */
char *finding_place(const json_t *object);
