/* The inside of a mailbox, for the files that do its work: asking, and hearing the news that
 * come with any answer. */
#pragma once

#include "net/imap_dialog.h"
#include "net/mailbox.h"

struct Mailbox {
	const Endpoint *endpoint;
	char *folder; /* UTF-8 */
	ImapDialog *dialog;
	MailboxState state;
	GHashTable *capabilities; /* set of char *, upper case */
	GHashTable *sizes;        /* UID to RFC822.SIZE, of the last list */
	MailboxEvents news;       /* not told yet */
	gboolean examine;         /* EXAMINE, not SELECT */
	gboolean selecting;       /* a new UIDVALIDITY is no surprise */
	gboolean elsewhere; /* another folder is selected: its news are not ours */
	gboolean idling;
	gint64 idling_since; /* monotonic */
	gboolean dead;
};

/* Called for the untagged answers to a command. FALSE: not ours, it is news. */
typedef gboolean (*MailboxListener)(ImapAnswer *answer, gpointer data);

/* Say a command and hear all its answers. Returns the tagged one (OK, NO or BAD); NULL: the
 * connection is over. */
ImapAnswer *mailbox_ask(Mailbox *mailbox, const char *command, MailboxListener listen,
        gpointer data, GError **error);

/* Say a command, out of IDLE; the answers are to be heard then. */
gboolean mailbox_say(Mailbox *mailbox, const char *command, GError **error);

/* Say commands together, out of IDLE; what they answer is to be heard in their order, with
 * imap_dialog_await_next() in between. */
gboolean mailbox_say_all(Mailbox *mailbox, const GPtrArray *commands, GError **error);

/* Hear the answers to what was sent last. */
ImapAnswer *mailbox_hear(
        Mailbox *mailbox, MailboxListener listen, gpointer data, GError **error);

/* mailbox_ask() that takes only OK; NO and BAD are errors. */
gboolean mailbox_order(Mailbox *mailbox, const char *command, MailboxListener listen,
        gpointer data, GError **error);

/* What a NO or BAD says, in one line. */
char *mailbox_words(const ImapAnswer *answer);

/* The error for a NO or BAD: "WHAT: words"; TRUE for OK. */
gboolean mailbox_check(
        Mailbox *mailbox, const ImapAnswer *answer, const char *what, GError **error);

/* Take in what an untagged answer says about the mailbox. */
void mailbox_note(Mailbox *mailbox, const ImapAnswer *answer);

/* Mark the connection as over; error is already set. Returns FALSE. */
gboolean mailbox_give_up(Mailbox *mailbox);

/* SELECT the mailbox's folder. */
gboolean mailbox_select(Mailbox *mailbox, GError **error);

/* Whether a NO has this response code. */
gboolean mailbox_is_code(const ImapAnswer *answer, const char *code);

/* ERROR_INPUT: a name that cannot be said in IMAP. */
void mailbox_set_unsayable(const char *what, GError **error);

/* DONE, and the answer to IDLE. */
gboolean mailbox_leave_idle(Mailbox *mailbox, GError **error);
