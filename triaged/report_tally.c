#include "triaged/report_tally.h"

#include <string.h>

#include "store/correction.h"
#include "store/report_walk.h"
#include "triaged/report_what_if.h"

#define CLASS_NOT_A_TICKET "not-a-ticket"

/* Reasons come from a short list, but for what a server or a file said. */
#define REASONS_MAX 60
#define REASON_OTHER "other"

/* Conversations are numbered one by one; beyond this the store is not one of ours. */
#define THREADS_MAX 50000000

/* The local day can only change at a quarter of an hour, in any zone. */
#define DAY_STEP (15 * G_TIME_SPAN_MINUTE)

/* How a conversation's checklist stands: numbers of what is missing, 0: no checklist. */
typedef struct {
	ReportClass
	        *class; /* the first mail's; NULL: it began before the report's time */
	guint first, now;
} Thread;

/* How many tickets lack just this. */
typedef struct {
	char *items; /* "date,headers"; "" nothing */
	gint64 first, now;
} Lacking;

typedef struct {
	JournalReport *report;
	GHashTable
	        *classes; /* ReportClass's id, by the pair in the key -> ReportClass */
	GHashTable *signatures;                /* id -> ReportSignature */
	GHashTable *held_for, *suppressed_for; /* reason -> gint64 * */
	GHashTable *what_held, *what_suppressed;
	GHashTable *missing;     /* "date,headers" -> its number */
	GArray *lacking;         /* of Lacking, by number; 0 is no checklist */
	GArray *threads;         /* of Thread, by the conversation's id */
	GHashTable *corrected;   /* mail id -> the class an agent chose last */
	GHashTable *changes;     /* "from\tto" -> gint64 * */
	WhatIf *what_if;         /* or NULL */
	GHashTable *what_ifs;    /* ReportClass -> ReportWhatIf */
	gint64 day_from, day_to; /* what the day below holds for */
	gint32 day;
} Tally;

/* A class and its detail, as the walk gives them. */
typedef struct {
	const char *class, *detail;
} ClassKey;

static guint
class_key_hash(gconstpointer pointer)
{
	const ClassKey *key = pointer;
	return g_str_hash(key->class) * 31 +
	       (key->detail != NULL ? g_str_hash(key->detail) : 0);
}

static gboolean
class_key_equal(gconstpointer left, gconstpointer right)
{
	const ClassKey *one = left, *other = right;
	return strcmp(one->class, other->class) == 0 &&
	       g_strcmp0(one->detail, other->detail) == 0;
}

static void
class_key_free(gpointer pointer)
{
	ClassKey *key = pointer;
	g_free((char *)(gpointer)key->class);
	g_free((char *)(gpointer)key->detail);
	g_free(key);
}

static ReportClass *
tally_class(Tally *tally, const char *name, const char *detail)
{
	ClassKey key = { name, detail };
	ReportClass *class = g_hash_table_lookup(tally->classes, &key);
	if (class != NULL)
		return class;
	class = g_new0(ReportClass, 1);
	class->class = g_strdup(name);
	class->id =
	        detail != NULL ? g_strconcat(name, "/", detail, NULL) : g_strdup(name);
	class->answers = quantile_new();
	class->days = g_hash_table_new(NULL, NULL);
	ClassKey *kept = g_new0(ClassKey, 1);
	kept->class = g_strdup(name);
	kept->detail = g_strdup(detail);
	g_hash_table_insert(tally->classes, kept, class);
	g_ptr_array_add(tally->report->classes, class);
	return class;
}

/* Add one to a named count. */
static void
count_name(GHashTable *counts, const char *name, guint most)
{
	gint64 *count = g_hash_table_lookup(counts, name);
	if (count == NULL && most > 0 && g_hash_table_size(counts) >= most) {
		name = REASON_OTHER;
		count = g_hash_table_lookup(counts, name);
	}
	if (count == NULL) {
		count = g_new0(gint64, 1);
		g_hash_table_insert(counts, g_strdup(name), count);
	}
	++*count;
}

static void
count_reason(GHashTable *counts, const char *reason)
{
	count_name(counts, reason != NULL ? reason : "none", REASONS_MAX);
}

