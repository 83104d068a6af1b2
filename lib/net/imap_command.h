/*
 * Writing what an IMAP server hears: strings, sets, mailbox names, dates.
 *
 * No value can end a command early: what cannot be quoted is refused or encoded.
 */
#pragma once

#include <glib.h>

/* text as a quoted string (RFC 9051 4.3); NULL when it holds CR, LF, NUL or 8-bit bytes. */
char *imap_quote(const char *text);

/* Whether text is an atom that may stand as a keyword (RFC 9051 9, flag-keyword). */
gboolean imap_is_keyword(const char *text);

/*
 * UIDs as sequence sets, "1:4,7,9:12", sorted, duplicates and 0 dropped; several when one
 * would be longer than max_length. Of char *; empty for no UIDs.
 */
GPtrArray *imap_sets(const guint32 *uids, guint count, gsize max_length);

/* A UTF-8 mailbox name in modified UTF-7 (RFC 3501 5.1.3), and back; NULL when it is none. */
char *imap_utf7_encode(const char *name);
char *imap_utf7_decode(const char *name);

/* A UTF-8 mailbox name as it stands in a command: encoded and quoted; or NULL. */
char *imap_mailbox_name(const char *name);

/* Seconds since the epoch as a quoted date-time in UTC. */
char *imap_date(gint64 seconds);
