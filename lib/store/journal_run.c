#include "store/journal_run.h"

#include <string.h>

#include "store/database.h"

/* What a run reads ahead at least; all of them together about a page. */
#define AHEAD_LEAST 16

/* Behind every string that begins with a known one and is no longer. */
#define NEXT_STRING "\x01"

/* The first run behind the one of ?1 ?2 ?3, which are the least that may follow: the index is
 * entered anew for each run, and not walked over. */
static const char NEXT_RUN[] =
        "SELECT * FROM (SELECT outcome, class, missing FROM mail"
        " WHERE outcome = ?1 AND class IS ?2 AND missing >= ?3"
        " ORDER BY missing LIMIT 1) UNION ALL "
        "SELECT * FROM (SELECT outcome, class, missing FROM mail"
        " WHERE outcome = ?1 AND class >= ?4 ORDER BY class, missing LIMIT 1)"
        " UNION ALL "
        "SELECT * FROM (SELECT outcome, class, missing FROM mail"
        " WHERE outcome >= ?5 ORDER BY outcome, class, missing LIMIT 1) LIMIT 1";

#define OF_RUN " FROM mail WHERE outcome = ?1 AND class IS ?2 AND missing IS ?3"
static const char READ_DOWN[] =
        "SELECT seen_at, id" OF_RUN " AND (seen_at, id) < (?4, ?5) AND seen_at >= ?6"
        " ORDER BY seen_at DESC, id DESC LIMIT ?7";
static const char READ_UP[] =
        "SELECT seen_at, id" OF_RUN " AND (seen_at, id) > (?4, ?5) AND seen_at < ?6"
        " ORDER BY seen_at, id LIMIT ?7";
static const char COUNT[] = "SELECT count(*)" OF_RUN " AND seen_at >= ?4";

/* Whose reply waits, and who is held, are read from indexes alone: after a flood each is a
 * hundred thousand mails, and to look at their rows would take a second. Those of the first
 * that are not of the second are hardly ever any, as an outcome is written with what becomes
 * of the reply. */
static const char LIST_WAITING[] =
        "SELECT mail_id FROM outbox WHERE kind = 'reply' AND state IN ('held', "
        "'unknown')"
        " AND state NOT IN ('done', 'cancelled') AND mail_id IS NOT NULL";
static const char LIST_HELD[] = "SELECT id FROM mail WHERE outcome = 'held'";
static const char GET_WAITING[] =
        "SELECT seen_at, id, class, missing FROM mail WHERE id = ?1"
        " AND seen_at >= ?2 AND seen_at < ?3";

/* A mail whose reply waits. */
typedef struct {
	gint64 mail;
	gboolean held; /* by its outcome too */
} Waiting;

typedef struct {
	char *outcome, *class,
	        *missing; /* the key; outcome NULL: those of the outbox */
	GArray *spots;    /* of Spot, read ahead */
	guint next;       /* of these */
	gboolean ended;   /* no more can be read */
} Run;

struct JournalRuns {
	const JournalFilter *filter;
	GPtrArray *runs; /* of Run */
};

static void
run_free(gpointer pointer)
{
	Run *run = pointer;
	g_free(run->outcome);
	g_free(run->class);
	g_free(run->missing);
	g_array_unref(run->spots);
	g_free(run);
}

static Run *
run_new(void)
{
	Run *run = g_new0(Run, 1);
	run->spots = g_array_new(FALSE, FALSE, sizeof(Spot));
	return run;
}

void
journal_runs_free(JournalRuns *runs)
{
	if (runs == NULL)
		return;
	g_ptr_array_unref(runs->runs);
	g_free(runs);
}

gboolean
journal_runs_serve(const JournalFilter *filter)
{
	return filter->conversation == 0 &&
	       (filter->class != NULL || filter->missing != NULL || filter->held);
}

/* Whether a list has an item, or all of an alternative: "a|b" is found in "a|b,c". */
static gboolean
list_has(const char *list, const char *item)
{
	if (list == NULL)
		return FALSE;
	g_autofree char *whole = g_strconcat(",", list, ",", NULL);
	g_autofree char *wanted = g_strconcat(",", item, ",", NULL);
	return strstr(g_strdelimit(whole, "|", ','), g_strdelimit(wanted, "|", ',')) !=
	       NULL;
}

static gboolean
is_wanted(const JournalFilter *filter, const char *class, const char *missing)
{
	return (filter->class == NULL || g_strcmp0(filter->class, class) == 0) &&
	       (filter->missing == NULL || list_has(missing, filter->missing));
}

static char *
behind(const char *text)
{
	return text != NULL ? g_strconcat(text, NEXT_STRING, NULL) : g_strdup("");
}

