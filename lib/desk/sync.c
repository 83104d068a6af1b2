#include "desk/sync.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/errors.h"
#include "base/log.h"
#include "desk/intake.h"
#include "desk/sent.h"
#include "store/cursor.h"
#include "store/journal.h"
#include "triage/case_json.h"
#include "triage/decide.h"

#define BATCH_BYTES (16u * 1024 * 1024) /* fetched before a commit */
/* Fetched while another batch is in hand: more than one, as a small one is read sooner than a
 * large one is recorded, and its tags stored. */
#define AHEAD_BATCHES 2
#define AHEAD_BYTES (2u * 1024 * 1024) /* of each */

void
sync_clear(Sync *sync)
{
	sync_begin(sync);
	reading_clear(&sync->reading);
	g_clear_pointer(&sync->sent, g_free);
}

/* The least UID that is not recorded. */
static guint32
unrecorded_from(const Sync *sync)
{
	guint32 least = backlog_floor(&sync->backlog);
	for (const GList *at = sync->ahead.head; at != NULL; at = at->next) {
		const Batch *batch = at->data;
		for (guint i = 0; i < batch->mails->len; i++)
			least = MIN(
			        least, g_array_index(batch->mails, MailBrief, i).uid);
	}
	return least;
}

static gboolean
record_batch(Sync *sync, const Batch *batch, GError **error)
{
	Cursor moved = sync->cursor;
	moved.next_uid = MAX(moved.next_uid, unrecorded_from(sync));
	Intake intake = { .store = sync->store,
		.role = sync->role,
		.mailbox = sync->settings,
		.cursor = &sync->cursor };
	gboolean ok = store_begin(sync->store, error);
	for (guint i = 0; ok && i < batch->arrivals->len; i++) {
		role_beat(sync->role, 0);
		ok = intake_record(
		        &intake, g_ptr_array_index(batch->arrivals, i), error);
		/* Nobody waits for us meanwhile; what goes wrong shows when it is
		 * awaited. */
		analyst_pool_attend(sync->reading.analysts, FALSE, NULL);
	}
	/* Mail by mail, the tags of all wait until the last: one STORE for those that are equal. */
	gboolean with_effects = !sync->suspect.singly;
	ok = ok &&
	     cursor_set(sync->store, sync->settings->name, sync->settings->folder,
	             &moved, error) &&
	     (!with_effects || effects_write(sync->effects, error)) &&
	     store_commit(sync->store, error);
	if (with_effects)
		effects_written(sync->effects, ok);
	if (!ok) {
		store_rollback(sync->store);
		return FALSE;
	}
	sync->cursor = moved;
	sync->batches++;
	bell_ring(sync->role->bells->courier);
	return TRUE;
}

/* A mail that failed too often: recorded as what it is, and passed. */
static void
give_up_on(const Sync *sync, Batch *batch, const MailInfo *info)
{
	Arrival *arrival = g_new0(Arrival, 1);
	g_autofree char *name =
	        g_strdup_printf("%s/%u", sync->settings->name, info->uid);
	arrival->uid = info->uid;
	arrival->internaldate = info->internaldate;
	arrival->sha256 = digest_sha256(name, strlen(name));
	arrival->failure =
	        g_strdup_printf("it could not be fetched: %s", batch->lost->message);
	arrival->unfetched = TRUE;
	g_ptr_array_set_size(batch->arrivals, 0);
	g_ptr_array_add(batch->arrivals, arrival);
}

/* Leave out those that were done before the connection or the process ended: what is above
 * the cursor may be known. */
static gboolean
leave_out_known(const Sync *sync, GArray *batch, GError **error)
{
	Place place = { .mailbox = sync->settings->name,
		.folder = sync->settings->folder,
		.uidvalidity = sync->cursor.uidvalidity };
	guint kept = 0;
	if (sync->store == NULL)
		return TRUE;
	for (guint i = 0; i < batch->len; i++) {
		MailBrief brief = g_array_index(batch, MailBrief, i);
		gint64 id;
		place.uid = brief.uid;
		if (!journal_find_place(sync->store, &place, &id, error))
			return FALSE;
		if (id == 0)
			g_array_index(batch, MailBrief, kept++) = brief;
	}
	g_array_set_size(batch, kept);
	return TRUE;
}

static Batch *
next_batch(Sync *sync, guint64 bytes)
{
	guint most = sync->suspect.singly ? 1 : BACKLOG_BATCH;
	return batch_new(&sync->reading, backlog_next(&sync->backlog, most, bytes));
}

/* Whether some mail of the batch may go on with a conversation: only then it matters what the
 * agents have answered. */
static gboolean
answers_something(const Batch *batch)
{
	for (guint i = 0; i < batch->arrivals->len; i++) {
		const Arrival *arrival = g_ptr_array_index(batch->arrivals, i);
		const Case *kase = arrival->kase;
		if (kase != NULL &&
		        (kase->references[0] != NULL || kase->ticket_token != NULL))
			return TRUE;
	}
	return FALSE;
}

