/*
 * A mailbox: one folder, watched. What the watcher wants to do, in IMAP.
 *
 * Surprising rules: \Seen is never changed; sequence numbers never leave this module; after
 * an ERROR_TEMPORARY the connection is over (mailbox_is_dead): close it and open a new one.
 * Errors by remedy: TEMPORARY (network, time-out, BYE, NO [UNAVAILABLE] or [INUSE], a changed
 * UIDVALIDITY, no IMAP at all), REFUSED (login, certificate, no such folder, any other NO or BAD),
 * CONFIG, INPUT (a name or keyword that cannot be said in IMAP). Messages hold the server's
 * words, made one line, never a password.
 */
#pragma once

#include <glib.h>
#include <poll.h>

#include "net/endpoint.h"

typedef struct Mailbox Mailbox;

typedef struct {
	guint32 uidvalidity;
	guint32 uidnext;
	guint32 exists;
	guint64 highestmodseq; /* 0: no CONDSTORE */
	gboolean read_only;
	gboolean
	        keywords_allowed; /* PERMANENTFLAGS has \*: any keyword can be stored */
	GPtrArray *
	        permanent; /* of char *: flags and keywords that can be stored anyway */
} MailboxState;

/* One mail as listed, without its bytes. */
typedef struct {
	guint32 uid;
	guint64 size;        /* RFC822.SIZE */
	gint64 internaldate; /* seconds since the epoch; 0 unknown */
	GStrv flags;         /* as the server writes them: "\Seen", "triage-complete" */
} MailInfo;

/* Log in and SELECT folder (UTF-8). The endpoint is borrowed. */
Mailbox *mailbox_open(const Endpoint *endpoint, const char *folder, GError **error);

/* The same with EXAMINE: nothing can be changed, not even \Recent. */
Mailbox *mailbox_examine(const Endpoint *endpoint, const char *folder, GError **error);

/* LOGOUT (if alive, waiting at most 2 s) and free. */
void mailbox_close(Mailbox *mailbox);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Mailbox, mailbox_close)

/* Borrowed; kept up to date by every call below. */
const MailboxState *mailbox_state(const Mailbox *mailbox);
gboolean mailbox_is_dead(const Mailbox *mailbox);

/* Whether the server announced a capability ("IDLE"; any case). */
gboolean mailbox_can(const Mailbox *mailbox, const char *capability);

/* Whether a keyword would be kept: any is, or this one is known. */
gboolean mailbox_takes_keyword(const Mailbox *mailbox, const char *keyword);

/* The mails with a UID of at least from_uid, ascending, in one command; of MailInfo. Mails that
 * the server has not told of yet (see mailbox_idle, mailbox_noop) may be missing. */
GPtrArray *mailbox_list_new(Mailbox *mailbox, guint32 from_uid, GError **error);
void mail_info_free(MailInfo *info);

/* What of a mail is known of a whole folder at a time: small, as there may be 100,000. */
typedef struct {
	guint32 uid;
	guint32 size;         /* RFC822.SIZE, or G_MAXUINT32 when it is more */
	guint32 internaldate; /* seconds since the epoch; 0: unknown */
} MailBrief;

/* The same as mailbox_list_new(); of MailBrief. */
GArray *mailbox_list_briefs(Mailbox *mailbox, guint32 from_uid, GError **error);

/* Whether the server has told of mails that were not listed yet. */
gboolean mailbox_has_new_mail(const Mailbox *mailbox);

/* The same for the mails of these UIDs (guint32); those that are gone are left out. */
GPtrArray *mailbox_list_some(Mailbox *mailbox, const GArray *uids, GError **error);

/*
 * Called once per mail, in the server's order, and holding the only copy; bytes is borrowed.
 * truncated: only the first bytes of it. Must not use the mailbox. FALSE: no more mails.
 */
typedef gboolean (*MailboxReceiver)(
        const MailInfo *info, GBytes *bytes, gboolean truncated, gpointer data);

typedef struct {
	const guint32 *uids;
	guint count;
	gsize max_bytes; /* of a larger mail no more than its header and so many bytes in all; 0: no bound but the reader's */
	const guint32 *sizes; /* RFC822.SIZE of each; NULL: as listed last */
} MailboxRequest;

/* A header is never cut by max_bytes: what decides whether a mail may be answered stands
 * there. A longer one than this is. */
#define MAILBOX_HEADER_MAX ((gsize)256 * 1024)

/* Fetch mails in batches, one in memory at a time. A mail that is gone is passed over;
 * ERROR_REFUSED when one is still there but the server does not hand it out. */
gboolean mailbox_fetch(Mailbox *mailbox, const MailboxRequest *request,
        MailboxReceiver receive, gpointer data, GError **error);

/*
 * Add (or remove) keywords on the mails; group them by equal sets with store_groups_add().
 * ERROR_REFUSED when the server says NO, or would only forget them (see
 * mailbox_takes_keyword); nothing is stored then. Mails that are gone are no error.
 */
gboolean mailbox_store(Mailbox *mailbox, const GArray *uids, gboolean add,
        const char *const *keywords, GError **error);

/* The same for groups (of StoreGroup), said together: they cost one round trip. Returns for
 * each group its GError, or NULL. NULL: the connection is over. */
GPtrArray *mailbox_store_groups(
        Mailbox *mailbox, const GPtrArray *groups, gboolean add, GError **error);

/* What happened while waiting; 0 is an error. */
typedef enum {
	MAILBOX_NEW_MAIL = 1 << 0,
	MAILBOX_FLAGS = 1 << 1, /* flags of some mail changed */
	MAILBOX_EXPUNGED = 1 << 2,
	MAILBOX_OTHER_FD = 1 << 3, /* see revents of others */
	MAILBOX_TIMEOUT = 1 << 4,
} MailboxEvents;

/*
 * Wait for news, another descriptor or the time-out. With idle (and the capability) in IDLE,
 * renewed before 29 minutes, left by the next command; else by NOOP at the time-out.
 * News that came with earlier answers are told at once.
 */
MailboxEvents mailbox_idle(Mailbox *mailbox, gboolean idle, struct pollfd *others,
        guint count, gint64 milliseconds, GError **error);

/* Ask for news and prove that the server lives. */
gboolean mailbox_noop(Mailbox *mailbox, GError **error);

/* What the server can and cannot do for us, one line each, for --check-config --online. */
GPtrArray *mailbox_probe(Mailbox *mailbox, GError **error);
