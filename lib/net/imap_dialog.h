/*
 * A dialog: commands out with tags, answers in, over one session.
 *
 * An answer with a tag that is not the one awaited, or a "+" nobody asked for, is passed
 * over (up to a limit): it cannot end a command it does not belong to. A BYE and silence are
 * ERROR_TEMPORARY; after an error the dialog can only be freed.
 */
#pragma once

#include <glib.h>

#include "net/imap_answer.h"
#include "net/session.h"

typedef struct ImapDialog ImapDialog;

/* Takes the session. */
ImapDialog *imap_dialog_new(Session *session);
void imap_dialog_free(ImapDialog *dialog);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImapDialog, imap_dialog_free)

Session *imap_dialog_session(ImapDialog *dialog);

/* How much of the literals of one answer is kept, from the next answer on. */
void imap_dialog_set_keep(ImapDialog *dialog, gsize keep);

/* Send a command (without tag and line end); it becomes the awaited one. */
gboolean imap_dialog_send(ImapDialog *dialog, const char *command, GError **error);

/* Send commands together; the first becomes the awaited one, each other by
 * imap_dialog_await_next(), once the answer to the one before was heard. */
gboolean imap_dialog_send_all(
        ImapDialog *dialog, const GPtrArray *commands, GError **error);
void imap_dialog_await_next(ImapDialog *dialog);

/* Send bytes as they are: a literal, DONE. */
gboolean imap_dialog_send_raw(
        ImapDialog *dialog, const void *bytes, gsize size, GError **error);

/* The next answer; tagged only when it is the awaited one's. NULL: an error. */
ImapAnswer *imap_dialog_next(ImapDialog *dialog, guint seconds, GError **error);

/* The next answer of those that are there already: *answer NULL when there is none. */
gboolean imap_dialog_peek(ImapDialog *dialog, ImapAnswer **answer, GError **error);