/* The next batch with something in it that is not known; empty: there is none. */
static Batch *
next_unknown_batch(Sync *sync, guint64 bytes, GError **error)
{
	for (;;) {
		g_autoptr(Batch) batch = next_batch(sync, bytes);
		guint taken = batch->mails->len;
		if (!leave_out_known(sync, batch->mails, error))
			return NULL;
		if (batch->mails->len > 0 || taken == 0)
			return g_steal_pointer(&batch);
	}
}

/* Fetch one more batch; *more: another may follow. That it cannot be fetched is found when its
 * turn comes. */
static gboolean
read_one_ahead(Sync *sync, Mailbox *mailbox, gboolean *more, GError **error)
{
	g_autoptr(Batch) batch = next_unknown_batch(sync, AHEAD_BYTES, error);
	*more = FALSE;
	if (batch == NULL)
		return FALSE;
	if (batch->mails->len == 0)
		return TRUE;
	gboolean ours = !batch_fetch(batch, mailbox, error);
	/* The batch in hand may need the connection too: the next time it goes alone. */
	sync->cautious = batch->lost != NULL;
	*more = !sync->cautious;
	g_queue_push_tail(&sync->ahead, g_steal_pointer(&batch));
	return !ours;
}

/* Fetch the next batches while the analysts read the one in hand. */
static gboolean
read_ahead(Sync *sync, Mailbox *mailbox, GError **error)
{
	gboolean more = !sync->suspect.singly && !sync->cautious;
	while (more && sync->ahead.length < AHEAD_BATCHES &&
	        backlog_left(&sync->backlog) > 0 && !role_stopping(sync->role))
		if (!read_one_ahead(sync, mailbox, &more, error))
			return FALSE;
	return TRUE;
}

/* Judge a batch that did not come whole: TRUE when it is one mail that is given up. */
static gboolean
judge_lost(Sync *sync, Batch *batch, const MailInfo *first, gboolean proven,
        GError **error)
{
	if (suspect_is_guilty(&sync->suspect, first, batch->mails->len, proven)) {
		give_up_on(sync, batch, first);
		return TRUE;
	}
	g_propagate_prefixed_error(error, g_steal_pointer(&batch->lost),
	        "fetching from UID %u on: ", first->uid);
	return FALSE;
}

/* Have a batch read, by the analysts and, where it matters, with what agents have answered. */
static gboolean
read_batch(Sync *sync, Mailbox *mailbox, Batch *batch, GError **error)
{
	const MailBrief *brief = &g_array_index(batch->mails, MailBrief, 0);
	const MailInfo first = { .uid = brief->uid,
		.size = brief->size,
		.internaldate = brief->internaldate };
	gboolean proven = FALSE;
	if (suspect_needs_proof(&sync->suspect, &first) &&
	        !suspect_compare(&sync->suspect, mailbox, &first,
	                sync->role->settings->limits.message_bytes, &proven, error))
		return FALSE;
	if (!batch_fetch(batch, mailbox, error) ||
	        (batch->lost == NULL && !read_ahead(sync, mailbox, error)) ||
	        !batch_await(batch, error))
		return FALSE;
	if (batch->lost != NULL)
		return judge_lost(sync, batch, &first, proven, error);
	return !answers_something(batch) || sent_look(sync, mailbox, error);
}

static gboolean
sync_batch(Sync *sync, Mailbox *mailbox, Batch *batch, GError **error)
{
	if (!read_batch(sync, mailbox, batch, error) ||
	        !record_batch(sync, batch, error))
		return FALSE;
	/* The mail is passed, but the connection that it broke is over all the same. */
	return batch->lost == NULL || !mailbox_is_dead(mailbox) ||
	       batch_check(batch, error);
}

static gboolean
keep_cursor(const Sync *sync, const Cursor *cursor, GError **error)
{
	const MailboxSettings *settings = sync->settings;
	if (store_begin(sync->store, error) &&
	        cursor_set(
	                sync->store, settings->name, settings->folder, cursor, error) &&
	        store_commit(sync->store, error))
		return TRUE;
	store_rollback(sync->store);
	return FALSE;
}

/* After a restore all that is there now is a backlog. */
static gboolean
settle_cursor(
        const Sync *sync, const MailboxState *state, Cursor *cursor, GError **error)
{
	if (cursor->answer_from != CURSOR_UNSETTLED)
		return TRUE;
	log_line(LOG_LEVEL_NOTICE,
	        "the store was restored: mails that came since are tagged, not "
	        "answered",
	        "mailbox", sync->settings->name, NULL);
	cursor->answer_from = state->uidnext;
	return keep_cursor(sync, cursor, error);
}

