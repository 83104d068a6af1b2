#include "desk/backlog.h"

/* The newest are few at a time: who writes now shall not wait for many others. */
#define NEWEST_MAILS 25

void
backlog_clear(Backlog *backlog)
{
	g_clear_pointer(&backlog->mails, g_array_unref);
	*backlog = (Backlog){ 0 };
}

void
backlog_add(Backlog *backlog, GArray *listed)
{
	if (backlog->mails == NULL) {
		backlog->mails = listed;
	} else {
		g_array_append_vals(backlog->mails, listed->data, listed->len);
		g_array_unref(listed);
	}
	guint left = backlog->mails->len;
	if (left > 0)
		backlog->listed_to =
		        g_array_index(backlog->mails, MailBrief, left - 1).uid;
}

guint
backlog_left(const Backlog *backlog)
{
	return backlog->mails != NULL ? backlog->mails->len : 0;
}

static const MailBrief *
mail_at(const Backlog *backlog, guint index)
{
	return &g_array_index(backlog->mails, MailBrief, index);
}

GArray *
backlog_next(Backlog *backlog, guint most, guint64 bytes)
{
	guint left = backlog_left(backlog), count = 0;
	gboolean newest =
	        left > BACKLOG_BATCH && !backlog->newest_had_turn && !backlog->in_order;
	guint64 size = 0;
	backlog->newest_had_turn = newest;
	backlog->flood = left > BACKLOG_BATCH || (backlog->flood && left > 0);
	if (backlog->flood)
		most = MIN(most, newest ? NEWEST_MAILS : MAX(NEWEST_MAILS, left / 2));
	most = MIN(most, left);
	while (count < most && size < bytes) {
		size += mail_at(backlog, newest ? left - 1 - count : count)->size;
		count++;
	}
	guint first = newest ? left - count : 0;
	GArray *batch = g_array_new(FALSE, FALSE, sizeof(MailBrief));
	if (count > 0) {
		g_array_append_vals(batch, mail_at(backlog, first), count);
		g_array_remove_range(backlog->mails, first, count);
	}
	return batch;
}

guint32
backlog_floor(const Backlog *backlog)
{
	return backlog_left(backlog) > 0 ? mail_at(backlog, 0)->uid
	                                 : backlog->listed_to + 1;
}
