/*
 * Marks: what machines leave in the header and structure of the mails they write.
 *
 * Both questions, "what kind of sender is this?" (nature) and "may we answer?" (gate), read
 * the same marks, and only from the top level: a mark on a nested mail says nothing.
 * Every function returns the mark as text ("Precedence: bulk"), or NULL when it is absent;
 * the caller frees it.
 */
#pragma once

#include "mail/mail.h"

char *mark_auto_submitted(const Mail *mail);    /* RFC 3834 5, other than "no" */
char *mark_autoreply(const Mail *mail);         /* the X-Autoreply family */
char *mark_precedence(const Mail *mail);        /* bulk, junk, list, auto_reply */
char *mark_list(const Mail *mail);              /* RFC 2369, RFC 2919 and older kin */
char *mark_response_suppress(const Mail *mail); /* X-Auto-Response-Suppress */
char *mark_null_sender(const Mail *mail);   /* Return-Path: <>; an absent one is none */
char *mark_system_sender(const Mail *mail); /* mailer-daemon, no-reply ... */
char *mark_no_reply(const Mail *mail); /* From: no-reply@..., and nobody else in Reply-To */
char *mark_report(const Mail *mail);        /* multipart/report, not a receipt */
char *mark_receipt(const Mail *mail); /* an MDN (RFC 8098), a PEC receipt, an answer to
                                         an invitation (RFC 6047) */
char *mark_spam(const Mail *mail);    /* a filter's flag */

/* Whether an address belongs to a machine by its local part; one of those from which
 * programs send and which nobody reads is "no-reply". */
gboolean mark_is_system_address(const char *address);
gboolean mark_is_no_reply_address(const char *address);

/* The mail inside a certified-mail envelope (X-Trasporto: posta-certificata, DM 2/11/2005):
 * what the customer wrote. NULL when the mail is no such envelope. Borrowed. */
const Mail *mark_certified_content(const Mail *mail);
