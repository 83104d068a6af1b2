/*
 * Cursors: how far each folder has been looked at, per UIDVALIDITY (RFC 9051 2.3.1.1).
 *
 * Surprising rule: a cursor moves only in the transaction that records the mails below it,
 * so that a crash never skips a mail.
 */
#pragma once

#include "store/store.h"

/* answer_from of a store that was restored: what came since the backup was perhaps answered, so
 * that the next look makes everything there a backlog. */
#define CURSOR_UNSETTLED 4294967295

typedef struct {
	guint32 uidvalidity;
	guint32 next_uid; /* the first one not yet looked at */
	guint32 answer_from; /* mails below this uid were there before us: tagged, not answered */
	guint64 highestmodseq; /* 0: the server has none */
	gint64 started_at; /* when the folder was first watched, under any UIDVALIDITY */
} Cursor;

typedef enum {
	CURSOR_KNOWN, /* *cursor is where we are */
	CURSOR_FIRST, /* this folder has never been watched: *cursor is zero but uidvalidity */
	CURSOR_CHANGED, /* watched under another UIDVALIDITY: *cursor is zero but uidvalidity and
	                   started_at; known mails are told by their hash */
} CursorState;

/* Look up a folder's cursor. */
gboolean cursor_get(Store *store, const char *mailbox, const char *folder,
        guint32 uidvalidity, Cursor *cursor, CursorState *state, GError **error);

/* Set it, new or moved. Needs a transaction. */
gboolean cursor_set(Store *store, const char *mailbox, const char *folder,
        const Cursor *cursor, GError **error);
