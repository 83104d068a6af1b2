/*
 * The state's secret, and the ids that only its holder can make.
 *
 * A Message-ID of ours is <TR-XXXXXX.MAIL.SIGNATURE@domain>: a mail that comes back with one
 * in In-Reply-To or References answers us, and nobody can make one up. Tokens and signatures
 * are Crockford's base32 (no I L O U), read in either case.
 */
#pragma once

#include <glib.h>

typedef struct SigningKey SigningKey;

#define TOKEN_LENGTH 9 /* "TR-XXXXXX" */

/* Load STATE/secret; with create it is made once, atomically, 0600, from getrandom(2). A
 * file of another size or open to others is ERROR_STORE. */
SigningKey *signing_key_load(const char *state, gboolean create, GError **error);
SigningKey *signing_key_new_random(void);
void signing_key_free(SigningKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SigningKey, signing_key_free)

/* The token of a conversation; round is raised when a token is already taken. */
char *signing_key_make_token(const SigningKey *key, gint64 conversation, guint round);

/* The Message-ID, with <>, of our reply to a mail. The same for the same arguments. */
char *message_id_sign(
        const SigningKey *key, const char *token, gint64 mail, const char *domain);

/* Whether a Message-ID (with or without <>) is one that we signed. token (owned by the
 * caller) and mail are set when it is; both may be NULL. */
gboolean message_id_verify(
        const SigningKey *key, const char *message_id, char **token, gint64 *mail);

/* The id, with <>, of a note or a copy that we put into a folder for a mail, and whether an id is
 * such a one. It never leaves the agents' mailbox, so that only we, and whoever reads that, can
 * know it. */
char *note_id_sign(const SigningKey *key, gint64 mail, const char *domain);
gboolean note_id_verify(const SigningKey *key, const char *message_id);

/* What stands for an address that was forgotten: "#" and a keyed hash, from which only the
 * holder of the secret can tell whether an address was it. */
char *signing_key_hide(const SigningKey *key, const char *address);

/* Find "TR-XXXXXX" in a subject, normalised to upper case; NULL when there is none. It is
 * only a hint: a token proves nothing. */
char *token_find(const char *text);
