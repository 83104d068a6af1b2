#include "desk/batch.h"

#include "base/digest.h"
#include "base/log.h"
#include "store/quarantine.h"

void
reading_clear(Reading *reading)
{
	g_clear_pointer(&reading->analysts, analyst_pool_free);
	g_clear_pointer(&reading->asked, g_hash_table_unref);
}

static void
keep_in_quarantine(const Reading *reading, const Analysis *analysis)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *file = NULL;
	if (reading->store == NULL)
		return;
	if (!quarantine_keep(reading->store, analysis->bytes, &file, &error))
		log_error(LOG_LEVEL_WARNING, "a mail could not be kept in quarantine",
		        error);
	else
		log_line(LOG_LEVEL_WARNING, "a mail is kept in quarantine", "file",
		        file, NULL);
}

void
reading_take_answer(Analysis *analysis, gpointer data)
{
	Reading *reading = data;
	Arrival *arrival = g_hash_table_lookup(reading->asked, &analysis->ticket);
	if (arrival == NULL)
		return;
	role_beat(reading->role, 0);
	g_hash_table_remove(reading->asked, &analysis->ticket);
	arrival->kase = g_steal_pointer(&analysis->kase);
	arrival->failure = g_steal_pointer(&analysis->failure);
	arrival->took = analysis->took;
	arrival->died = analysis->died;
	(*arrival->pending)--;
	if (analysis->died)
		keep_in_quarantine(reading, analysis);
}

Batch *
batch_new(Reading *reading, GArray *mails)
{
	Batch *batch = g_new0(Batch, 1);
	if (reading->asked == NULL)
		reading->asked = g_hash_table_new(g_int64_hash, g_int64_equal);
	batch->reading = reading;
	batch->mails =
	        mails != NULL ? mails : g_array_new(FALSE, FALSE, sizeof(MailBrief));
	batch->arrivals = g_ptr_array_new_with_free_func((GDestroyNotify)arrival_free);
	return batch;
}

void
batch_free(Batch *batch)
{
	if (batch == NULL)
		return;
	for (guint i = 0; batch->pending > 0 && i < batch->arrivals->len; i++) {
		Arrival *arrival = g_ptr_array_index(batch->arrivals, i);
		g_hash_table_remove(batch->reading->asked, &arrival->number);
	}
	g_ptr_array_unref(batch->arrivals);
	g_array_unref(batch->mails);
	g_clear_error(&batch->lost);
	g_clear_error(&batch->trouble);
	g_free(batch);
}

gboolean
batch_receive(const MailInfo *info, GBytes *bytes, gboolean truncated, gpointer data)
{
	Batch *batch = data;
	Reading *reading = batch->reading;
	Arrival *arrival = g_new0(Arrival, 1);
	role_beat(reading->role, 0);
	arrival->uid = info->uid;
	arrival->internaldate = info->internaldate;
	arrival->sha256 = batch->headers ? NULL : digest_sha256_bytes(bytes);
	arrival->number = ++reading->number;
	arrival->pending = &batch->pending;
	batch->pending++;
	g_ptr_array_add(batch->arrivals, arrival);
	g_hash_table_insert(reading->asked, &arrival->number, arrival);
	return analyst_pool_put(reading->analysts, arrival->number, bytes, truncated,
	        info->internaldate, &batch->trouble);
}

gboolean
batch_fetch(Batch *batch, Mailbox *mailbox, GError **error)
{
	if (batch->fetched)
		return TRUE;
	guint count = batch->mails->len;
	g_autofree guint32 *uids = g_new(guint32, count);
	g_autofree guint32 *sizes = g_new(guint32, count);
	for (guint i = 0; i < count; i++) {
		uids[i] = g_array_index(batch->mails, MailBrief, i).uid;
		sizes[i] = g_array_index(batch->mails, MailBrief, i).size;
	}
	MailboxRequest request = { .uids = uids,
		.sizes = sizes,
		.count = count,
		.max_bytes = batch->reading->role->settings->limits.message_bytes };
	batch->fetched = TRUE;
	mailbox_fetch(mailbox, &request, batch_receive, batch, &batch->lost);
	if (batch->trouble == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&batch->trouble));
	return FALSE;
}

gboolean
batch_await(Batch *batch, GError **error)
{
	while (batch->pending > 0)
		if (!analyst_pool_attend(batch->reading->analysts, TRUE, error))
			return FALSE;
	return TRUE;
}

gboolean
batch_check(Batch *batch, GError **error)
{
	if (batch->trouble != NULL)
		g_propagate_error(error, g_steal_pointer(&batch->trouble));
	else if (batch->lost != NULL)
		g_propagate_error(error, g_steal_pointer(&batch->lost));
	else
		return TRUE;
	return FALSE;
}
