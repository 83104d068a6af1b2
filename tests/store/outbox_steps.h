/* An outbox with three mails, and the steps that a courier and a watcher take. */
#pragma once

#include "state.h"

extern const OutboxClaim courier, watcher;

/* A test whose *state is a store in memory with the mails 1, 2 and 3. */
int steps_open(void **state);
#define WITH_MAILS(test)                                                               \
	cmocka_unit_test_setup_teardown(test, steps_open, state_close_memory)

/* Each in a transaction of its own. */
GPtrArray *claim(Store *store, const OutboxClaim *what, gint64 now);
guint claim_count(Store *store, const OutboxClaim *what, gint64 now);
void attempt(Store *store, gint64 id);
EffectState finish(Store *store, gint64 id, EffectFinish how, gint64 now);

void assert_state(Store *store, gint64 id, EffectState wanted);
