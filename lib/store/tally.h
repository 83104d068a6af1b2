/*
 * Tallies: what only ever counts up, for the metrics. Each is counted in the transaction that
 * records what it counts, so that it survives restarts and costs a scrape nothing, however
 * large the journal is.
 *
 * Surprising rule: a tally has at most TALLY_LABELS different labels; what comes after those
 * counts as "other", so that no mail and no catalogue makes a monitoring system grow.
 */
#pragma once

#include "store/store.h"

#define TALLY_LABELS 500

typedef enum {
	TALLY_MAIL, /* by class ("" when it could not be analysed) and action */
	TALLY_GATE, /* mails not answered by themselves, by the gate's name */
	TALLY_EFFECT, /* attempts, by kind and "done" "retry" "refused" "unknown" "held" */
	TALLY_FAILURE, /* mails that could not be analysed, by "died" "unread" "unfetched" */
	TALLY_START,    /* starts of a role, by "watcher" or "courier" and mailbox */
	TALLY_OUTAGE,   /* likewise: servers out of reach */
	TALLY_ANALYSIS, /* times: of one mail's analysis */
	TALLY_PICKUP,   /* times: from a mail's arrival to what is decided of it */
	TALLY_REPLY, /* times: from when a reply is ready to the server's acceptance */
	TALLY_COUNT,
} TallyName;

/* Count one more. Needs a transaction, as all that count here; label and other may be NULL.
 * What is counted is written by store_commit(), once for all mails of a batch. */
gboolean tally_add(Store *store, TallyName name, const char *label, const char *other,
        GError **error);

/* Count a time, in microseconds (below 0: 0), in its bucket. */
gboolean tally_add_time(
        Store *store, TallyName name, gint64 microseconds, GError **error);

/* What a transaction has counted so far; the store's. */
typedef struct TallyPad TallyPad;
TallyPad *tally_pad_new(void);
void tally_pad_free(TallyPad *pad);

/* Write it, or forget it. Only for store_commit() and store_rollback(). */
TallyPad *store_tallies(Store *store);
gboolean tally_pad_write(TallyPad *pad, Store *store, GError **error);
void tally_pad_clear(TallyPad *pad);

typedef struct {
	char *label, *other; /* "" for none */
	gint64 count;
} Tally;

/* All of a name that counts, by label and other. Of Tally. */
GPtrArray *tally_list(Store *store, TallyName name, GError **error);

/* The upper ends of the buckets of times, in seconds; beyond the last is one more. */
#define TALLY_BUCKETS 13
extern const double tally_bucket_ends[TALLY_BUCKETS];

typedef struct {
	gint64 counts[TALLY_BUCKETS + 1]; /* each bucket's own */
	double seconds;                   /* sum of all times */
} TallyTimes;

gboolean tally_read_times(
        Store *store, TallyName name, TallyTimes *times, GError **error);
