/* Mails of our own that go into the mailbox's folders: drafts, and copies of what was sent. */
#pragma once

#include "desk/effects.h"

/* Append an effect's mail, unless a former attempt did. */
gboolean appending_run(Effects *effects, const Effect *effect, GError **error);

/* Append the mails of effects of one kind that were never attempted, many by one command where
 * the server can. *done is how many, the first ones, are carried out. */
gboolean appending_run_all(
        Effects *effects, const GPtrArray *group, guint *done, GError **error);
