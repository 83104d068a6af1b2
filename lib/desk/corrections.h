/*
 * Corrections: what agents change of our tags in their mail programs is noticed and journaled.
 *
 * Looked for in the watched folder, and now and then in those that classes move mail to: what
 * changed since the last look (CONDSTORE), else the flags of the latest mails. Done before new
 * mail is recorded, so that what follows from it does not undo what an agent just did.
 *
 * Surprising rule: a keyword that an open or refused effect of ours is about says nothing of
 * an agent. Flags that are not ours, \Seen among them, are nobody's business here.
 */
#pragma once

#include <glib.h>

#include "desk/role.h"
#include "net/mailbox.h"
#include "store/store.h"

typedef struct {
	const Role *role;
	const MailboxSettings *settings;
	Store *store;
	gint64 next_look; /* monotonic: when folders are looked into that do not tell */
} Corrections;

/* Look, and journal what changed. ERROR_TEMPORARY: the connection is over. */
gboolean corrections_look(Corrections *corrections, Mailbox *mailbox, GError **error);

/* The change of one mail's tags, pure: carried is what it has on the server, known (words
 * separated by spaces, or NULL) what the journal says, open the keywords (lower case, a set of
 * char *) that say nothing. "+a -b", or NULL when nothing changed; *now is what it carries. */
char *corrections_difference(const Catalogue *catalogue, char *const *carried,
        const char *known, GHashTable *open, char **now);

/* The class that the tags name, when they name exactly one; else NULL. Borrowed. */
const char *corrections_class(const Catalogue *catalogue, const char *tags);
