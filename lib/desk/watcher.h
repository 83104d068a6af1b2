/*
 * The watcher: one process per mailbox, that watches it, has new mail analysed, records what
 * is decided and stores the tags.
 */
#pragma once

#include "desk/role.h"

typedef enum {
	WATCH_SERVICE, /* until told to stop, through every outage */
	WATCH_ONCE,    /* one pass */
	WATCH_EFFECTS, /* only what the outbox holds for this mailbox */
	WATCH_DRY, /* one pass that changes nothing and prints a JSON line per mail */
} WatchKind;

/* Run the role; its exit status (sysexits(3)). index: of role->settings->mailboxes. */
int watcher_run(Role *role, guint index, WatchKind kind);
