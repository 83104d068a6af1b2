/*
 * Which conversation a mail belongs to, and as what it joins.
 *
 * Surprising rule: only a Message-ID that we signed, or one that an agent wrote, opens a
 * conversation to anybody who answers it. A customer's own Message-ID and the token in a
 * subject are no secret: they count for those who take part already, and for an agent. To
 * others they only leave a pointer, which the agent sees.
 */
#pragma once

#include "rules/settings.h"
#include "store/store.h"
#include "triage/conversation_turn.h"

typedef struct {
	gint64 conversation; /* 0: none */
	Joining joining;
	char *pointer; /* the token of one that the mail only names; or NULL */
} Recognition;

void recognition_clear(Recognition *recognition);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Recognition, recognition_clear)

/* sent: it stands in the agents' folder of sent mails, and so was written by one. */
gboolean recognise(Store *store, const Settings *settings, const Case *kase,
        gboolean sent, Recognition *recognition, GError **error);
