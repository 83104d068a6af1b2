/*
 * A conversation without a network: mails go through the same analysis, decision and store as
 * in the service; replies count as sent at once.
 */
#pragma once

#include <glib.h>

#include "desk/intake.h"

#define TALK_CUSTOMER "anna.bassi@officinabassi.example.it"
#define TALK_DESK "assistenza@provider.example.it"

typedef struct {
	Store *store;
	Settings *settings;
	const Catalogue *catalogue; /* borrowed */
	MailboxSettings mailbox;
	Role role;
	Cursor cursor;
	guint32 uid;       /* of the last mail */
	GPtrArray *flags;  /* of GHashTable: per UID the keywords that were stored */
	char *reply;       /* the text of our last reply, or NULL */
	gboolean answered; /* the last mail got one */
	char *reply_id, *references;
	char *subject; /* of the last reply */
} Talk;

/* Begins at a fixed time; ends the clock's pinning when freed. */
Talk *talk_new(const Catalogue *catalogue);
void talk_free(Talk *talk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Talk, talk_free)

typedef struct {
	const char *from; /* NULL: TALK_CUSTOMER */
	const char *to;   /* NULL: TALK_DESK */
	const char *subject;
	const char *body; /* LF ends */
	gboolean answers; /* with In-Reply-To and References of our last reply */
	gboolean picture; /* a screenshot is attached */
} TalkMail;

/* Write, analyse, decide, record, tag and "send"; returns the journal's number. An hour goes
 * by. The reply that it gets becomes talk->reply, and talk->answered tells of it. */
gint64 talk_deliver(Talk *talk, const TalkMail *mail);

/* The same for a mail's bytes. */
gint64 talk_deliver_bytes(Talk *talk, GBytes *bytes);

/* The keywords a mail carries on its server, sorted, separated by spaces. */
char *talk_flags(const Talk *talk, guint32 uid);
