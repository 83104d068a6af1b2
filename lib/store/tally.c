#include "store/tally.h"

#include <string.h>

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
        "UPDATE tally SET value = value + ?4 WHERE name = ?1 AND label = ?2"
        " AND other = ?3";
static const char COUNT_LABELS[] = "SELECT count(*) FROM tally WHERE name = ?1";
static const char BEGIN[] =
        "INSERT INTO tally (name, label, other, value) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT DO UPDATE SET value = value + ?4";
static const char ADD_SECONDS[] =
        "INSERT INTO tally_time (name, bucket, mails, seconds) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT DO UPDATE SET mails = mails + ?3, seconds = seconds + ?4";
static const char LIST[] = "SELECT label, other, value FROM tally WHERE name = ?1"
                           " ORDER BY label, other";
static const char LIST_TIMES[] =
        "SELECT bucket, mails, seconds FROM tally_time WHERE name = ?1";

typedef struct {
	TallyName name;
	char *label, *other;
	gint64 count;
} Raise;

typedef struct {
	gint64 mails;
	double seconds;
} Times;

/* A mail counts in half a dozen places, and its neighbours in the same ones: a batch writes each
 * place once. */
struct TallyPad {
	GArray *raises; /* of Raise; as many as there are different labels */
	Times times[TALLY_COUNT][TALLY_BUCKETS + 1];
};

static void
raise_clear(gpointer element)
{
	Raise *raise = element;
	g_free(raise->label);
	g_free(raise->other);
}

TallyPad *
tally_pad_new(void)
{
	TallyPad *pad = g_new0(TallyPad, 1);
	pad->raises = g_array_new(FALSE, FALSE, sizeof(Raise));
	g_array_set_clear_func(pad->raises, raise_clear);
	return pad;
}

void
tally_pad_free(TallyPad *pad)
{
	if (pad == NULL)
		return;
	g_array_unref(pad->raises);
	g_free(pad);
}

void
tally_pad_clear(TallyPad *pad)
{
	g_array_set_size(pad->raises, 0);
	memset(pad->times, 0, sizeof pad->times);
}

gboolean
tally_add(Store *store, TallyName name, const char *label, const char *other,
        GError **error)
{
	GArray *raises = store_tallies(store)->raises;
	if (!database_check_writing(store_database(store), error))
		return FALSE;
	label = label != NULL ? label : "";
	other = other != NULL ? other : "";
	for (guint i = 0; i < raises->len; i++) {
		Raise *raise = &g_array_index(raises, Raise, i);
		if (raise->name == name && g_str_equal(raise->label, label) &&
		        g_str_equal(raise->other, other)) {
			raise->count++;
			return TRUE;
		}
	}
	Raise raise = { name, g_strdup(label), g_strdup(other), 1 };
	g_array_append_val(raises, raise);
	return TRUE;
}

gboolean
tally_add_time(Store *store, TallyName name, gint64 microseconds, GError **error)
{
	double seconds = (double)MAX(microseconds, 0) / G_USEC_PER_SEC;
	gint64 bucket = 0;
	if (!database_check_writing(store_database(store), error))
		return FALSE;
	while (bucket < TALLY_BUCKETS && seconds > tally_bucket_ends[bucket])
		bucket++;
	Times *times = &store_tallies(store)->times[name][bucket];
	times->mails++;
	times->seconds += seconds;
	return TRUE;
}

static gboolean
write_raise(Database *database, const Raise *raise, GError **error)
{
	const char *word = names[raise->name];
	const char *label = raise->label, *other = raise->other;
	gint64 labels;
	if (!database_run(
	            database, RAISE, error, "sssi", word, label, other, raise->count))
		return FALSE;
	if (database_changed_rows(database) > 0)
		return TRUE;
	if (!database_ask(database, COUNT_LABELS, &labels, error, "s", word))
		return FALSE;
	if (labels >= TALLY_LABELS)
		label = other = OTHER;
	return database_run(
	        database, BEGIN, error, "sssi", word, label, other, raise->count);
}

static gboolean
write_times(Database *database, const TallyPad *pad, TallyName name, GError **error)
{
	for (gint64 bucket = 0; bucket <= TALLY_BUCKETS; bucket++) {
		const Times *times = &pad->times[name][bucket];
		if (times->mails > 0 &&
		        !database_run(database, ADD_SECONDS, error, "siid", names[name],
		                bucket, times->mails, times->seconds))
			return FALSE;
	}
	return TRUE;
}

gboolean
tally_pad_write(TallyPad *pad, Store *store, GError **error)
{
	Database *database = store_database(store);
	for (guint i = 0; i < pad->raises->len; i++)
		if (!write_raise(
		            database, &g_array_index(pad->raises, Raise, i), error))
			return FALSE;
	for (TallyName name = 0; name < TALLY_COUNT; name++)
		if (!write_times(database, pad, name, error))
			return FALSE;
	tally_pad_clear(pad);
	return TRUE;
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