static gint32
tally_day(Tally *tally, gint64 time)
{
	if (time >= tally->day_from && time < tally->day_to)
		return tally->day;
	tally->day = report_day(time);
	tally->day_from = time;
	tally->day_to = time - time % DAY_STEP + DAY_STEP;
	return tally->day;
}

static guint
missing_number(Tally *tally, const char *missing)
{
	if (missing == NULL)
		return 0;
	gpointer number = g_hash_table_lookup(tally->missing, missing);
	if (number != NULL)
		return GPOINTER_TO_UINT(number);
	Lacking lacking = { g_strdup(missing), 0, 0 };
	guint next = tally->lacking->len;
	g_array_append_val(tally->lacking, lacking);
	g_hash_table_insert(tally->missing, lacking.items, GUINT_TO_POINTER(next));
	return next;
}

static void
tally_ticket(Tally *tally, const ReportMail *mail, ReportClass *class)
{
	gint32 day = tally_day(tally, mail->seen_at);
	gpointer key = GINT_TO_POINTER(day);
	gpointer count = g_hash_table_lookup(class->days, key);
	g_hash_table_insert(
	        class->days, key, GINT_TO_POINTER(GPOINTER_TO_INT(count) + 1));
	class->tickets++;
	tally->report->tickets++;
}

/* What a conversation comes to. */
static void
settle_thread(Tally *tally, const Thread *thread)
{
	ReportClass *class = thread->class;
	if (class == NULL || thread->first == 0)
		return;
	Lacking *first = &g_array_index(tally->lacking, Lacking, thread->first);
	Lacking *now = &g_array_index(tally->lacking, Lacking, thread->now);
	class->listed++;
	class->complete_first += first->items[0] == '\0';
	class->complete_now += thread->now != 0 && now->items[0] == '\0';
	first->first++;
	now->now++;
}

/* Items accumulate: what the newest mail of a conversation lacks is what it lacks. */
static void
tally_thread(Tally *tally, const ReportMail *mail, ReportClass *class)
{
	guint first = missing_number(tally, mail->first_missing),
	      now = missing_number(tally, mail->missing);
	if (mail->conversation <= 0 || mail->conversation > THREADS_MAX) {
		if (mail->root)
			settle_thread(tally, &(Thread){ class, first, now });
		return;
	}
	guint index = (guint)mail->conversation;
	if (index >= tally->threads->len)
		g_array_set_size(tally->threads, index + 1);
	Thread *thread = &g_array_index(tally->threads, Thread, index);
	if (mail->root)
		*thread = (Thread){ class, first, now };
	else if (now != 0)
		thread->now = now;
}

static void
tally_outcome(Tally *tally, const ReportMail *mail, ReportClass *class)
{
	JournalReport *report = tally->report;
	switch (mail->outcome) {
	case JOURNAL_PENDING: report->pending++; break;
	case JOURNAL_REPLIED: class->replied++; break;
	case JOURNAL_DRAFTED: class->drafted++; break;
	case JOURNAL_HELD:
		class->held++;
		count_reason(tally->held_for, mail->reason);
		break;
	case JOURNAL_NO_REPLY:
		class->suppressed++;
		count_reason(tally->suppressed_for, mail->reason);
		break;
	case JOURNAL_ERROR: break;
	}
}

/* From its arrival in the mailbox, or when that is not known from when it was seen. */
static void
tally_answer(Tally *tally, const ReportMail *mail, ReportClass *class)
{
	if (mail->answered_at == 0)
		return;
	gint64 arrived = mail->internaldate != 0 ? mail->internaldate : mail->seen_at;
	gint64 took = mail->answered_at - MIN(arrived, mail->seen_at);
	quantile_add(class->answers, took);
	quantile_add(tally->report->answers, took);
}

static void
tally_signature(Tally *tally, const ReportMail *mail, gboolean corrected)
{
	if (mail->signature == NULL)
		return;
	ReportSignature *signature =
	        g_hash_table_lookup(tally->signatures, mail->signature);
	if (signature == NULL) {
		signature = g_new0(ReportSignature, 1);
		signature->id = g_strdup(mail->signature);
		g_hash_table_insert(tally->signatures, signature->id, signature);
		g_ptr_array_add(tally->report->signatures, signature);
	}
	signature->decided++;
	signature->corrected += corrected;
}

