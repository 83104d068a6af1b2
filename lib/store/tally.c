#include "store/tally.h"

#include "store/database.h"

#define OTHER "other"

/* As they stand in the table. */
static const char *const names[] = { "mail", "gate", "effect", "failure", "start",
	"outage", "analysis", "pickup", "reply" };
G_STATIC_ASSERT(G_N_ELEMENTS(names) == TALLY_COUNT);

/* From the analysis of a small mail to a server that was away for a night. */
const double tally_bucket_ends[TALLY_BUCKETS] = { 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
	2.5, 10, 60, 300, 3600, 43200 };

static const char RAISE[] =
        "UPDATE tally SET value = value + 1 WHERE name = ?1 AND label = ?2"
        " AND other = ?3";
static const char COUNT_LABELS[] = "SELECT count(*) FROM tally WHERE name = ?1";
static const char BEGIN[] =
        "INSERT INTO tally (name, label, other, value) VALUES (?1, ?2, ?3, 1)"
        " ON CONFLICT DO UPDATE SET value = value + 1";
static const char KIND_OF_EFFECT[] = "SELECT kind FROM outbox WHERE id = ?1";
static const char ADD_SECONDS[] =
        "INSERT INTO tally_time (name, bucket, mails, seconds) VALUES (?1, ?2, 1, ?3)"
        " ON CONFLICT DO UPDATE SET mails = mails + 1, seconds = seconds + ?3";
static const char LIST[] = "SELECT label, other, value FROM tally WHERE name = ?1"
                           " ORDER BY label, other";
static const char LIST_TIMES[] =
        "SELECT bucket, mails, seconds FROM tally_time WHERE name = ?1";

gboolean
tally_add(Store *store, TallyName name, const char *label, const char *other,
        GError **error)
{
	Database *database = store_database(store);
	const char *word = names[name];
	gint64 labels;
	label = label != NULL ? label : "";
	other = other != NULL ? other : "";
	if (!database_run(database, RAISE, error, "sss", word, label, other))
		return FALSE;
	if (database_changed_rows(database) > 0)
		return TRUE;
	if (!database_ask(database, COUNT_LABELS, &labels, error, "s", word))
		return FALSE;
	if (labels >= TALLY_LABELS)
		label = other = OTHER;
	return database_run(database, BEGIN, error, "sss", word, label, other);
}

gboolean
tally_add_effect(Store *store, gint64 effect, const char *result, GError **error)
{
	g_autoptr(Statement) query = database_query(
	        store_database(store), KIND_OF_EFFECT, error, "i", effect);
	if (query == NULL || statement_step(query, error) != STEP_ROW)
		return FALSE;
	g_autofree char *kind = statement_text(query, 0);
	return tally_add(store, TALLY_EFFECT, kind, result, error);
}

gboolean
tally_add_time(Store *store, TallyName name, gint64 microseconds, GError **error)
{
	double seconds = (double)MAX(microseconds, 0) / G_USEC_PER_SEC;
	gint64 bucket = 0;
	while (bucket < TALLY_BUCKETS && seconds > tally_bucket_ends[bucket])
		bucket++;
	return database_run(store_database(store), ADD_SECONDS, error, "sid",
	        names[name], bucket, seconds);
}

static void
tally_free(gpointer pointer)
{
	Tally *tally = pointer;
	g_free(tally->label);
	g_free(tally->other);
	g_free(tally);
}

GPtrArray *
tally_list(Store *store, TallyName name, GError **error)
{
	g_autoptr(GPtrArray) tallies = g_ptr_array_new_with_free_func(tally_free);
	g_autoptr(Statement) query =
	        database_query(store_database(store), LIST, error, "s", names[name]);
	Step step = STEP_FAILED;
	while (query != NULL && (step = statement_step(query, error)) == STEP_ROW) {
		Tally *tally = g_new0(Tally, 1);
		tally->label = statement_text(query, 0);
		tally->other = statement_text(query, 1);
		tally->count = statement_int(query, 2);
		g_ptr_array_add(tallies, tally);
	}
	return step == STEP_END ? g_steal_pointer(&tallies) : NULL;
}

gboolean
tally_read_times(Store *store, TallyName name, TallyTimes *times, GError **error)
{
	g_autoptr(Statement) query = database_query(
	        store_database(store), LIST_TIMES, error, "s", names[name]);
	Step step = STEP_FAILED;
	*times = (TallyTimes){ 0 };
	while (query != NULL && (step = statement_step(query, error)) == STEP_ROW) {
		gint64 bucket = CLAMP(statement_int(query, 0), 0, TALLY_BUCKETS);
		times->counts[bucket] += statement_int(query, 1);
		times->seconds += statement_double(query, 2);
	}
	return step == STEP_END;
}
