#include "store/schema.h"
#include "base/errors.h"

/* case_json and plan_json stand in a table of their own: lists walk over a million mails
 * without reading them. */
static const char VERSION_1[] =
        "CREATE TABLE cursor ("
        "  mailbox TEXT NOT NULL, folder TEXT NOT NULL,"
        "  uidvalidity INTEGER NOT NULL, next_uid INTEGER NOT NULL,"
        "  answer_from INTEGER NOT NULL, highestmodseq INTEGER NOT NULL,"
        "  started_at INTEGER NOT NULL,"
        "  PRIMARY KEY (mailbox, folder, uidvalidity)) STRICT, WITHOUT ROWID;"
        "CREATE TABLE conversation ("
        "  id INTEGER PRIMARY KEY AUTOINCREMENT, token TEXT UNIQUE,"
        "  root_id INTEGER, created_at INTEGER NOT NULL, state TEXT NOT NULL,"
        "  reason TEXT, data TEXT) STRICT;"
        "CREATE TABLE thread ("
        "  message_id TEXT PRIMARY KEY,"
        "  conversation_id INTEGER NOT NULL"
        "  REFERENCES conversation(id) ON DELETE CASCADE,"
        "  ours INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
        "CREATE INDEX thread_conversation ON thread(conversation_id);"
        "CREATE TABLE mail ("
        "  id INTEGER PRIMARY KEY AUTOINCREMENT, sha256 TEXT NOT NULL UNIQUE,"
        "  message_id TEXT, from_address TEXT, subject TEXT,"
        "  internaldate INTEGER NOT NULL, seen_at INTEGER NOT NULL,"
        "  nature TEXT, class TEXT, detail TEXT, confidence REAL NOT NULL,"
        "  missing TEXT, action TEXT, reason TEXT, outcome TEXT NOT NULL,"
        "  outcome_at INTEGER NOT NULL, tags TEXT, error TEXT,"
        "  conversation_id INTEGER REFERENCES conversation(id)) STRICT;"
        "CREATE INDEX mail_message_id ON mail(message_id);"
        "CREATE INDEX mail_from ON mail(from_address, seen_at);"
        "CREATE INDEX mail_seen ON mail(seen_at);"
        "CREATE INDEX mail_class ON mail(class, seen_at);"
        "CREATE INDEX mail_detail ON mail(detail, seen_at)"
        " WHERE detail IS NOT NULL;"
        "CREATE INDEX mail_outcome ON mail(outcome, class, seen_at);"
        "CREATE INDEX mail_conversation ON mail(conversation_id)"
        " WHERE conversation_id IS NOT NULL;"
        "CREATE TABLE finding ("
        "  mail_id INTEGER PRIMARY KEY REFERENCES mail(id) ON DELETE CASCADE,"
        "  case_json TEXT, plan_json TEXT) STRICT;"
        "CREATE TABLE place ("
        "  mailbox TEXT NOT NULL, folder TEXT NOT NULL,"
        "  uidvalidity INTEGER NOT NULL, uid INTEGER NOT NULL,"
        "  mail_id INTEGER NOT NULL REFERENCES mail(id) ON DELETE CASCADE,"
        "  added_at INTEGER NOT NULL,"
        "  PRIMARY KEY (mailbox, folder, uidvalidity, uid)) STRICT, WITHOUT ROWID;"
        "CREATE INDEX place_mail ON place(mail_id, added_at);"
        "CREATE TABLE event ("
        "  id INTEGER PRIMARY KEY,"
        "  mail_id INTEGER NOT NULL REFERENCES mail(id) ON DELETE CASCADE,"
        "  at INTEGER NOT NULL, what TEXT NOT NULL, detail TEXT) STRICT;"
        "CREATE INDEX event_mail ON event(mail_id);"
        "CREATE INDEX event_what ON event(what, at);"
        "CREATE TABLE outbox ("
        "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
        "  mail_id INTEGER REFERENCES mail(id) ON DELETE CASCADE,"
        "  conversation_id INTEGER REFERENCES conversation(id),"
        "  kind TEXT NOT NULL, state TEXT NOT NULL, mailbox TEXT NOT NULL,"
        "  folder TEXT, uidvalidity INTEGER, uid INTEGER, recipient TEXT,"
        "  envelope_from TEXT, message_id TEXT, attempts INTEGER NOT NULL,"
        "  unknowns INTEGER NOT NULL, added_at INTEGER NOT NULL,"
        "  queued_at INTEGER NOT NULL, next_at INTEGER NOT NULL,"
        "  changed_at INTEGER NOT NULL, code INTEGER NOT NULL, words TEXT,"
        "  owner TEXT, payload BLOB NOT NULL) STRICT;"
        "CREATE INDEX outbox_due ON outbox(kind, mailbox, next_at)"
        " WHERE state = 'queued';"
        "CREATE INDEX outbox_open ON outbox(kind, state, queued_at)"
        " WHERE state NOT IN ('done', 'cancelled');"
        "CREATE INDEX outbox_mail ON outbox(mail_id);"
        "CREATE INDEX outbox_recipient ON outbox(recipient, queued_at)"
        " WHERE kind = 'reply';"
        "CREATE INDEX outbox_reply ON outbox(queued_at) WHERE kind = 'reply';"
        "CREATE INDEX outbox_conversation ON outbox(conversation_id)"
        " WHERE kind = 'reply';"
        "CREATE TABLE breaker ("
        "  id INTEGER PRIMARY KEY CHECK (id = 1), since INTEGER NOT NULL,"
        "  reason TEXT) STRICT;"
        "CREATE TABLE bounced ("
        "  address TEXT PRIMARY KEY, reason TEXT, at INTEGER NOT NULL,"
        "  until INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
        "CREATE TABLE note ("
        "  scope TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
        "  at INTEGER NOT NULL,"
        "  PRIMARY KEY (scope, key)) STRICT, WITHOUT ROWID;";