/* An agent who puts the first class back agrees after all. */
static void
tally_correction(Tally *tally, const ReportMail *mail, ReportClass *class)
{
	const char *to = g_hash_table_lookup(tally->corrected, &mail->id);
	gboolean corrected = to != NULL && strcmp(to, mail->class) != 0 &&
	                     g_strcmp0(to, mail->detail) != 0;
	class->decided++;
	tally_signature(tally, mail, corrected);
	if (!corrected)
		return;
	g_autofree char *change = g_strconcat(class->id, "\t", to, NULL);
	class->corrected++;
	count_name(tally->changes, change, 0);
}

static void
tally_what_if(Tally *tally, const ReportMail *mail, ReportClass *class)
{
	const char *reason;
	if (tally->what_if == NULL)
		return;
	ReportWhatIf *sum = g_hash_table_lookup(tally->what_ifs, class);
	if (sum == NULL) {
		sum = g_new0(ReportWhatIf, 1);
		g_hash_table_insert(tally->what_ifs, class, sum);
	}
	switch (what_if_ask(tally->what_if, mail, &reason)) {
	case WHAT_SEND: sum->sent++; break;
	case WHAT_DRAFT: sum->drafted++; break;
	case WHAT_HOLD:
		sum->held++;
		count_reason(tally->what_held, reason);
		break;
	case WHAT_SUPPRESS:
		sum->suppressed++;
		count_reason(tally->what_suppressed, reason);
		break;
	}
}

static gboolean
is_ticket(const ReportMail *mail)
{
	return mail->root && strcmp(mail->class, CLASS_NOT_A_TICKET) != 0;
}

static void
tally_mail(const ReportMail *mail, gpointer data)
{
	Tally *tally = data;
	JournalReport *report = tally->report;
	if (report->mails++ == 0)
		report->first_at = report->last_at = mail->seen_at;
	report->first_at = MIN(report->first_at, mail->seen_at);
	report->last_at = MAX(report->last_at, mail->seen_at);
	if (mail->class == NULL) {
		report->errors++;
		return;
	}
	ReportClass *class = tally_class(tally, mail->class, mail->detail);
	class->mails++;
	report->follow_ups += !mail->root;
	if (is_ticket(mail))
		tally_ticket(tally, mail, class);
	tally_thread(tally, mail, class);
	tally_outcome(tally, mail, class);
	tally_answer(tally, mail, class);
	tally_correction(tally, mail, class);
	tally_what_if(tally, mail, class);
}

static ReportItem *
item_of(GPtrArray *items, const char *name)
{
	for (guint i = 0; i < items->len; i++) {
		ReportItem *item = g_ptr_array_index(items, i);
		if (strcmp(item->item, name) == 0)
			return item;
	}
	ReportItem *item = g_new0(ReportItem, 1);
	item->item = g_strdup(name);
	g_ptr_array_add(items, item);
	return item;
}

static void
take_items(Tally *tally)
{
	for (guint i = 1; i < tally->lacking->len; i++) {
		const Lacking *lacking = &g_array_index(tally->lacking, Lacking, i);
		g_auto(GStrv) names = g_strsplit(lacking->items, ",", -1);
		for (guint j = 0; names[j] != NULL; j++) {
			if (names[j][0] == '\0' || lacking->first + lacking->now == 0)
				continue;
			ReportItem *item = item_of(tally->report->items, names[j]);
			item->first += lacking->first;
			item->now += lacking->now;
		}
	}
}

static void
take_counts(GPtrArray *counts, GHashTable *names)
{
	GHashTableIter each;
	gpointer name, count;
	g_hash_table_iter_init(&each, names);
	while (g_hash_table_iter_next(&each, &name, &count)) {
		ReportCount *taken = g_new0(ReportCount, 1);
		taken->name = g_strdup(name);
		taken->count = *(gint64 *)count;
		g_ptr_array_add(counts, taken);
	}
}

static void
take_changes(Tally *tally)
{
	GHashTableIter each;
	gpointer name, count;
	g_hash_table_iter_init(&each, tally->changes);
	while (g_hash_table_iter_next(&each, &name, &count)) {
		ReportChange *change = g_new0(ReportChange, 1);
		const char *to = strchr(name, '\t');
		change->from = g_strndup(name, (gsize)(to - (char *)name));
		change->to = g_strdup(to + 1);
		change->count = *(gint64 *)count;
		g_ptr_array_add(tally->report->changes, change);
	}
}

