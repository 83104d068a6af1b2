#include "store/person.h"

#include <string.h>

#include "base/errors.h"
#include "store/database.h"
#include "store/erasure.h"
#include "store/event.h"

#define EVENT_FORGOTTEN "forgotten"

/* ?1 is the address in lower case, as in all that follow. */
static const char FIND_MAILS[] =
        "WITH own (id) AS (SELECT id FROM mail WHERE from_address = ?1 UNION"
        " SELECT mail_id FROM outbox WHERE recipient = ?1 AND mail_id IS NOT NULL)"
        " SELECT id FROM own UNION SELECT id FROM mail WHERE conversation_id IN"
        " (SELECT conversation_id FROM mail WHERE id IN own) ORDER BY 1";
#define NAMED(column, table, id)                                                       \
	"SELECT " id ", " column " FROM " table " WHERE instr(lower(" column           \
	"), ?1) > 0"
/* Where words of mails stand; whether they name the very address is seen in the text. */
static const char FIND_NAMED[] =
        NAMED("case_json", "finding", "mail_id") " UNION ALL " NAMED(
                "plan_json", "finding", "mail_id") " UNION ALL " NAMED("text",
                "unmatched", "mail_id") " UNION ALL " NAMED("form", "unmatched",
                "mail_id") " UNION ALL " NAMED("detail", "event",
                "mail_id") " UNION ALL " NAMED("subject", "mail",
                "id") " UNION ALL " NAMED("message_id", "mail",
                "id") " UNION ALL " NAMED("words", "outbox",
                "mail_id") " UNION ALL " NAMED("CAST(payload AS TEXT)", "outbox",
                "mail_id") " UNION ALL " NAMED("c.data",
                "mail m JOIN conversation c ON c.id = m.conversation_id",
                "m.id") " UNION ALL " NAMED("t.message_id",
                "mail m JOIN thread t ON t.conversation_id = m.conversation_id",
                "m.id") " ORDER BY 1";
static const char HAS_BOUNCED[] =
        "SELECT EXISTS (SELECT 1 FROM bounced WHERE address = ?1)";
static const char IS_UNDER_WAY[] =
        "SELECT EXISTS (SELECT 1 FROM outbox WHERE mail_id = ?1"
        " AND state IN ('claimed', 'attempted'))";
/* Others' replies must go out, or be decided on, with every word in them. */
static const char IS_WAITING[] =
        "SELECT EXISTS (SELECT 1 FROM outbox WHERE mail_id = ?1"
        " AND kind NOT IN ('tag', 'move') AND state NOT IN ('done', 'cancelled'))";
static const char SETTLE_MAIL[] =
        "UPDATE mail SET outcome = 'no-reply', reason = '" EVENT_FORGOTTEN "'"
        " WHERE id = ?1 AND outcome IN ('pending', 'held')";
static const char HIDE_BOUNCED[] =
        "UPDATE OR REPLACE bounced SET address = ?2, reason = NULL WHERE address = ?1";
static const char ERASE_REASONS[] =
        "UPDATE bounced SET reason = NULL WHERE instr(lower(reason), ?1) > 0";
static const char ERASE_NOTES[] = "DELETE FROM note WHERE instr(lower(value), ?1) > 0";

void
person_free(Person *person)
{
	if (person == NULL)
		return;
	g_clear_pointer(&person->mails, g_array_unref);
	g_clear_pointer(&person->mentions, g_array_unref);
	g_free(person);
}

static gboolean
is_address_char(char letter)
{
	return g_ascii_isalnum(letter) || (letter != '\0' && strchr("_%+-", letter));
}

/* A dot ends a sentence, or goes on with the domain. */
static gboolean
stands_alone(const char *text, const char *end, const char *at, gsize length)
{
	const char *behind = at + length;
	if (at > text && (is_address_char(at[-1]) || at[-1] == '.'))
		return FALSE;
	if (behind < end && *behind == '.')
		return behind + 1 == end || !g_ascii_isalnum(behind[1]);
	return behind == end || !is_address_char(*behind);
}

gboolean
person_is_named(const char *text, gsize length, const char *address)
{
	gsize size = strlen(address);
	const char *end = text + length;
	for (const char *at = text; size > 0 && (gsize)(end - at) >= size; at++)
		if (g_ascii_tolower(*at) == g_ascii_tolower(*address) &&
		        g_ascii_strncasecmp(at, address, size) == 0 &&
		        stands_alone(text, end, at, size))
			return TRUE;
	return FALSE;
}

static GArray *
find_mails(Store *store, const char *address, GError **error)
{
	g_autoptr(GArray) mails = g_array_new(FALSE, FALSE, sizeof(gint64));
	g_autoptr(Statement) query =
	        database_query(store_database(store), FIND_MAILS, error, "s", address);
	Step step = STEP_FAILED;
	while (query != NULL && (step = statement_step(query, error)) == STEP_ROW) {
		gint64 id = statement_int(query, 0);
		g_array_append_val(mails, id);
	}
	return step == STEP_END ? g_steal_pointer(&mails) : NULL;
}

