/*
 * The outbox: effects that are decided and still to be carried out, durable.
 *
 * Surprising rules: payload and Message-ID are fixed when the effect is added and never
 * change; an effect is carried out only between outbox_mark_attempted() and outbox_finish(),
 * each committed, so that a crash leaves either "not attempted" (done again) or "attempted"
 * (a reply's fate is unknown; tags are set again; a copy is looked for before it is
 * appended again). Tags of one mail are handed out in the order in which they were added.
 *
 *   queued -> claimed -> attempted -> done | refused | unknown | queued (retry) -> held
 */
#pragma once

#include "store/journal.h"

typedef enum {
	EFFECT_TAG, /* STORE on place; payload: one keyword a line, "+triage-x" or "-triage-y" */
	EFFECT_REPLY, /* SMTP; payload: the mail */
	EFFECT_DRAFT, /* APPEND to the drafts folder of mailbox; payload: the mail */
	EFFECT_SENT_COPY, /* APPEND to the sent folder of mailbox; payload: the mail */
	EFFECT_COUNT,
} EffectKind;

#define EFFECTS_OF_COURIER (1u << EFFECT_REPLY)
#define EFFECTS_OF_WATCHER                                                             \
	(1u << EFFECT_TAG | 1u << EFFECT_DRAFT | 1u << EFFECT_SENT_COPY)

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

/* For outbox_add() the strings may be borrowed: they are copied; payload is referenced. */
typedef struct {
	gint64 id;
	gint64 mail;         /* 0: none */
	gint64 conversation; /* 0: none */
	EffectKind kind;
	EffectState
	        state; /* outbox_add(): EFFECT_QUEUED, or EFFECT_HELD with words saying why */
	Place place; /* mailbox always; the rest for tags */
	char *recipient; /* addr-spec, lower-cased by outbox_add(); replies and drafts, else NULL */
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

const char *effect_kind_name(EffectKind kind); /* "sent-copy" */
const char *effect_state_name(EffectKind kind, EffectState state);

/* Add an effect, due at effect->next_at (0: at once). Needs a transaction, as all writing
 * verbs here. effect->attempts, code, owner are ignored. */
gboolean outbox_add(
        Store *store, const Effect *effect, gint64 now, gint64 *id, GError **error);

/* Which effects a process takes. */
typedef struct {
	guint kinds;         /* bit set of 1u << EffectKind */
	const char *mailbox; /* NULL: of any */
	const char *owner;   /* "INSTANCE/courier/PID" */
	guint max;           /* 0: no limit */
} OutboxClaim;

/* Claim what is due, the oldest first. Of Effect, whole. */
GPtrArray *outbox_claim(
        Store *store, const OutboxClaim *claim, gint64 now, GError **error);

/* Say that the attempt begins. ERROR_STORE when the effect is not claimed. */
gboolean outbox_mark_attempted(Store *store, gint64 id, gint64 now, GError **error);

/* Give a claimed effect back untouched (shutdown, connection lost before the attempt). */
gboolean outbox_unclaim(Store *store, gint64 id, gint64 now, GError **error);

typedef enum {
	RESULT_DONE,
	RESULT_REFUSED, /* a final no */
	RESULT_RETRY,   /* a temporary no, or it certainly never reached the server */
	RESULT_UNKNOWN, /* it may have been accepted */
} EffectResult;

typedef struct {
	EffectResult result;
	int code;          /* 0: none */
	const char *words; /* or NULL */
	gint64 retry_at; /* RESULT_RETRY: when; 0: by the backoff, and held when that ends */
	gboolean
	        resend; /* RESULT_UNKNOWN: queue the same bytes once more (never a third time) */
} EffectFinish;

/* Record an attempt's outcome; *state (may be NULL) is what the effect is in now. What
 * follows from it (outcome, tags, sent copy) belongs into the same transaction. */
gboolean outbox_finish(Store *store, gint64 id, const EffectFinish *finish, gint64 now,
        EffectState *state, GError **error);

/* After a start, holding the lease of the job: what a dead owner left. Claimed is queued
 * again; attempted is queued again except replies, which become unknown (with resend: queued
 * once more). Gives the effects that became unknown, of Effect without payload. */
GPtrArray *outbox_recover(Store *store, const OutboxClaim *claim, gboolean resend,
        gint64 now, GError **error);

/* *at is when the next queued effect is due, 0: none is queued. */
gboolean outbox_next_time(
        Store *store, const OutboxClaim *claim, gint64 *at, GError **error);

/* The admin's verbs; ERROR_INPUT when there is no such effect or its state does not allow
 * it. retry: now, whatever is queued, held, refused or unknown. release: what is held or
 * unknown. cancel: what is queued, held, refused or unknown. */
gboolean outbox_retry(Store *store, gint64 id, gint64 now, GError **error);
gboolean outbox_release(Store *store, gint64 id, gint64 now, GError **error);
gboolean outbox_cancel(
        Store *store, gint64 id, const char *words, gint64 now, GError **error);

/* One effect whole; ERROR_INPUT when there is none. */
Effect *outbox_get(Store *store, gint64 id, GError **error);

/* The effects of one mail in the order added, or with mail 0 all that are not done or
 * cancelled. Of Effect, without payload. */
GPtrArray *outbox_list(Store *store, gint64 mail, GError **error);

typedef struct {
	EffectKind kind;
	EffectState state;
	gint64 count;
	gint64 oldest; /* smallest queued_at */
} OutboxCount;

/* How many per kind and state, without those done or cancelled. Of OutboxCount. */
GPtrArray *outbox_counts(Store *store, GError **error);