/* What the report asks of a mail beside what it is now, and what no signature knew. */
static const char VERSION_2[] =
        "ALTER TABLE mail ADD COLUMN signature TEXT;"
        "ALTER TABLE mail ADD COLUMN first_missing TEXT;"
        "ALTER TABLE mail ADD COLUMN answered_at INTEGER;"
        "UPDATE mail SET first_missing = missing, answered_at ="
        " CASE outcome WHEN 'replied' THEN outcome_at END;"
        "CREATE TABLE unmatched ("
        "  mail_id INTEGER NOT NULL REFERENCES mail(id) ON DELETE CASCADE,"
        "  at INTEGER NOT NULL, form TEXT NOT NULL, text TEXT NOT NULL) STRICT;"
        "CREATE INDEX unmatched_mail ON unmatched(mail_id);"
        "CREATE INDEX unmatched_form ON unmatched(form, mail_id, at);";

/* How many mails each class and outcome has, kept by the database itself, so that the status
 * of a million mails is read at once, and a mail that is deleted is not forgotten here. */
#define COUNT_UP                                                                       \
	" INSERT INTO mail_count VALUES (ifnull(new.class, ''), new.outcome, 1)"       \
	" ON CONFLICT DO UPDATE SET mails = mails + 1;"
#define COUNT_DOWN                                                                     \
	" UPDATE mail_count SET mails = mails - 1"                                     \
	" WHERE class = ifnull(old.class, '') AND outcome = old.outcome;"
static const char VERSION_3[] =
        "CREATE TABLE mail_count ("
        "  class TEXT NOT NULL, outcome TEXT NOT NULL, mails INTEGER NOT NULL,"
        "  PRIMARY KEY (class, outcome)) STRICT, WITHOUT ROWID;"
        "INSERT INTO mail_count SELECT ifnull(class, ''), outcome, count(*)"
        "  FROM mail GROUP BY 1, 2;"
        "CREATE TRIGGER mail_counted AFTER INSERT ON mail BEGIN" COUNT_UP " END;"
        "CREATE TRIGGER mail_recounted AFTER UPDATE OF class, outcome ON mail"
        "  WHEN old.class IS NOT new.class OR old.outcome IS NOT new.outcome"
        "  BEGIN" COUNT_DOWN COUNT_UP " END;"
        "CREATE TRIGGER mail_uncounted AFTER DELETE ON mail BEGIN" COUNT_DOWN " END;";

/* What only counts up, for the metrics (store/tally.h); begun with what the journal knows. */
static const char VERSION_4[] =
        "CREATE TABLE tally ("
        "  name TEXT NOT NULL, label TEXT NOT NULL, other TEXT NOT NULL,"
        "  value INTEGER NOT NULL,"
        "  PRIMARY KEY (name, label, other)) STRICT, WITHOUT ROWID;"
        "CREATE TABLE tally_time ("
        "  name TEXT NOT NULL, bucket INTEGER NOT NULL, mails INTEGER NOT NULL,"
        "  seconds REAL NOT NULL,"
        "  PRIMARY KEY (name, bucket)) STRICT, WITHOUT ROWID;"
        "INSERT INTO tally SELECT 'mail', ifnull(class, ''), ifnull(action, ''),"
        "  count(*) FROM mail GROUP BY 2, 3;"
        "INSERT INTO tally SELECT 'gate', reason, '', count(*) FROM mail"
        "  WHERE action IN ('hold', 'suppress') AND reason IS NOT NULL GROUP BY 2;"
        "INSERT INTO tally SELECT 'effect', kind, state, count(*) FROM outbox"
        "  WHERE state IN ('done', 'refused', 'unknown') GROUP BY 2, 3;";

/* What is due, and what counts for the limits, is found without walking over the rest: a mail of
 * a flood costs what a single mail costs. */