/* The run behind one (NULL: the first); NULL without an error: there is none. */
static Run *
run_behind(Database *database, const Run *last, GError **error)
{
	const char *outcome = last != NULL ? last->outcome : "";
	const char *class = last != NULL ? last->class : NULL;
	g_autofree char *outcomes = behind(last != NULL ? outcome : NULL),
	                *classes = behind(class),
	                *missings = behind(last != NULL ? last->missing : NULL);
	g_autoptr(Statement) query = database_query(database, NEXT_RUN, error, "sssss",
	        outcome, class, missings, classes, outcomes);
	if (query == NULL || statement_step(query, error) != STEP_ROW)
		return NULL;
	Run *run = run_new();
	run->outcome = statement_text(query, 0);
	run->class = statement_text(query, 1);
	run->missing = statement_text(query, 2);
	return run;
}

static gboolean
find_runs(JournalRuns *runs, Database *database, GError **error)
{
	const JournalFilter *filter = runs->filter;
	GError *failed = NULL;
	Run *run = run_behind(database, NULL, &failed);
	while (run != NULL) {
		Run *next = run_behind(database, run, &failed);
		if (is_wanted(filter, run->class, run->missing) &&
		        (!filter->held || strcmp(run->outcome, "held") == 0))
			g_ptr_array_add(runs->runs, run);
		else
			run_free(run);
		run = next;
	}
	if (failed != NULL)
		g_propagate_error(error, failed);
	return failed == NULL;
}

static gint64
until_of(const JournalFilter *filter)
{
	return filter->until != 0 ? filter->until : G_MAXINT64;
}

static int
compare_spots(const Spot *left, const Spot *right)
{
	if (left->seen_at != right->seen_at)
		return left->seen_at < right->seen_at ? -1 : 1;
	return left->id < right->id ? -1 : left->id > right->id;
}

static gint
compare_up(gconstpointer left, gconstpointer right)
{
	return compare_spots(left, right);
}

static gint
compare_down(gconstpointer left, gconstpointer right)
{
	return compare_spots(right, left);
}

static GCompareFunc
order_of(const JournalFilter *filter)
{
	return filter->oldest_first ? compare_up : compare_down;
}

static gint
compare_waiting(gconstpointer left, gconstpointer right)
{
	const Waiting *one = left, *other = right;
	return one->mail < other->mail ? -1 : one->mail > other->mail;
}

/* Of Waiting, by mail. */
static GArray *
list_waiting(Database *database, GError **error)
{
	g_autoptr(GArray) waiting = g_array_new(FALSE, FALSE, sizeof(Waiting));
	g_autoptr(Statement) query = database_query(database, LIST_WAITING, error, "");
	Step step = STEP_FAILED;
	while (query != NULL && (step = statement_step(query, error)) == STEP_ROW) {
		Waiting one = { statement_int(query, 0), FALSE };
		g_array_append_val(waiting, one);
	}
	g_array_sort(waiting, compare_waiting);
	return step == STEP_END ? g_steal_pointer(&waiting) : NULL;
}

static gboolean
mark_held(GArray *waiting, Database *database, GError **error)
{
	g_autoptr(Statement) query = database_query(database, LIST_HELD, error, "");
	Step step = STEP_FAILED;
	guint at;
	while (query != NULL && (step = statement_step(query, error)) == STEP_ROW) {
		Waiting held = { statement_int(query, 0), TRUE };
		if (g_array_binary_search(waiting, &held, compare_waiting, &at))
			g_array_index(waiting, Waiting, at).held = TRUE;
	}
	return step == STEP_END;
}

static gboolean
add_waiting(Run *run, Database *database, const JournalFilter *filter, gint64 mail,
        GError **error)
{
	g_autoptr(Statement) query = database_query(database, GET_WAITING, error, "iii",
	        mail, filter->since, until_of(filter));
	Step step = query != NULL ? statement_step(query, error) : STEP_FAILED;
	if (step != STEP_ROW)
		return step == STEP_END;
	Spot spot = { statement_int(query, 0), statement_int(query, 1) };
	if (is_wanted(filter, statement_peek(query, 2), statement_peek(query, 3)))
		g_array_append_val(run->spots, spot);
	return TRUE;
}

