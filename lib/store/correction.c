#include "store/correction.h"

#include <string.h>

#include "base/text.h"
#include "store/database.h"
#include "store/event.h"

/* "spam-detected -> sender-blacklisted, -triage-a +triage-b, by assistenza": as a person
 * reads it, and still without doubt: neither an id nor a keyword holds a blank. */
#define ARROW " -> "
#define COMMA ", "
#define BY ", by "

#define WHO_MAX 120

static const char OF_MAIL[] =
        "SELECT mail_id, at, what, detail FROM event WHERE mail_id = ?1"
        " AND what IN ('" EVENT_CORRECTION "', '" EVENT_RETAGGED "') ORDER BY id";
static const char OF_TIME[] =
        "SELECT mail_id, at, what, detail FROM event WHERE what = '" EVENT_CORRECTION
        "'"
        " AND at >= ?1 AND at < ?2 ORDER BY at, id";

void
correction_free(Correction *correction)
{
	if (correction == NULL)
		return;
	g_free(correction->from);
	g_free(correction->to);
	g_free(correction->changes);
	g_free(correction->who);
	g_free(correction);
}

gboolean
correction_add(Store *store, const Correction *correction, GError **error)
{
	gboolean class = correction->to != NULL;
	g_autofree char *who = text_one_line(correction->who, WHO_MAX);
	g_autofree char *detail = g_strconcat(class ? correction->from : "",
	        class ? ARROW : "", class ? correction->to : "", class ? COMMA : "",
	        correction->changes, BY, who, NULL);
	JournalEvent event = { .mail = correction->mail,
		.at = correction->at,
		.what = class ? (char *)EVENT_CORRECTION : (char *)EVENT_RETAGGED,
		.detail = detail };
	return journal_add_event(store, &event, error);
}

/* The text up to a mark, and *text behind it; NULL, and *text as it was, when it is not there. */
static char *
take_until(const char **text, const char *mark)
{
	const char *at = strstr(*text, mark);
	if (at == NULL)
		return NULL;
	char *taken = g_strndup(*text, (gsize)(at - *text));
	*text = at + strlen(mark);
	return taken;
}

/* Takes detail, which may be an event that somebody else wrote: then only changes is set. */
static Correction *
correction_read(Statement *row)
{
	Correction *correction = g_new0(Correction, 1);
	g_autofree char *what = statement_text(row, 2);
	g_autofree char *detail = statement_text(row, 3);
	const char *rest = detail != NULL ? detail : "";
	correction->mail = statement_int(row, 0);
	correction->at = statement_int(row, 1);
	if (strcmp(what, EVENT_CORRECTION) == 0) {
		correction->from = take_until(&rest, ARROW);
		correction->to = take_until(&rest, COMMA);
	}
	correction->changes = take_until(&rest, BY);
	correction->who = g_strdup(rest);
	return correction;
}

static GPtrArray *
corrections_read(Statement *query, GError **error)
{
	g_autoptr(GPtrArray) corrections =
	        g_ptr_array_new_with_free_func((GDestroyNotify)correction_free);
	Step step;
	if (query == NULL)
		return NULL;
	while ((step = statement_step(query, error)) == STEP_ROW) {
		g_autoptr(Correction) correction = correction_read(query);
		if (correction->changes != NULL)
			g_ptr_array_add(corrections, g_steal_pointer(&correction));
	}
	return step == STEP_END ? g_steal_pointer(&corrections) : NULL;
}

GPtrArray *
corrections_of_mail(Store *store, gint64 mail, GError **error)
{
	g_autoptr(Statement) query =
	        database_query(store_database(store), OF_MAIL, error, "i", mail);
	return corrections_read(query, error);
}

GPtrArray *
corrections_list(Store *store, gint64 since, gint64 until, GError **error)
{
	g_autoptr(Statement) query = database_query(store_database(store), OF_TIME,
	        error, "ii", since, until != 0 ? until : G_MAXINT64);
	return corrections_read(query, error);
}
