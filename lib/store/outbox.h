/*
 * The outbox: effects that are decided and still to be carried out, durable.
 *
 * Surprising rules: payload and Message-ID are fixed when the effect is added and never
 * change; an effect is carried out only between outbox_mark_attempted() and outbox_finish(),
 * each committed, so that a crash leaves either "not attempted" (done again) or "attempted"
 * (a reply's fate is unknown; tags are set again; a copy is looked for before it is
 * appended again). Tags of one mail are handed out in the order in which they were added.
 * Whoever keeps store/begun.h, which tells what began, may finish what is only claimed.
 *
 *   queued -> claimed -> attempted -> done | refused | unknown | queued (retry) -> held
 */
#pragma once

#include "store/effect.h"
#include "store/store.h"

/* Add an effect, due at effect->next_at (0: at once). Needs a transaction, as all writing
 * verbs here. effect->attempts, code, owner are ignored. */
gboolean outbox_add(
        Store *store, const Effect *effect, gint64 now, gint64 *id, GError **error);

/* Make due what waits for the outcome of a mail, if the mail has one. */
gboolean outbox_ripen(Store *store, gint64 mail, gint64 now, GError **error);

#define EFFECTS_OF_COURIER (1u << EFFECT_REPLY)
#define EFFECTS_OF_WATCHER                                                             \
	(1u << EFFECT_TAG | 1u << EFFECT_DRAFT | 1u << EFFECT_SENT_COPY |              \
	        1u << EFFECT_HANDOVER | 1u << EFFECT_MOVE | 1u << EFFECT_NOTE)

/* Which effects a process takes. */
typedef struct {
	guint kinds;         /* bit set of 1u << EffectKind */
	const char *mailbox; /* NULL: of any */
	const char *owner;   /* "INSTANCE/courier/PID" */
	guint max;           /* 0: no limit */
	gboolean
	        begin; /* say at once that the attempts begin, as outbox_mark_attempted() */
	EffectWanted wanted; /* asked about each that is due, in order; NULL: all are */
	gpointer data;       /* for wanted */
} OutboxClaim;

/* Claim what is due, the longest due first. Of Effect, whole. */
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
	        resend; /* RESULT_UNKNOWN: queue the same bytes once more, never thrice */
	gboolean whole; /* of a claimed effect: its attempt is counted here too */
} EffectFinish;

/* Record an attempt's outcome; *state (may be NULL) is what the effect is in now. What
 * follows from it (outcome, tags, sent copy) belongs into the same transaction. */
gboolean outbox_finish(Store *store, gint64 id, const EffectFinish *finish, gint64 now,
        EffectState *state, GError **error);

/* What a dead owner left claimed or attempted. Of Effect without payload. */
GPtrArray *outbox_left_behind(Store *store, const OutboxClaim *claim, GError **error);

/* After a start, holding the lease of the job: what a dead owner left. Claimed is queued
 * again; attempted is queued again except replies, which become unknown (with resend: queued
 * once more). Gives the effects that became unknown, of Effect without payload. */
GPtrArray *outbox_recover(Store *store, const OutboxClaim *claim, gboolean resend,
        gint64 now, GError **error);

/* *at is when the next queued effect is due, 0: none is queued. */
gboolean outbox_next_time(
        Store *store, const OutboxClaim *claim, gint64 *at, GError **error);
