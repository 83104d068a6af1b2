/*
 * Effects: what is decided about a mail and to be carried out on a server.
 *
 * Surprising rules: payload and Message-ID never change once the effect is in the outbox.
 * What tells of a mail's outcome (hand-over, note) or follows it (move) is queued with the
 * decision, not due before the outcome (EFFECT_AFTER_OUTCOME), and made from the journal then.
 */
#pragma once

#include "store/place.h"

typedef enum {
	EFFECT_TAG, /* STORE on place; payload: one keyword a line, "+triage-x", "-triage-y" */
	EFFECT_REPLY, /* SMTP; payload: the mail */
	EFFECT_DRAFT, /* APPEND to the drafts folder of mailbox; payload: the mail */
	EFFECT_SENT_COPY, /* APPEND to the sent folder of mailbox; payload: the mail */
	EFFECT_HANDOVER,  /* APPEND an annotated copy; payload: the folder's name */
	EFFECT_MOVE,      /* MOVE from place; payload: the folder's name */
	EFFECT_NOTE,      /* APPEND a note beside the mail; payload: empty */
	EFFECT_COUNT,
} EffectKind;

typedef enum {
	EFFECT_QUEUED,
	EFFECT_CLAIMED,
	EFFECT_ATTEMPTED,
	EFFECT_DONE, /* shown as "sent" for a reply */
	EFFECT_REFUSED,
	EFFECT_UNKNOWN, /* it may have been carried out: an agent looks */
	EFFECT_HELD,    /* waits for outbox_release() */
	EFFECT_CANCELLED,
	EFFECT_STATE_COUNT,
} EffectState;

/* next_at of an effect that waits for its mail's outcome: journal_set_outcome() makes it due. */
#define EFFECT_AFTER_OUTCOME (G_GINT64_CONSTANT(253402300799) * G_USEC_PER_SEC)

/* For outbox_add() the strings may be borrowed: they are copied; payload is referenced. */
typedef struct {
	gint64 id;
	gint64 mail;         /* 0: none */
	gint64 conversation; /* 0: none */
	EffectKind kind;
	EffectState state; /* outbox_add(): queued, or held with words saying why */
	Place place;     /* mailbox always; the rest where the mail itself is touched */
	char *recipient; /* addr-spec, lower-cased by outbox_add(); or NULL */
	char *envelope_from; /* "" is <>; replies */
	char *message_id;    /* with <>, or NULL */
	GBytes *payload;
	guint attempts;
	gint64 added_at;
	gint64 queued_at; /* when it was last made ready by a person or by outbox_add() */
	gint64 next_at;   /* not before */
	gint64 changed_at; /* when its state changed last */
	int code;          /* the server's last reply code, 0: none */
	char *words;       /* its last words, one line, or our own reason; or NULL */
	char *owner;       /* who claimed it last, or NULL */
} Effect;

void effect_free(Effect *effect);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Effect, effect_free)

/* Whether somebody wants an effect; it has no payload yet. */
typedef gboolean (*EffectWanted)(const Effect *effect, gpointer data);

/* The payload as text, such as a folder's name. */
char *effect_text(const Effect *effect);

const char *effect_kind_name(EffectKind kind); /* "sent-copy" */
const char *effect_state_name(EffectKind kind, EffectState state);