/* The cursor of the folder as the server shows it now; a first start sets its boundary. */
static gboolean
open_cursor(Sync *sync, const Mailbox *mailbox, Cursor *cursor, GError **error)
{
	const MailboxState *state = mailbox_state(mailbox);
	const MailboxSettings *settings = sync->settings;
	CursorState known;
	if (!cursor_get(sync->store, settings->name, settings->folder,
	            state->uidvalidity, cursor, &known, error))
		return FALSE;
	if (known == CURSOR_KNOWN)
		return settle_cursor(sync, state, cursor, error);
	if (known == CURSOR_CHANGED)
		log_line(LOG_LEVEL_WARNING,
		        "UIDVALIDITY has changed: known mails are tagged again, none "
		        "is answered again",
		        "mailbox", settings->name, NULL);
	gboolean first = known == CURSOR_FIRST;
	cursor->next_uid = 1;
	cursor->highestmodseq = state->highestmodseq;
	cursor->answer_from =
	        first && settings->start == START_NOW ? state->uidnext : 1;
	if (first)
		cursor->started_at = clock_now();
	return keep_cursor(sync, cursor, error);
}

void
sync_begin(Sync *sync)
{
	g_queue_clear_full(&sync->ahead, (GDestroyNotify)batch_free);
	backlog_clear(&sync->backlog);
}

/* List what is new: all at first, later what the server has told of since. */
static gboolean
list_new(Sync *sync, Mailbox *mailbox, GError **error)
{
	Backlog *backlog = &sync->backlog;
	guint32 uidvalidity = sync->cursor.uidvalidity;
	gboolean left = backlog_left(backlog) > 0 || sync->ahead.length > 0;
	if (left && !mailbox_has_new_mail(mailbox))
		return TRUE;
	if (!open_cursor(sync, mailbox, &sync->cursor, error))
		return FALSE;
	if (sync->cursor.uidvalidity != uidvalidity)
		sync_begin(sync);
	guint32 from = MAX(backlog->listed_to + 1, sync->cursor.next_uid);
	GArray *listed = mailbox_list_briefs(mailbox, from, error);
	if (listed == NULL)
		return FALSE;
	backlog_add(backlog, listed);
	return TRUE;
}

/* The next batch: one that was read ahead, or one that is still to be fetched. */
static Batch *
take_batch(Sync *sync, GError **error)
{
	Batch *ahead = g_queue_pop_head(&sync->ahead);
	return ahead != NULL ? ahead : next_unknown_batch(sync, BATCH_BYTES, error);
}

static gboolean
is_something_left(const Sync *sync)
{
	return backlog_left(&sync->backlog) > 0 || sync->ahead.length > 0;
}

gboolean
sync_step(Sync *sync, Mailbox *mailbox, gboolean *more, GError **error)
{
	*more = FALSE;
	if (!list_new(sync, mailbox, error))
		return FALSE;
	g_autoptr(Batch) batch = take_batch(sync, error);
	if (batch == NULL)
		return FALSE;
	if (batch->mails->len > 0 && !sync_batch(sync, mailbox, batch, error))
		return FALSE;
	*more = is_something_left(sync);
	if (*more)
		return TRUE;
	sync->suspect = (Suspect){ 0 };
	sync->cautious = FALSE;
	if (backlog_floor(&sync->backlog) <= sync->cursor.next_uid)
		return TRUE;
	/* All that was left was known. */
	sync->cursor.next_uid = backlog_floor(&sync->backlog);
	return keep_cursor(sync, &sync->cursor, error);
}

static void
print_arrival(const Sync *sync, const Mailbox *mailbox, const Arrival *arrival)
{
	const Role *role = sync->role;
	const History none = { 0 };
	g_autofree char *name = g_strdup_printf("%s/%u/%u", sync->settings->name,
	        mailbox_state(mailbox)->uidvalidity, arrival->uid);
	g_autofree char *line = NULL;
	if (arrival->kase != NULL) {
		g_autoptr(Plan) plan =
		        decide(arrival->kase, role->catalogue, role->settings, &none);
		line = case_json_line(arrival->kase, plan, name, NULL, NULL);
	} else {
		json_t *object = json_pack(
		        "{s:s, s:s}", "file", name, "error", arrival->failure);
		line = json_line(object);
		json_decref(object);
	}
	printf("%s\n", line);
	fflush(stdout);
}

gboolean
sync_print(Sync *sync, Mailbox *mailbox, GError **error)
{
	GArray *listed = mailbox_list_briefs(mailbox, 1, error);
	if (listed == NULL)
		return FALSE;
	sync->backlog.in_order = TRUE;
	backlog_add(&sync->backlog, listed);
	while (is_something_left(sync) && !role_stopping(sync->role)) {
		g_autoptr(Batch) batch = take_batch(sync, error);
		if (batch == NULL || !batch_fetch(batch, mailbox, error) ||
		        !read_ahead(sync, mailbox, error) ||
		        !batch_await(batch, error) || !batch_check(batch, error))
			return FALSE;
		for (guint i = 0; i < batch->arrivals->len; i++) {
			print_arrival(
			        sync, mailbox, g_ptr_array_index(batch->arrivals, i));
			analyst_pool_attend(sync->reading.analysts, FALSE, NULL);
		}
	}
	return TRUE;
}