static const char VERSION_5[] =
        "DROP INDEX IF EXISTS outbox_due;"
        "CREATE INDEX IF NOT EXISTS outbox_due_reply ON outbox(next_at)"
        " WHERE state = 'queued' AND kind = 'reply';"
        "CREATE INDEX IF NOT EXISTS outbox_due_other ON outbox(mailbox, next_at)"
        " WHERE state = 'queued' AND kind <> 'reply';"
        "DROP INDEX IF EXISTS outbox_reply;"
        "CREATE INDEX IF NOT EXISTS outbox_counted ON outbox(queued_at)"
        " WHERE kind = 'reply' AND state NOT IN ('held', 'refused', 'cancelled');";

/* Who floods the mailbox has thousands of replies held: those are not walked over at each of his
 * mails to count the few that count. */
static const char VERSION_6[] =
        "DROP INDEX IF EXISTS outbox_recipient;"
        "CREATE INDEX outbox_recipient ON outbox(recipient, queued_at)"
        " WHERE kind = 'reply' AND state NOT IN ('held', 'refused', 'cancelled');";

/* One index in place of two serves every list by class, outcome and what is missing
 * (store/journal_run.h). What a detail's mails lack, and which mails have a reply that waits, is
 * read from the index too, without the rows. */
static const char VERSION_7[] =
        "DROP INDEX IF EXISTS mail_class;"
        "DROP INDEX IF EXISTS mail_outcome;"
        "CREATE INDEX IF NOT EXISTS mail_run"
        " ON mail(outcome, class, missing, seen_at);"
        "DROP INDEX IF EXISTS mail_detail;"
        "CREATE INDEX mail_detail ON mail(detail, seen_at, missing)"
        " WHERE detail IS NOT NULL;"
        "DROP INDEX IF EXISTS outbox_open;"
        "CREATE INDEX outbox_open ON outbox(kind, state, queued_at, mail_id)"
        " WHERE state NOT IN ('done', 'cancelled');";

static const char *const migrations[] = { VERSION_1, VERSION_2, VERSION_3, VERSION_4,
	VERSION_5, VERSION_6, VERSION_7 };

static const char READ_VERSION[] = "PRAGMA user_version";
static const char READ_APPLICATION_ID[] = "PRAGMA application_id";
static const char COUNT_TABLES[] = "SELECT count(*) FROM sqlite_schema";

/* A fresh file has no tables and no id yet. */
static gboolean
schema_is_ours(Database *database, const char *file, GError **error)
{
	gint64 id, tables;
	if (!database_ask(database, READ_APPLICATION_ID, &id, error, "") ||
	        !database_ask(database, COUNT_TABLES, &tables, error, ""))
		return FALSE;
	if (id == SCHEMA_APPLICATION_ID || (id == 0 && tables == 0))
		return TRUE;
	g_set_error(error, TRIAGED_ERROR, ERROR_STORE,
	        "store '%s' is the database of another program: set 'state' to a "
	        "directory of "
	        "its own",
	        file);
	return FALSE;
}

static gboolean
migrate_one(Database *database, gint64 version, GError **error)
{
	g_autofree char *stamp = g_strdup_printf(
	        "PRAGMA application_id = %d; PRAGMA user_version = %" G_GINT64_FORMAT,
	        SCHEMA_APPLICATION_ID, version + 1);
	if (database_execute(database, migrations[version], error) &&
	        database_execute(database, stamp, error))
		return TRUE;
	g_prefix_error(error, "version %d: ", (int)version + 1);
	return FALSE;
}

/* All in one commit: a new store is there at once, and one that cannot be brought up to date
 * stays what it was. */
static gboolean
migrate(Database *database, gint64 version, gint64 wanted, GError **error)
{
	gboolean ok = database_begin(database, error);
	for (; ok && version < wanted; version++)
		ok = migrate_one(database, version, error);
	if (ok && database_commit(database, error))
		return TRUE;
	database_rollback(database);
	return FALSE;
}

gboolean
schema_prepare(
        Database *database, const char *file, gboolean may_migrate, GError **error)
{
	gint64 version;
	if (!schema_is_ours(database, file, error) ||
	        !database_ask(database, READ_VERSION, &version, error, ""))
		return FALSE;
	gint64 wanted = G_N_ELEMENTS(migrations);
	if (version > wanted) {
		g_set_error(error, TRIAGED_ERROR, ERROR_STORE,
		        "store '%s' has version %d, this program knows up to %d: "
		        "install the newer "
		        "triaged again, or restore the copy made before it",
		        file, (int)version, (int)wanted);
		return FALSE;
	}
	if (version < wanted && !may_migrate) {
		g_set_error(error, TRIAGED_ERROR, ERROR_STORE,
		        "store '%s' has version %d, this program needs %d: restart "
		        "triaged, which "
		        "migrates it",
		        file, (int)version, (int)wanted);
		return FALSE;
	}
	return version == wanted || migrate(database, version, wanted, error);
}
