#include "store/journal_row.h"

/* In the index's order: a sorter would cost more than all the rest of a listed mail. Of those
 * added at the same time the newest uid is looked for here. */
static const char LATEST_PLACES[] =
        "SELECT mailbox, folder, uidvalidity, uid, added_at FROM place"
        " WHERE mail_id = ?1 ORDER BY added_at DESC";
#define ADDED_AT_COLUMN 4

static const char *const outcome_names[] = {
	[JOURNAL_PENDING] = "pending",
	[JOURNAL_REPLIED] = "replied",
	[JOURNAL_DRAFTED] = "drafted",
	[JOURNAL_HELD] = "held",
	[JOURNAL_NO_REPLY] = "no-reply",
	[JOURNAL_ERROR] = "error",
};

const char *
journal_outcome_name(JournalOutcome outcome)
{
	return outcome_names[outcome];
}

JournalOutcome
journal_outcome_find(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(outcome_names); i++) {
		if (g_strcmp0(name, outcome_names[i]) == 0)
			return i;
	}
	return JOURNAL_ERROR;
}

JournalOutcome
journal_outcome_read(Statement *row, int column)
{
	return journal_outcome_find(statement_peek(row, column));
}

void
journal_mail_free(JournalMail *mail)
{
	if (mail == NULL)
		return;
	place_clear(&mail->place);
	char *strings[] = { mail->sha256, mail->message_id, mail->from_address,
		mail->subject, mail->nature, mail->class, mail->detail, mail->missing,
		mail->action, mail->reason, mail->tags, mail->case_json,
		mail->plan_json, mail->error, mail->token };
	for (guint i = 0; i < G_N_ELEMENTS(strings); i++)
		g_free(strings[i]);
	g_free(mail);
}

JournalMail *
journal_mail_read(Statement *row, gboolean whole)
{
	JournalMail *mail = g_new0(JournalMail, 1);
	mail->id = statement_int(row, 0);
	mail->sha256 = statement_text(row, 1);
	mail->message_id = statement_text(row, 2);
	mail->from_address = statement_text(row, 3);
	mail->subject = statement_text(row, 4);
	mail->internaldate = statement_int(row, 5);
	mail->seen_at = statement_int(row, 6);
	mail->outcome_at = statement_int(row, 7);
	mail->nature = statement_text(row, 8);
	mail->class = statement_text(row, 9);
	mail->detail = statement_text(row, 10);
	mail->confidence = statement_double(row, 11);
	mail->missing = statement_text(row, 12);
	mail->action = statement_text(row, 13);
	mail->reason = statement_text(row, 14);
	mail->outcome = journal_outcome_read(row, 15);
	mail->tags = statement_text(row, 16);
	mail->error = statement_text(row, 17);
	mail->conversation = statement_int(row, 18);
	mail->token = statement_text(row, 19);
	if (whole) {
		mail->case_json = statement_text(row, MAIL_COLUMN_COUNT);
		mail->plan_json = statement_text(row, MAIL_COLUMN_COUNT + 1);
	}
	return mail;
}

static gboolean
row_is_newer(Statement *row, const Place *place)
{
	gint64 uidvalidity = statement_int(row, 2), uid = statement_int(row, 3);
	if (uidvalidity != place->uidvalidity)
		return uidvalidity > place->uidvalidity;
	return uid > place->uid;
}

gboolean
journal_mail_read_place(Store *store, JournalMail *mail, GError **error)
{
	g_autoptr(Statement) query = database_query(
	        store_database(store), LATEST_PLACES, error, "i", mail->id);
	gint64 latest = 0;
	Step step = STEP_FAILED;
	while (query != NULL && (step = statement_step(query, error)) == STEP_ROW) {
		gint64 added_at = statement_int(query, ADDED_AT_COLUMN);
		gboolean first = mail->place.mailbox == NULL;
		if (!first && added_at != latest)
			return TRUE;
		latest = added_at;
		if (!first && !row_is_newer(query, &mail->place))
			continue;
		place_clear(&mail->place);
		place_read(&mail->place, query, 0);
	}
	return step == STEP_END;
}
