#include "desk/sent.h"

#include "base/clock.h"
#include "base/log.h"
#include "desk/recognition.h"
#include "net/folder.h"
#include "store/conversation.h"
#include "store/event.h"
#include "triage/case_json.h"

#define FIRST_LOOK 500  /* mails, when the folder is seen for the first time */
#define LOOK_MOST 2000  /* mails of one look, the newest */
#define BATCH_MAILS 200 /* headers in memory at a time */

static gboolean
find_folder(Sync *sync, Mailbox *mailbox, GError **error)
{
	const MailboxSettings *settings = sync->settings;
	g_autofree char *found = NULL;
	if (sync->sent != NULL)
		return TRUE;
	if (settings->sent != NULL)
		found = g_strdup(settings->sent);
	else if (!mailbox_special_use(mailbox, "\\Sent", &found, error))
		return FALSE;
	if (found == NULL || g_strcmp0(found, settings->folder) == 0)
		sync->sent = g_strdup("");
	else
		sync->sent = g_steal_pointer(&found);
	return TRUE;
}

/* From where on the folder has not been looked at. */
static gboolean
open_cursor(const Sync *sync, const FolderState *state, Cursor *cursor, GError **error)
{
	CursorState known;
	if (!cursor_get(sync->store, sync->settings->name, sync->sent,
	            state->uidvalidity, cursor, &known, error))
		return FALSE;
	guint32 most = known == CURSOR_KNOWN ? LOOK_MOST : FIRST_LOOK;
	guint32 least = state->uidnext > most ? state->uidnext - most : 1;
	cursor->next_uid = MAX(cursor->next_uid, least);
	if (cursor->started_at == 0)
		cursor->started_at = clock_now();
	return TRUE;
}

/* Only analysts read what people wrote, its header too. */
static gboolean
fetch(Sync *sync, Mailbox *mailbox, Batch *batch, const guint32 range[2],
        GError **error)
{
	batch->headers = TRUE;
	mailbox_fetch_headers(
	        mailbox, sync->sent, range, batch_receive, batch, &batch->lost);
	return batch_await(batch, error) && batch_check(batch, error);
}

static gboolean
keep(const Sync *sync, const Conversation *known, const ConversationState *state,
        GError **error)
{
	json_t *packed = conversation_state_pack(state);
	g_autofree char *line = json_line(packed);
	json_decref(packed);
	ConversationUpdate update = {
		.state = phase_name(state->phase), .reason = state->reason, .data = line
	};
	return conversation_update(sync->store, known->id, &update, error);
}

static gboolean
note_answer(
        const Sync *sync, const Conversation *known, const Case *kase, GError **error)
{
	char what[] = "agent-answered";
	g_autoptr(ConversationState) state =
	        conversation_state_unpack(known->data, error);
	if (state == NULL)
		return FALSE;
	if (state->phase != PHASE_AGENT)
		log_line(LOG_LEVEL_INFO, "an agent has answered: from now on only tags",
		        "ticket", known->token, NULL);
	conversation_note_agent(state, kase->from_address);
	JournalEvent event = { .mail = known->root,
		.at = clock_now(),
		.what = what,
		.detail = kase->from_address };
	return keep(sync, known, state, error) &&
	       (known->root == 0 || journal_add_event(sync->store, &event, error)) &&
	       (kase->message_id == NULL ||
	               conversation_add_message(
	                       sync->store, known->id, kase->message_id, TRUE, error));
}

static gboolean
take_in(const Sync *sync, const Case *kase, GError **error)
{
	g_auto(Recognition) recognition = { 0 };
	if (!recognise(
	            sync->store, sync->role->settings, kase, TRUE, &recognition, error))
		return FALSE;
	if (recognition.conversation == 0 || recognition.joining != JOINS_AS_AGENT)
		return TRUE;
	g_autoptr(Conversation) known =
	        conversation_get(sync->store, recognition.conversation, error);
	return known != NULL && note_answer(sync, known, kase, error);
}

static gboolean
record(const Sync *sync, const Batch *batch, Cursor *cursor, guint32 last,
        GError **error)
{
	gboolean ok = store_begin(sync->store, error);
	for (guint i = 0; ok && i < batch->arrivals->len; i++) {
		const Arrival *arrival = g_ptr_array_index(batch->arrivals, i);
		ok = arrival->kase == NULL || take_in(sync, arrival->kase, error);
	}
	cursor->next_uid = last + 1;
	ok = ok &&
	     cursor_set(sync->store, sync->settings->name, sync->sent, cursor, error) &&
	     store_commit(sync->store, error);
	if (!ok)
		store_rollback(sync->store);
	return ok;
}

static gboolean
look_at_new(
        Sync *sync, Mailbox *mailbox, Cursor *cursor, guint32 uidnext, GError **error)
{
	while (cursor->next_uid < uidnext && !role_stopping(sync->role)) {
		guint32 last = MIN(cursor->next_uid + BATCH_MAILS, uidnext) - 1;
		const guint32 range[] = { cursor->next_uid, last };
		g_autoptr(Batch) batch = batch_new(&sync->reading, NULL);
		if (!fetch(sync, mailbox, batch, range, error) ||
		        !record(sync, batch, cursor, last, error))
			return FALSE;
	}
	return TRUE;
}

gboolean
sent_look(Sync *sync, Mailbox *mailbox, GError **error)
{
	FolderState state;
	Cursor cursor = { 0 };
	if (!find_folder(sync, mailbox, error))
		return FALSE;
	if (*sync->sent == '\0')
		return TRUE;
	if (!mailbox_folder_state(mailbox, sync->sent, &state, error))
		return FALSE;
	if (state.uidvalidity == 0 || state.uidnext == 0)
		return TRUE;
	if (!open_cursor(sync, &state, &cursor, error))
		return FALSE;
	return look_at_new(sync, mailbox, &cursor, state.uidnext, error);
}
