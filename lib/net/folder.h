/* What a mailbox's connection does with other folders: finding, appending, moving. Names are
 * UTF-8. Errors as in mailbox.h. */
#pragma once

#include <glib.h>

#include "net/mailbox.h"

/* The folder with a special use ("\\Drafts", "\\Sent"; RFC 6154), else XLIST's. *name is NULL
 * when there is none. */
gboolean mailbox_special_use(
        Mailbox *mailbox, const char *use, char **name, GError **error);

typedef struct {
	const char *folder;
	const char *const
	        *flags; /* "\\Draft", "\\Seen", keywords; NULL-terminated, or NULL */
	gint64 internaldate; /* seconds since the epoch; 0: the server's clock */
	GBytes *bytes;       /* CRLF ends, no NUL */
} MailboxAppend;

/* Append a mail; a folder that is not there is made and subscribed to. *uid (may be NULL) is
 * the new UID, or 0 when the server does not tell. */
gboolean mailbox_append(
        Mailbox *mailbox, const MailboxAppend *append, guint32 *uid, GError **error);

/* Append mails (of MailboxAppend) to one folder: many by one command, which takes all or none
 * of its mails, where the server can (MULTIAPPEND and LITERAL+; RFC 3502), else one by one.
 * *appended is how many, the first ones, are there; an error is about the next of them. */
gboolean mailbox_append_all(
        Mailbox *mailbox, const GArray *appends, guint *appended, GError **error);

/* Where a mail went; all zero when the server does not tell (no UIDPLUS), or has not moved it
 * because it is gone. */
typedef struct {
	guint32 uidvalidity, uid;
} MailboxCopy;

/* Move mails (MOVE, else COPY, \Deleted and, with UIDPLUS, UID EXPUNGE of just these) to a
 * folder, which is made and subscribed to when it is not there. copy (may be NULL) is told
 * for a single mail. */
gboolean mailbox_move(Mailbox *mailbox, const GArray *uids, const char *folder,
        MailboxCopy *copy, GError **error);

/* The second half of a move without MOVE: \Deleted and, with UIDPLUS, UID EXPUNGE. */
gboolean mailbox_remove(Mailbox *mailbox, guint32 uid, GError **error);

/* Whether a mail is (still) in the folder. */
gboolean mailbox_has(Mailbox *mailbox, guint32 uid, gboolean *has, GError **error);

typedef struct {
	guint32 uidvalidity; /* 0: there is no such folder */
	guint32 uidnext;
} FolderState;

/* How far a folder has grown (STATUS): one question, without leaving the present one. */
gboolean mailbox_folder_state(
        Mailbox *mailbox, const char *folder, FolderState *state, GError **error);

#define HEADER_BYTES_MAX (16 * 1024) /* of one mail's header */

/* The headers, cut at HEADER_BYTES_MAX, of another folder's mails from one UID up to another;
 * read-only, as all that is done there. */
gboolean mailbox_fetch_headers(Mailbox *mailbox, const char *folder,
        const guint32 range[2], MailboxReceiver receive, gpointer data, GError **error);

/* Find the mails of a folder (NULL: this one) whose header field holds value; of guint32. A
 * folder that is not there holds none. */
GArray *mailbox_search_header(Mailbox *mailbox, const char *folder, const char *field,
        const char *value, GError **error);
