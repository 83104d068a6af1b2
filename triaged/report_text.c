#include <stdio.h>

#include "base/moment.h"
#include "base/text.h"
#include "triaged/report_form.h"
#include "triaged/table.h"

/* What fits on a screen; --json and --html have all of it. */
#define DAYS_SHOWN 7
#define LIKES_SHOWN 15
#define SIGNATURES_SHOWN 15
#define CHANGES_SHOWN 15

#define LIKES_CHARS 110

static char *
number(gint64 value)
{
	return g_strdup_printf("%" G_GINT64_FORMAT, value);
}

static char *
percent(gint64 part, gint64 all)
{
	return all > 0 ? g_strdup_printf("%.1f%%", report_percent(part, all)) : NULL;
}

/* "0.31 s", "4 min", "2.5 h"; NULL for none. */
static char *
duration(gint64 time)
{
	double seconds = (double)time / G_USEC_PER_SEC;
	if (time < 0)
		return NULL;
	if (seconds < 100)
		return g_strdup_printf("%.*f s", seconds < 10 ? 2 : 0, seconds);
	if (seconds < 100 * 60)
		return g_strdup_printf("%.0f min", seconds / 60);
	return g_strdup_printf("%.1f h", seconds / 3600);
}

static void
print_head(const JournalReport *report)
{
	g_autofree char *from =
	        moment_show(report->since != 0 ? report->since : report->first_at);
	g_autofree char *to =
	        moment_show(report->until != 0 ? report->until : report->last_at);
	g_autofree char *first = percent(report->complete_first, report->listed);
	g_autofree char *now = percent(report->complete_now, report->listed);
	g_autofree char *median = duration(quantile_at(report->answers, 0.5));
	g_autofree char *p95 = duration(quantile_at(report->answers, 0.95));
	printf("%s to %s\n", from, to);
	printf("%" G_GINT64_FORMAT " mails: %" G_GINT64_FORMAT
	       " tickets, %" G_GINT64_FORMAT " follow-ups; %" G_GINT64_FORMAT
	       " could not be analysed\n",
	        report->mails, report->tickets, report->follow_ups, report->errors);
	if (report->listed > 0)
		printf("complete at the first mail %s, now %s, of %" G_GINT64_FORMAT
		       " tickets with a checklist\n",
		        first, now, report->listed);
	if (quantile_count(report->answers) > 0)
		printf("answered in %s (median), %s (95%% of all), counted from the "
		       "arrival\n",
		        median, p95);
	printf("mails replied to %" G_GINT64_FORMAT ", drafted %" G_GINT64_FORMAT
	       ", held %" G_GINT64_FORMAT ", without a reply %" G_GINT64_FORMAT
	       ", on their way %" G_GINT64_FORMAT "\n",
	        report->replied, report->drafted, report->held, report->suppressed,
	        report->pending);
}

static void
add_class(Table *table, const ReportClass *class, gint64 tickets)
{
	g_autofree char *count = number(class->tickets);
	g_autofree char *share = percent(class->tickets, tickets);
	g_autofree char *first = percent(class->complete_first, class->listed);
	g_autofree char *now = percent(class->complete_now, class->listed);
	g_autofree char *median = duration(quantile_at(class->answers, 0.5));
	g_autofree char *p95 = duration(quantile_at(class->answers, 0.95));
	g_autofree char *held = number(class->held);
	g_autofree char *agreed =
	        percent(class->decided - class->corrected, class->decided);
	const char *cells[] = { class->id, count, share, first, now, median, p95, held,
		agreed };
	table_add(table, stdout, cells);
}

static void
print_classes(const JournalReport *report)
{
	static const char *const titles[] = { "CLASS", ">TICKETS", ">SHARE", ">FIRST",
		">NOW", ">MEDIAN", ">P95", ">HELD", ">AGREED", NULL };
	g_autoptr(Table) table = table_new(titles);
	for (guint i = 0; i < report->classes->len; i++)
		add_class(
		        table, g_ptr_array_index(report->classes, i), report->tickets);
	puts("");
	table_print(table, stdout);
}

static void
add_days(Table *table, const ReportClass *class, gint32 first, gint32 last)
{
	g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);
	gint64 all = 0;
	g_ptr_array_add(cells, g_strdup(class->id));
	for (gint32 day = first; day <= last; day++) {
		int count = GPOINTER_TO_INT(
		        g_hash_table_lookup(class->days, GINT_TO_POINTER(day)));
		all += count;
		g_ptr_array_add(cells, count != 0 ? number(count) : g_strdup(""));
	}
	if (all > 0)
		table_add(table, stdout, (const char *const *)cells->pdata);
}

/* The last days only; titles such as "11-06". */
static void
print_days(const JournalReport *report)
{
	g_autoptr(GPtrArray) titles = g_ptr_array_new_with_free_func(g_free);
	gint32 last = report->last_day,
	       first = MAX(report->first_day, last - DAYS_SHOWN + 1);
	g_ptr_array_add(titles, g_strdup("TICKETS BY DAY"));
	for (gint32 day = first; day <= last; day++) {
		g_autofree char *name = report_day_name(day);
		g_ptr_array_add(
		        titles, g_strconcat(">", name + sizeof "2026-" - 1, NULL));
	}
	g_ptr_array_add(titles, NULL);
	g_autoptr(Table) table = table_new((const char *const *)titles->pdata);
	for (guint i = 0; i < report->classes->len; i++)
		add_days(table, g_ptr_array_index(report->classes, i), first, last);
	puts("");
	table_print(table, stdout);
}

