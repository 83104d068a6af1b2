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
#include "store/quarantine.h"
#include "triage/case_json.h"
#include "triage/decide.h"

#define BATCH_BYTES (16u * 1024 * 1024) /* fetched before a commit */

static void
keep_in_quarantine(const Sync *sync, const Analysis *analysis)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *file = NULL;
	if (sync->store == NULL)
		return;
	if (!quarantine_keep(sync->store, analysis->bytes, &file, &error))
		log_error(LOG_LEVEL_WARNING, "a mail could not be kept in quarantine",
		        error);
	else
		log_line(LOG_LEVEL_WARNING, "a mail is kept in quarantine", "file",
		        file, NULL);
}

static Arrival *
arrival_of(const Sync *sync, guint32 uid)
{
	for (guint i = 0; i < sync->arrivals->len; i++) {
		Arrival *arrival = g_ptr_array_index(sync->arrivals, i);
		if (arrival->uid == uid)
			return arrival;
	}
	return NULL;
}

void
sync_receive(Analysis *analysis, gpointer data)
{
	Sync *sync = data;
	Arrival *arrival = arrival_of(sync, (guint32)analysis->ticket);
	if (arrival == NULL)
		return;
	role_beat(sync->role, 0);
	arrival->kase = g_steal_pointer(&analysis->kase);
	arrival->failure = g_strdup(analysis->failure);
	arrival->took = analysis->took;
	arrival->died = analysis->died;
	if (analysis->died)
		keep_in_quarantine(sync, analysis);
}

/* What the receiver of fetched mails needs. */
typedef struct {
	Sync *sync;
	GError *error;
} Fetch;

static gboolean
receive(const MailInfo *info, GBytes *bytes, gboolean truncated, gpointer data)
{
	Fetch *fetch = data;
	Sync *sync = fetch->sync;
	Arrival *arrival = g_new0(Arrival, 1);
	role_beat(sync->role, 0);
	arrival->uid = info->uid;
	arrival->internaldate = info->internaldate;
	arrival->sha256 = digest_sha256_bytes(bytes);
	g_ptr_array_add(sync->arrivals, arrival);
	return analyst_pool_put(sync->analysts, info->uid, bytes, truncated,
	        info->internaldate, &fetch->error);
}

/* Fetch and analyse the mails of a batch (of MailBrief); they end in sync->arrivals. *lost is the server's or
 * the network's trouble, *error our own, which no mail is to blame for. */
static gboolean
fetch_batch(Sync *sync, Mailbox *mailbox, const GArray *batch, GError **lost,
        GError **error)
{
	Fetch fetch = { .sync = sync };
	g_autofree guint32 *uids = g_new(guint32, batch->len);
	g_autofree guint32 *sizes = g_new(guint32, batch->len);
	for (guint i = 0; i < batch->len; i++) {
		uids[i] = g_array_index(batch, MailBrief, i).uid;
		sizes[i] = g_array_index(batch, MailBrief, i).size;
	}
	MailboxRequest request = { .uids = uids,
		.sizes = sizes,
		.count = batch->len,
		.max_bytes = sync->role->settings->limits.message_bytes };
	g_ptr_array_set_size(sync->arrivals, 0);
	gboolean fetched = mailbox_fetch(mailbox, &request, receive, &fetch, lost);
	if (fetch.error == NULL && analyst_pool_drain(sync->analysts, &fetch.error))
		return fetched;
	g_clear_error(lost);
	g_propagate_error(error, fetch.error);
	return FALSE;
}

