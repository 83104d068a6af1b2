/*
 * Overrides: agents' word on a mail's tags stands against later tagging.
 *
 * What an agent took away is not set again, what an agent set is not taken away; after a
 * change of the class no other class's tag is set. The tags of a reply's fate are ours alone:
 * they say what happened, whoever tidied them away before.
 */
#pragma once

#include "store/store.h"

/* The words of tagging_queue() without those that an agent has overridden. NULL on failure. */
char *override_filter(Store *store, gint64 mail, const char *words, GError **error);

/* Whether a tag of ours names a class: neither an outcome nor the state of a checklist. */
gboolean tag_is_class(const char *tag);
gboolean tag_is_outcome(const char *tag);