static void
print_items(const JournalReport *report)
{
	static const char *const titles[] = { "MISSING", ">AT FIRST", ">SHARE", ">NOW",
		NULL };
	g_autoptr(Table) table = table_new(titles);
	if (report->items->len == 0)
		return;
	for (guint i = 0; i < report->items->len; i++) {
		const ReportItem *item = g_ptr_array_index(report->items, i);
		g_autofree char *first = number(item->first);
		g_autofree char *share = percent(item->first, report->listed);
		g_autofree char *now = number(item->now);
		const char *cells[] = { item->item, first, share, now };
		table_add(table, stdout, cells);
	}
	puts("");
	table_print(table, stdout);
}

static void
print_counts(const char *title, const GPtrArray *counts)
{
	const char *titles[] = { title, ">MAILS", NULL };
	g_autoptr(Table) table = table_new(titles);
	if (counts->len == 0)
		return;
	for (guint i = 0; i < counts->len; i++) {
		const ReportCount *count = g_ptr_array_index(counts, i);
		g_autofree char *mails = number(count->count);
		const char *cells[] = { count->name, mails };
		table_add(table, stdout, cells);
	}
	puts("");
	table_print(table, stdout);
}

static void
print_likes(const JournalReport *report)
{
	static const char *const titles[] = { ">MAILS", "ERROR TEXTS WITHOUT SIGNATURE",
		NULL };
	g_autoptr(Table) table = table_new(titles);
	if (report->likes->len == 0)
		return;
	for (guint i = 0; i < MIN(report->likes->len, LIKES_SHOWN); i++) {
		const ReportLikes *likes = g_ptr_array_index(report->likes, i);
		g_autofree char *mails = number(likes->count);
		g_autofree char *text = text_one_line(
		        likes->example != NULL ? likes->example : likes->form,
		        LIKES_CHARS);
		const char *cells[] = { mails, text };
		table_add(table, stdout, cells);
	}
	puts("");
	table_print(table, stdout);
	if (report->likes->len > LIKES_SHOWN)
		printf("and %u others\n", report->likes->len - LIKES_SHOWN);
}

static void
print_changes(const JournalReport *report)
{
	static const char *const titles[] = { "AGENTS CHANGED", "INTO", ">MAILS",
		NULL };
	g_autoptr(Table) table = table_new(titles);
	for (guint i = 0; i < MIN(report->changes->len, CHANGES_SHOWN); i++) {
		const ReportChange *change = g_ptr_array_index(report->changes, i);
		g_autofree char *mails = number(change->count);
		const char *cells[] = { change->from, change->to, mails };
		table_add(table, stdout, cells);
	}
	puts("");
	table_print(table, stdout);
}

/* Those that agents corrected. */
static void
print_signatures(const JournalReport *report)
{
	static const char *const titles[] = { "SIGNATURE", ">MAILS", ">CORRECTED",
		">AGREED", NULL };
	g_autoptr(Table) table = table_new(titles);
	for (guint i = 0; i < MIN(report->signatures->len, SIGNATURES_SHOWN); i++) {
		const ReportSignature *signature =
		        g_ptr_array_index(report->signatures, i);
		if (signature->corrected == 0)
			break;
		g_autofree char *decided = number(signature->decided);
		g_autofree char *corrected = number(signature->corrected);
		g_autofree char *agreed = percent(
		        signature->decided - signature->corrected, signature->decided);
		const char *cells[] = { signature->id, decided, corrected, agreed };
		table_add(table, stdout, cells);
	}
	puts("");
	table_print(table, stdout);
}

static void
print_what_if(const JournalReport *report)
{
	static const char *const titles[] = { "CLASS", ">SENT", ">DRAFTED", ">HELD",
		">NO-REPLY", NULL };
	g_autoptr(Table) table = table_new(titles);
	for (guint i = 0; i < report->what_ifs->len; i++) {
		const ReportWhatIf *sum = g_ptr_array_index(report->what_ifs, i);
		g_autofree char *sent = number(sum->sent);
		g_autofree char *drafted = number(sum->drafted);
		g_autofree char *held = number(sum->held);
		g_autofree char *suppressed = number(sum->suppressed);
		const char *cells[] = { sum->id, sent, drafted, held, suppressed };
		table_add(table, stdout, cells);
	}
	printf("\nWhat the mode \"%s\" would have done with these mails:\n\n",
	        mode_name(report->what_if_mode));
	table_print(table, stdout);
	print_counts("HELD FOR", report->what_held);
	print_counts("NO REPLY FOR", report->what_suppressed);
}

void
report_print_text(const JournalReport *report)
{
	if (report->mails == 0) {
		puts("no mail in this time");
		return;
	}
	print_head(report);
	if (report->what_if) {
		print_what_if(report);
		return;
	}
	print_classes(report);
	print_days(report);
	print_items(report);
	print_counts("HELD FOR", report->held_for);
	print_counts("NO REPLY FOR", report->suppressed_for);
	print_likes(report);
	if (report->changes->len > 0) {
		print_changes(report);
		print_signatures(report);
	}
}
