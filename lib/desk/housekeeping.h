/*
 * Housekeeping: what keeps the state directory bounded, done by one watcher between two rounds of
 * work: old mails are erased after settings.retention_days, the store's log is emptied when it
 * has grown, addresses that bounced are forgotten in time. It is never worth a stop.
 */
#pragma once

#include "desk/role.h"
#include "store/store.h"

/* The log is emptied when it is larger than this. */
#define LOG_BYTES_MOST (16 * 1024 * 1024)

typedef struct {
	gint64 erase_at; /* monotonic; 0: now */
	gint64 log_at;   /* likewise */
	guint erased;    /* in this run, which may take several rounds */
	gboolean told;   /* that the log cannot be emptied */
} Housekeeping;

/* Do what is due, for a second or two at most. */
void housekeeping_do(Housekeeping *housekeeping, const Role *role, Store *store);