static gboolean
holds(const GArray *ids, gint64 id)
{
	for (guint i = 0; i < ids->len; i++)
		if (g_array_index(ids, gint64, i) == id)
			return TRUE;
	return FALSE;
}

/* Rows come by mail, so that only the last one found may be the same. */
static GArray *
find_mentions(Store *store, const char *address, const GArray *own, GError **error)
{
	g_autoptr(GArray) mentions = g_array_new(FALSE, FALSE, sizeof(gint64));
	g_autoptr(Statement) query =
	        database_query(store_database(store), FIND_NAMED, error, "s", address);
	Step step = STEP_FAILED;
	gint64 last = 0;
	while (query != NULL && (step = statement_step(query, error)) == STEP_ROW) {
		gint64 id = statement_int(query, 0);
		const char *text = statement_peek(query, 1);
		if (id == last || text == NULL || holds(own, id) ||
		        !person_is_named(text, strlen(text), address))
			continue;
		last = id;
		g_array_append_val(mentions, id);
	}
	return step == STEP_END ? g_steal_pointer(&mentions) : NULL;
}

Person *
person_find(Store *store, const char *address, GError **error)
{
	g_autoptr(Person) person = g_new0(Person, 1);
	g_autofree char *key = g_utf8_strdown(address, -1);
	gint64 bounced;
	person->mails = find_mails(store, key, error);
	if (person->mails == NULL)
		return NULL;
	person->mentions = find_mentions(store, key, person->mails, error);
	if (person->mentions == NULL || !database_ask(store_database(store),
	                                        HAS_BOUNCED, &bounced, error, "s", key))
		return NULL;
	person->bounced = bounced != 0;
	return g_steal_pointer(&person);
}

static gboolean
check_none_under_way(Store *store, const GArray *mails, GError **error)
{
	for (guint i = 0; i < mails->len; i++) {
		gint64 id = g_array_index(mails, gint64, i), under_way;
		if (!database_ask(store_database(store), IS_UNDER_WAY, &under_way,
		            error, "i", id))
			return FALSE;
		if (under_way == 0)
			continue;
		g_set_error(error, TRIAGED_ERROR, ERROR_TEMPORARY,
		        "something of mail %" G_GINT64_FORMAT
		        " is just being carried out: try again in a minute",
		        id);
		return FALSE;
	}
	return TRUE;
}

/* The mail's story says that it was forgotten, and nothing else. */
static gboolean
forget_mail(Store *store, gint64 id, gint64 now, GError **error)
{
	JournalEvent event = { .mail = id, .at = now, .what = (char *)EVENT_FORGOTTEN };
	return erasure_of_mail(store, id, error) &&
	       journal_add_event(store, &event, error);
}

static gboolean
forget_mentions(Store *store, const GArray *mentions, gint64 now,
        PersonForgotten *forgotten, GError **error)
{
	for (guint i = 0; i < mentions->len; i++) {
		gint64 id = g_array_index(mentions, gint64, i), waiting;
		if (!database_ask(store_database(store), IS_WAITING, &waiting, error,
		            "i", id))
			return FALSE;
		if (waiting == 0 && !forget_mail(store, id, now, error))
			return FALSE;
		*(waiting != 0 ? &forgotten->waiting : &forgotten->mentions) += 1;
	}
	return TRUE;
}

static gboolean
forget_beside(Store *store, const char *key, GError **error)
{
	Database *database = store_database(store);
	g_autofree char *hidden = signing_key_hide(store_secret(store), key);
	return database_run(database, HIDE_BOUNCED, error, "ss", key, hidden) &&
	       database_run(database, ERASE_REASONS, error, "s", key) &&
	       database_run(database, ERASE_NOTES, error, "s", key);
}

static gboolean
forget_mails(Store *store, const GArray *mails, gint64 now, GError **error)
{
	for (guint i = 0; i < mails->len; i++) {
		gint64 id = g_array_index(mails, gint64, i);
		if (!forget_mail(store, id, now, error) ||
		        !database_run(
		                store_database(store), SETTLE_MAIL, error, "i", id))
			return FALSE;
	}
	return TRUE;
}

gboolean
person_forget(Store *store, const Person *found, const char *address, gint64 now,
        PersonForgotten *forgotten, GError **error)
{
	g_autofree char *key = g_utf8_strdown(address, -1);
	g_autoptr(GArray) mails = find_mails(store, key, error);
	*forgotten = (PersonForgotten){ 0 };
	if (mails == NULL || !check_none_under_way(store, mails, error) ||
	        !forget_mails(store, mails, now, error))
		return FALSE;
	forgotten->mails = mails->len;
	return forget_mentions(store, found->mentions, now, forgotten, error) &&
	       forget_beside(store, key, error);
}
