#include "triaged/report.h"

#include <string.h>

#include "triaged/report_likes.h"
#include "triaged/report_tally.h"

static void
class_free(gpointer pointer)
{
	ReportClass *class = pointer;
	g_free(class->id);
	g_free(class->class);
	quantile_free(class->answers);
	g_hash_table_unref(class->days);
	g_free(class);
}

static void
signature_free_counts(gpointer pointer)
{
	ReportSignature *signature = pointer;
	g_free(signature->id);
	g_free(signature);
}

static void
item_free_counts(gpointer pointer)
{
	ReportItem *item = pointer;
	g_free(item->item);
	g_free(item);
}

static void
count_free(gpointer pointer)
{
	ReportCount *count = pointer;
	g_free(count->name);
	g_free(count);
}

static void
change_free(gpointer pointer)
{
	ReportChange *change = pointer;
	g_free(change->from);
	g_free(change->to);
	g_free(change);
}

static void
likes_free(gpointer pointer)
{
	ReportLikes *likes = pointer;
	g_free(likes->form);
	g_free(likes->example);
	g_free(likes);
}

static void
what_if_sum_free(gpointer pointer)
{
	ReportWhatIf *sum = pointer;
	g_free(sum->id);
	g_free(sum);
}

static JournalReport *
journal_report_new(const ReportWish *wish)
{
	JournalReport *report = g_new0(JournalReport, 1);
	report->since = wish->since;
	report->until = wish->until;
	report->now = wish->now;
	report->what_if = wish->what_if;
	report->what_if_mode = wish->mode;
	report->answers = quantile_new();
	report->classes = g_ptr_array_new_with_free_func(class_free);
	report->items = g_ptr_array_new_with_free_func(item_free_counts);
	report->held_for = g_ptr_array_new_with_free_func(count_free);
	report->suppressed_for = g_ptr_array_new_with_free_func(count_free);
	report->likes = g_ptr_array_new_with_free_func(likes_free);
	report->signatures = g_ptr_array_new_with_free_func(signature_free_counts);
	report->changes = g_ptr_array_new_with_free_func(change_free);
	report->what_ifs = g_ptr_array_new_with_free_func(what_if_sum_free);
	report->what_held = g_ptr_array_new_with_free_func(count_free);
	report->what_suppressed = g_ptr_array_new_with_free_func(count_free);
	return report;
}

void
journal_report_free(JournalReport *report)
{
	if (report == NULL)
		return;
	GPtrArray *lists[] = { report->classes, report->items, report->held_for,
		report->suppressed_for, report->likes, report->signatures,
		report->changes, report->what_ifs, report->what_held,
		report->what_suppressed };
	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
		g_ptr_array_unref(lists[i]);
	quantile_free(report->answers);
	g_free(report);
}

/* More first; of equals by name, so that two reports of the same journal are equal. */
static int
compare_counted(
        gint64 left, gint64 right, const char *left_name, const char *right_name)
{
	if (left != right)
		return left > right ? -1 : 1;
	return strcmp(left_name, right_name);
}

#define COMPARE(name, type, count, id)                                                 \
	static int name(gconstpointer left, gconstpointer right)                       \
	{                                                                              \
		const type *one = *(const type *const *)left;                          \
		const type *other = *(const type *const *)right;                       \
		return compare_counted(one->count, other->count, one->id, other->id);  \
	}

COMPARE(compare_classes, ReportClass, tickets, id)
COMPARE(compare_items, ReportItem, first, item)
COMPARE(compare_counts, ReportCount, count, name)
COMPARE(compare_likes, ReportLikes, count, form)
COMPARE(compare_signatures, ReportSignature, corrected, id)
COMPARE(compare_changes, ReportChange, count, from)
COMPARE(compare_what_ifs, ReportWhatIf, sent, id)

static void
report_sort(JournalReport *report)
{
	g_ptr_array_sort(report->classes, compare_classes);
	g_ptr_array_sort(report->items, compare_items);
	g_ptr_array_sort(report->held_for, compare_counts);
	g_ptr_array_sort(report->suppressed_for, compare_counts);
	g_ptr_array_sort(report->likes, compare_likes);
	g_ptr_array_sort(report->signatures, compare_signatures);
	g_ptr_array_sort(report->changes, compare_changes);
	g_ptr_array_sort(report->what_ifs, compare_what_ifs);
	g_ptr_array_sort(report->what_held, compare_counts);
	g_ptr_array_sort(report->what_suppressed, compare_counts);
}

JournalReport *
journal_report_read(Store *store, const Settings *settings, const Catalogue *catalogue,
        const ReportWish *wish, GError **error)
{
	g_autoptr(JournalReport) report = journal_report_new(wish);
	if (!report_tally(report, store, settings, catalogue, error) ||
	        !report_likes(report, store, wish->addresses, error))
		return NULL;
	report_sort(report);
	if (report->mails > 0) {
		report->first_day = report_day(report->first_at);
		report->last_day = report_day(report->last_at);
	}
	return g_steal_pointer(&report);
}

gint32
report_day(gint64 time)
{
	g_autoptr(GDateTime) local =
	        g_date_time_new_from_unix_local(time / G_USEC_PER_SEC);
	int year, month, day;
	if (local == NULL)
		return 1;
	g_date_time_get_ymd(local, &year, &month, &day);
	GDate date;
	g_date_clear(&date, 1);
	g_date_set_dmy(&date, (GDateDay)day, (GDateMonth)month, (GDateYear)year);
	return (gint32)g_date_get_julian(&date);
}

char *
report_day_name(gint32 day)
{
	GDate date;
	g_date_clear(&date, 1);
	g_date_set_julian(&date, (guint32)day);
	return g_strdup_printf("%04d-%02d-%02d", g_date_get_year(&date),
	        g_date_get_month(&date), g_date_get_day(&date));
}

double
report_percent(gint64 part, gint64 all)
{
	return all > 0 ? 100.0 * (double)part / (double)all : -1;
}
