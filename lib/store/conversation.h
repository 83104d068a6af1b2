/*
 * Conversations: the mails of one ticket, and the message ids by which a follow-up is known.
 *
 * Surprising rule: the token alone gives no access; who finds a conversation by its token
 * must also ask conversation_has_sender().
 */
#pragma once

#include "store/store.h"

typedef struct {
	gint64 id;
	char *token; /* "TR-XXXXXX", unique */
	gint64 root; /* the mail that began it; 0: not set yet */
	gint64 created_at;
	char *state;   /* the desk's word: "open", "handed-over", "closed" */
	char *reason;  /* why it is in that state, or NULL */
	char *data;    /* opaque JSON: what accumulated; or NULL */
	guint mails;   /* how many mails of the customer's it has */
	guint replies; /* ours: queued, sent or of unknown fate */
} Conversation;

void conversation_free(Conversation *conversation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Conversation, conversation_free)

/* Begin one, with a token of its own. Needs a transaction, as the other writing verbs. */
gboolean conversation_new(
        Store *store, gint64 now, gint64 *id, char **token, GError **error);

typedef struct {
	const char *state, *reason, *data; /* as in Conversation */
	gint64 root;                       /* 0: it stays */
} ConversationUpdate;

/* What a mail has made of it. */
gboolean conversation_update(
        Store *store, gint64 id, const ConversationUpdate *update, GError **error);

/* Know a message id as part of a conversation; the first to claim an id keeps it. */
gboolean conversation_add_message(
        Store *store, gint64 id, const char *message_id, gboolean ours, GError **error);

/* *id is the conversation that the last known one of the message ids (NULL-terminated, as
 * References orders them) belongs to, 0: none; *ours (may be NULL) whether that id is ours. */
gboolean conversation_find(Store *store, const char *const *message_ids, gint64 *id,
        gboolean *ours, GError **error);

/* *id is the conversation with a token, in either case; 0: none. */
gboolean conversation_find_token(
        Store *store, const char *token, gint64 *id, GError **error);

/* Whether an address wrote a mail of it, or was answered in it. */
gboolean conversation_has_sender(
        Store *store, gint64 id, const char *address, gboolean *has, GError **error);

/* One whole; ERROR_INPUT when there is none. */
Conversation *conversation_get(Store *store, gint64 id, GError **error);