/* Mails whose reply is held or of unknown fate, and that are not held by their outcome. */
static gboolean
find_waiting(JournalRuns *runs, Database *database, GError **error)
{
	Run *run = run_new();
	run->ended = TRUE;
	g_ptr_array_add(runs->runs, run);
	g_autoptr(GArray) waiting = list_waiting(database, error);
	if (waiting == NULL ||
	        (waiting->len > 0 && !mark_held(waiting, database, error)))
		return FALSE;
	for (guint i = 0; i < waiting->len; i++) {
		const Waiting *one = &g_array_index(waiting, Waiting, i);
		if (!one->held &&
		        !add_waiting(run, database, runs->filter, one->mail, error))
			return FALSE;
	}
	g_array_sort(run->spots, order_of(runs->filter));
	return TRUE;
}

JournalRuns *
journal_runs_new(Store *store, const JournalFilter *filter, GError **error)
{
	g_autoptr(JournalRuns) runs = g_new0(JournalRuns, 1);
	runs->filter = filter;
	runs->runs = g_ptr_array_new_with_free_func(run_free);
	return find_runs(runs, store_database(store), error) &&
	                       (!filter->held ||
	                               find_waiting(runs, store_database(store), error))
	               ? g_steal_pointer(&runs)
	               : NULL;
}

/* Read on behind a spot. */
static gboolean
run_read(Run *run, Database *database, const JournalFilter *filter, const Spot *after,
        guint max, GError **error)
{
	const char *sql = filter->oldest_first ? READ_UP : READ_DOWN;
	gint64 end = filter->oldest_first ? until_of(filter) : filter->since;
	g_autoptr(Statement) query = database_query(database, sql, error, "sssiiii",
	        run->outcome, run->class, run->missing, after->seen_at, after->id, end,
	        (gint64)max);
	Step step = STEP_FAILED;
	g_array_set_size(run->spots, 0);
	run->next = 0;
	while (query != NULL && (step = statement_step(query, error)) == STEP_ROW) {
		Spot spot = { statement_int(query, 0), statement_int(query, 1) };
		g_array_append_val(run->spots, spot);
	}
	run->ended = run->spots->len < max;
	return step == STEP_END;
}

/* Begin a page behind a spot. */
static gboolean
run_begin(Run *run, Database *database, const JournalFilter *filter, const Spot *after,
        guint max, GError **error)
{
	if (run->outcome != NULL)
		return run_read(run, database, filter, after, max, error);
	while (run->next < run->spots->len &&
	        order_of(filter)(&g_array_index(run->spots, Spot, run->next), after) <=
	                0)
		run->next++;
	return TRUE;
}

/* The run whose next mail is the first of all; NULL: all are ended. */
static Run *
first_run(const JournalRuns *runs)
{
	GCompareFunc compare = order_of(runs->filter);
	Run *first = NULL;
	for (guint i = 0; i < runs->runs->len; i++) {
		Run *run = g_ptr_array_index(runs->runs, i);
		if (run->next < run->spots->len &&
		        (first == NULL ||
		                compare(&g_array_index(run->spots, Spot, run->next),
		                        &g_array_index(
		                                first->spots, Spot, first->next)) < 0))
			first = run;
	}
	return first;
}

/* Add the next spot of a run, unless it came before: a mail may have got another outcome. */
static void
take_spot(Run *run, Spot *last, GArray *spots)
{
	Spot spot = g_array_index(run->spots, Spot, run->next++);
	if (compare_spots(&spot, last) != 0)
		g_array_append_val(spots, spot);
	*last = spot;
}

gboolean
journal_runs_page(JournalRuns *runs, Store *store, const Spot *after, guint max,
        GArray *spots, GError **error)
{
	const JournalFilter *filter = runs->filter;
	Database *database = store_database(store);
	guint ahead = AHEAD_LEAST + max / MAX(runs->runs->len, 1);
	Spot last = { filter->oldest_first ? filter->since : until_of(filter), 0 };
	Run *run;
	if (after != NULL)
		last = *after;
	for (guint i = 0; i < runs->runs->len; i++)
		if (!run_begin(g_ptr_array_index(runs->runs, i), database, filter,
		            &last, ahead, error))
			return FALSE;
	while (spots->len < max && (run = first_run(runs)) != NULL) {
		take_spot(run, &last, spots);
		if (run->next == run->spots->len && !run->ended &&
		        !run_read(run, database, filter, &last, ahead, error))
			return FALSE;
	}
	return TRUE;
}

gboolean
journal_runs_count(const JournalRuns *runs, Store *store, RunVisitor visit,
        gpointer data, GError **error)
{
	for (guint i = 0; i < runs->runs->len; i++) {
		const Run *run = g_ptr_array_index(runs->runs, i);
		gint64 mails;
		if (!database_ask(store_database(store), COUNT, &mails, error, "sssi",
		            run->outcome, run->class, run->missing,
		            runs->filter->since))
			return FALSE;
		visit(run->outcome, run->class, mails, data);
	}
	return TRUE;
}