static void
take_classes(Tally *tally)
{
	JournalReport *report = tally->report;
	for (guint i = 0; i < report->classes->len; i++) {
		const ReportClass *class = g_ptr_array_index(report->classes, i);
		report->listed += class->listed;
		report->complete_first += class->complete_first;
		report->complete_now += class->complete_now;
		report->replied += class->replied;
		report->drafted += class->drafted;
		report->held += class->held;
		report->suppressed += class->suppressed;
		report->decided += class->decided;
		report->corrected += class->corrected;
		ReportWhatIf *sum = g_hash_table_lookup(tally->what_ifs, class);
		if (sum == NULL)
			continue;
		sum->id = g_strdup(class->id);
		g_ptr_array_add(report->what_ifs, sum);
	}
}

static void
tally_finish(Tally *tally)
{
	JournalReport *report = tally->report;
	for (guint i = 0; i < tally->threads->len; i++)
		settle_thread(tally, &g_array_index(tally->threads, Thread, i));
	take_items(tally);
	take_counts(report->held_for, tally->held_for);
	take_counts(report->suppressed_for, tally->suppressed_for);
	take_counts(report->what_held, tally->what_held);
	take_counts(report->what_suppressed, tally->what_suppressed);
	take_changes(tally);
	take_classes(tally);
}

static void
lacking_clear(gpointer pointer)
{
	Lacking *lacking = pointer;
	g_free(lacking->items);
}

static GHashTable *
counts_new(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

static void
tally_init(Tally *tally, JournalReport *report)
{
	Lacking none = { g_strdup(""), 0, 0 };
	*tally = (Tally){ .report = report,
		.classes = g_hash_table_new_full(
		        class_key_hash, class_key_equal, class_key_free, NULL),
		.signatures = g_hash_table_new(g_str_hash, g_str_equal),
		.held_for = counts_new(),
		.suppressed_for = counts_new(),
		.what_held = counts_new(),
		.what_suppressed = counts_new(),
		.missing = g_hash_table_new(g_str_hash, g_str_equal),
		.lacking = g_array_new(FALSE, TRUE, sizeof(Lacking)),
		.threads = g_array_new(FALSE, TRUE, sizeof(Thread)),
		.corrected = g_hash_table_new_full(
		        g_int64_hash, g_int64_equal, g_free, g_free),
		.changes = counts_new(),
		.what_ifs = g_hash_table_new(NULL, NULL) };
	g_array_set_clear_func(tally->lacking, lacking_clear);
	g_array_append_val(tally->lacking, none);
}

static void
tally_clear(Tally *tally)
{
	GHashTable *tables[] = { tally->classes, tally->signatures, tally->held_for,
		tally->suppressed_for, tally->what_held, tally->what_suppressed,
		tally->missing, tally->corrected, tally->changes, tally->what_ifs };
	for (gsize i = 0; i < G_N_ELEMENTS(tables); i++)
		g_hash_table_unref(tables[i]);
	g_array_unref(tally->lacking);
	g_array_unref(tally->threads);
	what_if_free(tally->what_if);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Tally, tally_clear)

/* The last correction of a mail is what holds, also one that came after the report's time. */
static gboolean
read_corrections(Tally *tally, Store *store, GError **error)
{
	g_autoptr(GPtrArray) corrections =
	        corrections_list(store, tally->report->since, 0, error);
	for (guint i = 0; corrections != NULL && i < corrections->len; i++) {
		Correction *correction = g_ptr_array_index(corrections, i);
		if (correction->to != NULL)
			g_hash_table_replace(tally->corrected,
			        g_memdup2(&correction->mail, sizeof correction->mail),
			        g_strdup(correction->to));
	}
	return corrections != NULL;
}

gboolean
report_tally(JournalReport *report, Store *store, const Settings *settings,
        const Catalogue *catalogue, GError **error)
{
	g_auto(Tally) tally = { 0 };
	tally_init(&tally, report);
	if (report->what_if)
		tally.what_if = what_if_new(settings, catalogue, report->what_if_mode);
	if (!read_corrections(&tally, store, error) ||
	        !report_each(
	                store, report->since, report->until, tally_mail, &tally, error))
		return FALSE;
	tally_finish(&tally);
	return TRUE;
}
