/* How outbox records are read from rows; for this floor. */
#pragma once

#include "store/database.h"
#include "store/effect.h"

/* The order in which effects_read() takes the columns; payload may follow. */
#define EFFECT_COLUMNS                                                                 \
	"id, mail_id, conversation_id, kind, state, mailbox, folder, uidvalidity,"     \
	" uid, recipient, envelope_from, message_id, attempts, added_at,"              \
	" queued_at, next_at, changed_at, code, words, owner"
#define EFFECT_COLUMN_COUNT 20

/* All rows of a query. NULL when query is or a step fails. Of Effect. */
GPtrArray *effects_read(Statement *query, gboolean payload, GError **error);

/* The first rows that are wanted (NULL: any), at most max (0: no limit), with payload. */
GPtrArray *effects_choose(Statement *query, EffectWanted wanted, gpointer data,
        guint max, GError **error);

/* As it stands in the table. */
const char *effect_state_word(EffectState state);

EffectKind effect_kind_read(Statement *row, int column);
EffectState effect_state_read(Statement *row, int column);