static gboolean
record_batch(Sync *sync, GError **error)
{
	Cursor moved = sync->cursor;
	moved.next_uid = MAX(moved.next_uid, backlog_floor(&sync->backlog));
	Intake intake = { .store = sync->store,
		.role = sync->role,
		.mailbox = sync->settings,
		.cursor = &sync->cursor };
	gboolean ok = store_begin(sync->store, error);
	for (guint i = 0; ok && i < sync->arrivals->len; i++) {
		role_beat(sync->role, 0);
		ok = intake_record(
		        &intake, g_ptr_array_index(sync->arrivals, i), error);
	}
	ok = ok &&
	     cursor_set(sync->store, sync->settings->name, sync->settings->folder,
	             &moved, error) &&
	     store_commit(sync->store, error);
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
give_up_on(Sync *sync, const MailInfo *info, const char *why)
{
	Arrival *arrival = g_new0(Arrival, 1);
	g_autofree char *name =
	        g_strdup_printf("%s/%u", sync->settings->name, info->uid);
	arrival->uid = info->uid;
	arrival->internaldate = info->internaldate;
	arrival->sha256 = digest_sha256(name, strlen(name));
	arrival->failure = g_strdup_printf("it could not be fetched: %s", why);
	arrival->unfetched = TRUE;
	g_ptr_array_set_size(sync->arrivals, 0);
	g_ptr_array_add(sync->arrivals, arrival);
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

static GArray *
next_batch(Sync *sync)
{
	guint most = sync->suspect.singly ? 1 : BACKLOG_BATCH;
	return backlog_next(&sync->backlog, most, BATCH_BYTES);
}

/* Whether some mail of the batch may go on with a conversation: only then it matters what the
 * agents have answered. */
static gboolean
answers_something(const Sync *sync)
{
	for (guint i = 0; i < sync->arrivals->len; i++) {
		const Arrival *arrival = g_ptr_array_index(sync->arrivals, i);
		const Case *kase = arrival->kase;
		if (kase != NULL &&
		        (kase->references[0] != NULL || kase->ticket_token != NULL))
			return TRUE;
	}
	return FALSE;
}

static gboolean
sync_batch(Sync *sync, Mailbox *mailbox, const GArray *batch, GError **error)
{
	const MailBrief *brief = &g_array_index(batch, MailBrief, 0);
	const MailInfo first = { .uid = brief->uid,
		.size = brief->size,
		.internaldate = brief->internaldate };
	g_autoptr(GError) lost = NULL;
	gboolean proven = FALSE;
	if (suspect_needs_proof(&sync->suspect, &first) &&
	        !suspect_compare(&sync->suspect, mailbox, &first,
	                sync->role->settings->limits.message_bytes, &proven, error))
		return FALSE;
	if (!fetch_batch(sync, mailbox, batch, &lost, error)) {
		if (lost == NULL)
			return FALSE;
		if (!suspect_is_guilty(&sync->suspect, &first, batch->len, proven)) {
			g_propagate_prefixed_error(error, g_steal_pointer(&lost),
			        "fetching from UID %u on: ", first.uid);
			return FALSE;
		}
		give_up_on(sync, &first, lost->message);
	}
	if (lost == NULL && answers_something(sync) && !sent_look(sync, mailbox, error))
		return FALSE;
	if (!record_batch(sync, error))
		return FALSE;
	if (lost == NULL || !mailbox_is_dead(mailbox))
		return TRUE;
	/* The mail is passed, but the connection that it broke is over all the same. */
	g_propagate_error(error, g_steal_pointer(&lost));
	return FALSE;
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
	backlog_clear(&sync->backlog);
}

/* List what is new: all at first, later what the server has told of since. */
static gboolean
list_new(Sync *sync, Mailbox *mailbox, GError **error)
{
	Backlog *backlog = &sync->backlog;
	guint32 uidvalidity = sync->cursor.uidvalidity;
	if (backlog_left(backlog) > 0 && !mailbox_has_new_mail(mailbox))
		return TRUE;
	if (!open_cursor(sync, mailbox, &sync->cursor, error))
		return FALSE;
	if (sync->cursor.uidvalidity != uidvalidity)
		backlog_clear(backlog);
	guint32 from = MAX(backlog->listed_to + 1, sync->cursor.next_uid);
	GArray *listed = mailbox_list_briefs(mailbox, from, error);
	if (listed == NULL)
		return FALSE;
	backlog_add(backlog, listed);
	return TRUE;
}

/* The next batch with something in it that is not known; empty: there is none. */
static GArray *
next_unknown_batch(Sync *sync, GError **error)
{
	for (;;) {
		g_autoptr(GArray) batch = next_batch(sync);
		guint taken = batch->len;
		if (!leave_out_known(sync, batch, error))
			return NULL;
		if (batch->len > 0 || taken == 0)
			return g_steal_pointer(&batch);
	}
}

gboolean
sync_step(Sync *sync, Mailbox *mailbox, gboolean *more, GError **error)
{
	*more = FALSE;
	if (!list_new(sync, mailbox, error))
		return FALSE;
	g_autoptr(GArray) batch = next_unknown_batch(sync, error);
	if (batch == NULL)
		return FALSE;
	*more = backlog_left(&sync->backlog) > 0;
	if (batch->len > 0 && !sync_batch(sync, mailbox, batch, error))
		return FALSE;
	if (*more)
		return TRUE;
	sync->suspect = (Suspect){ 0 };
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
	while (backlog_left(&sync->backlog) > 0 && !role_stopping(sync->role)) {
		g_autoptr(GArray) batch = next_batch(sync);
		g_autoptr(GError) lost = NULL;
		if (!fetch_batch(sync, mailbox, batch, &lost, error)) {
			if (lost != NULL)
				g_propagate_error(error, g_steal_pointer(&lost));
			return FALSE;
		}
		for (guint i = 0; i < sync->arrivals->len; i++)
			print_arrival(
			        sync, mailbox, g_ptr_array_index(sync->arrivals, i));
	}
	return TRUE;
}
