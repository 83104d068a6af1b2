/*
 * Effects on a mailbox: tags, drafts, copies, moves and notes from the outbox, carried out
 * over the watcher's IMAP connection.
 *
 * Surprising rules: tags are grouped by equal sets over all claimed mails, one STORE each;
 * a draft or copy whose first attempt has no known outcome is looked for before it is
 * appended again. That tags are stored is recorded by the next commit, whoever makes it: a
 * crash before has them stored once more.
 */
#pragma once

#include <glib.h>

#include "desk/role.h"
#include "net/mailbox.h"
#include "store/effect.h"
#include "store/store.h"

typedef struct {
	const Role *role;
	const MailboxSettings *settings;
	Store *store;
	Mailbox *mailbox;
	const char *owner; /* for the outbox's claims */
	char *drafts;      /* the folders, once found; "": none */
	char *sent;
	gboolean keywords_reported;
	GPtrArray
	        *claimed; /* of Effect: to be carried out next; NULL: ask the outbox */
	GPtrArray *claiming; /* the same, until their claim is committed */
	GArray *stored; /* of gint64: tag effects that are carried out; NULL: all recorded */
} Effects;

void effects_clear(Effects *effects);

/* *there: a former attempt whose answer was lost did append the effect's mail, which is known
 * by its id in a field. */
gboolean effects_is_there(Effects *effects, const Effect *effect, const char *folder,
        const char *field, gboolean *there, GError **error);

/* Carry out what is due now, some hundreds at most; *busy: there was something, and may be more.
 * After ERROR_TEMPORARY the connection is over; what was claimed is given back. */
gboolean effects_run_some(Effects *effects, gboolean *busy, GError **error);

/* The same until nothing is due any more. */
gboolean effects_run(Effects *effects, GError **error);

/* In a transaction of the caller's: record the tags that are stored, and claim what the next
 * effects_run_some() carries out, instead of in a commit of its own. The caller says then
 * whether it committed. */
gboolean effects_write(Effects *effects, GError **error);
void effects_written(Effects *effects, gboolean committed);

/* At the end of a connection: record what is carried out, give back what is not. */
void effects_settle(Effects *effects);
