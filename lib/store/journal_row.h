/* How journal records are read from rows; for this floor. */
#pragma once

#include "store/database.h"
#include "store/journal.h"

/* The order in which mail_read() takes the columns. */
#define MAIL_COLUMNS                                                                   \
	"m.id, m.sha256, m.message_id, m.from_address, m.subject, m.internaldate,"     \
	" m.seen_at, m.outcome_at, m.nature, m.class, m.detail, m.confidence,"         \
	" m.missing, m.action, m.reason, m.outcome, m.tags, m.error,"                  \
	" m.conversation_id, c.token"
#define MAIL_COLUMN_COUNT 20
#define MAIL_TABLES " FROM mail m LEFT JOIN conversation c ON c.id = m.conversation_id"

/* Four columns from the given one: mailbox, folder, uidvalidity, uid. */
void place_read(Place *place, Statement *row, int column);

/* As it stands in the table; an unknown one is an error's. */
JournalOutcome journal_outcome_find(const char *name);
JournalOutcome journal_outcome_read(Statement *row, int column);

/* A row of MAIL_COLUMNS; whole: case_json and plan_json follow. */
JournalMail *journal_mail_read(Statement *row, gboolean whole);

/* Fill in the place where the mail was seen last. */
gboolean journal_mail_read_place(Store *store, JournalMail *mail, GError **error);
