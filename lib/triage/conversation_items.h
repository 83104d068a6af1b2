/* The union of what the mails of a conversation say: newest wins, contradictions are kept. */
#pragma once

#include "triage/conversation_state.h"

/* Take in the items of the state's newest mail. Of kinds where only one value can be right
 * (sender, recipient, mailbox, date) a different one replaces what was known, unless the mail
 * names both. What stands in a quoted thread only fills gaps. Returns how many are new. */
guint conversation_items_add(ConversationState *state, const GPtrArray *items);

/* What counts now, as a case holds it: of Item, those of the newest mail with mail 0, each
 * with the value it replaces. */
GPtrArray *conversation_items_list(const ConversationState *state);
