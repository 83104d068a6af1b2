#include "triaged/report_page.h"

#include <string.h>

#include "base/text.h"
#include "triaged/report_template.h"


#define LIKES_SHOWN 30
#define SIGNATURES_SHOWN 30
#define CHANGES_SHOWN 20
#define TEXT_CHARS 240

#define NOTHING "\xe2\x80\x93" /* an en dash: no figure */

/* What every part of the page is made with. */
typedef struct {
	const JournalReport *report;
	const Catalogue *catalogue;
	Wording *wording;
} Page;

/* The words for a format; when there are none, what computers write. */
static const char *
separator(const Wording *wording, const char *name, const char *absent)
{
	const char *text = wording_text(wording, "format", name);
	return text == name ? absent : text;
}

char *
report_number(const Wording *wording, gint64 number)
{
	g_autofree char *digits = g_strdup_printf("%" G_GINT64_FORMAT, number);
	const char *mark = separator(wording, "thousands", "");
	GString *text = g_string_new(NULL);
	gsize length = strlen(digits);
	for (gsize i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0 && digits[i - 1] != '-')
			g_string_append(text, mark);
		g_string_append_c(text, digits[i]);
	}
	return g_string_free(text, FALSE);
}

static char *
decimal(const Wording *wording, double value, guint digits)
{
	g_autofree char *text = g_strdup_printf("%.*f", (int)digits, value);
	const char *point = strchr(text, '.');
	if (point == NULL)
		return g_steal_pointer(&text);
	return g_strdup_printf("%.*s%s%s", (int)(point - text), text,
	        separator(wording, "decimal", "."), point + 1);
}

static void
set_number(const Page *page, Values *values, const char *name, gint64 number)
{
	g_autofree char *text = report_number(page->wording, number);
	values_set(values, name, text);
}

static void
set_percent(const Page *page, Values *values, const char *name, gint64 part, gint64 all)
{
	g_autofree char *number = decimal(page->wording, report_percent(part, all), 1);
	g_autofree char *text = g_strconcat(number, " %", NULL);
	values_set(values, name, all > 0 ? text : NOTHING);
}

/* A part of a drawing that is 100 wide. */
static void
set_width(Values *values, const char *name, gint64 part, gint64 all)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];
	double width = MAX(report_percent(part, all), 0);
	values_set(values, name, g_ascii_formatd(text, sizeof text, "%.1f", width));
}

/* "0,31 s", "4 min", "2,5 h": the same in many languages. */
static void
set_duration(const Page *page, Values *values, const char *name,
        const Quantile *answers, double part)
{
	static const struct {
		double below, unit;
		const char *sign;
		guint digits;
	} units[] = {
		{ 10, 1, "s", 2 },
		{ 100, 1, "s", 0 },
		{ 6000, 60, "min", 0 },
		{ G_MAXDOUBLE, 3600, "h", 1 },
	};
	gint64 time = quantile_at(answers, part);
	double seconds = (double)time / G_USEC_PER_SEC;
	gsize unit = 0;
	while (seconds >= units[unit].below)
		unit++;
	g_autofree char *number =
	        decimal(page->wording, seconds / units[unit].unit, units[unit].digits);
	g_autofree char *text = g_strconcat(number, " ", units[unit].sign, NULL);
	values_set(values, name, time >= 0 ? text : NOTHING);
}

static void
set_time(const Page *page, Values *values, const char *name, gint64 time)
{
	const char *wish = wording_text(page->wording, "format", "date");
	g_autoptr(GDateTime) local =
	        g_date_time_new_from_unix_local(time / G_USEC_PER_SEC);
	g_autofree char *text =
	        local != NULL
	                ? g_date_time_format(local, wish[0] == '%' ? wish : "%Y-%m-%d")
	                : NULL;
	values_set(values, name, text);
}

/* The words of the page, then the catalogue's title, then the id itself. */
const char *
report_title(const Catalogue *catalogue, const Wording *wording, const char *id)
{
	const char *words = wording_text(wording, "class", id);
	const char *slash = strchr(id, '/');
	const Class *class = catalogue_find(catalogue, slash != NULL ? slash + 1 : id);
	if (words != id)
		return words;
	return class != NULL && class->title != NULL ? class->title : id;
}

static void
fill_head(const Page *page, Values *values)
{
	const JournalReport *report = page->report;
	guint days = (guint)(report->last_day - report->first_day) + 1;
	g_autofree char *per_day =
	        decimal(page->wording, (double)report->tickets / (double)days, 1);
	const struct {
		const char *name;
		gint64 number;
	} numbers[] = {
		{ "all_mails", report->mails },
		{ "all_tickets", report->tickets },
		{ "all_follow_ups", report->follow_ups },
		{ "all_errors", report->errors },
		{ "all_listed", report->listed },
		{ "all_replied", report->replied },
		{ "all_drafted", report->drafted },
		{ "all_held", report->held },
		{ "all_suppressed", report->suppressed },
		{ "all_pending", report->pending },
		{ "all_decided", report->decided },
		{ "all_corrected", report->corrected },
		{ "all_forms", report->forms },
		{ "days", days },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++)
		set_number(page, values, numbers[i].name, numbers[i].number);
	values_set(values, "all_per_day", per_day);
	set_time(page, values, "since",
	        report->since != 0 ? report->since : report->first_at);
	set_time(page, values, "until", report->last_at);
	values_set_flag(values, "has_errors", report->errors > 0);
}

static void
fill_shares(const Page *page, Values *values)
{
	const JournalReport *report = page->report;
	set_percent(page, values, "all_first", report->complete_first, report->listed);
	set_percent(page, values, "all_now", report->complete_now, report->listed);
	set_width(values, "all_first_width", report->complete_first, report->listed);
	set_width(values, "all_now_width", report->complete_now, report->listed);
	set_duration(page, values, "all_median", report->answers, 0.5);
	set_duration(page, values, "all_p95", report->answers, 0.95);
	set_percent(page, values, "all_agreed", report->decided - report->corrected,
	        report->decided);
	values_set_flag(values, "has_list", report->listed > 0);
	values_set_flag(values, "has_answers", quantile_count(report->answers) > 0);
}

static void
fill_class(const Page *page, Values *values, const ReportClass *class, gint64 most)
{
	Values *row = values_append(values, "classes");
	values_set(row, "id", class->id);
	values_set(
	        row, "label", report_title(page->catalogue, page->wording, class->id));
	set_number(page, row, "count", class->tickets);
	set_width(row, "width", class->tickets, most);
	set_percent(page, row, "share", class->tickets, page->report->tickets);
	set_percent(page, row, "first", class->complete_first, class->listed);
	set_percent(page, row, "now", class->complete_now, class->listed);
	set_width(row, "first_width", class->complete_first, class->listed);
	set_width(row, "now_width", class->complete_now, class->listed);
	set_duration(page, row, "median", class->answers, 0.5);
	set_duration(page, row, "p95", class->answers, 0.95);
	set_percent(
	        page, row, "agreed", class->decided - class->corrected, class->decided);
	report_chart_trend(row, page->report, class);
}

/* What is no ticket is counted above, and has no row. */
static void
fill_classes(const Page *page, Values *values)
{
	const GPtrArray *classes = page->report->classes;
	for (guint i = 0; i < classes->len; i++) {
		const ReportClass *class = g_ptr_array_index(classes, i);
		const ReportClass *first = g_ptr_array_index(classes, 0);
		if (class->tickets > 0)
			fill_class(page, values, class, first->tickets);
	}
}

static void
fill_items(const Page *page, Values *values)
{
	const GPtrArray *items = page->report->items;
	values_set_flag(values, "has_items", items->len > 0);
	for (guint i = 0; i < items->len; i++) {
		const ReportItem *item = g_ptr_array_index(items, i);
		Values *row = values_append(values, "items");
		values_set(
		        row, "label", wording_text(page->wording, "item", item->item));
		set_number(page, row, "first", item->first);
		set_number(page, row, "now", item->now);
		set_percent(page, row, "share", item->first, page->report->listed);
		set_width(row, "first_width", item->first, page->report->listed);
		set_width(row, "now_width", item->now, page->report->listed);
	}
}

static void
fill_counts(const Page *page, Values *values, const char *list, const char *flag,
        const GPtrArray *counts)
{
	values_set_flag(values, flag, counts->len > 0);
	for (guint i = 0; i < counts->len; i++) {
		const ReportCount *count = g_ptr_array_index(counts, i);
		const ReportCount *first = g_ptr_array_index(counts, 0);
		Values *row = values_append(values, list);
		values_set(row, "label",
		        wording_text(page->wording, "reason", count->name));
		set_number(page, row, "count", count->count);
		set_width(row, "width", count->count, first->count);
	}
}

static void
fill_likes(const Page *page, Values *values)
{
	const GPtrArray *all = page->report->likes;
	values_set_flag(values, "has_likes", all->len > 0);
	for (guint i = 0; i < MIN(all->len, LIKES_SHOWN); i++) {
		const ReportLikes *likes = g_ptr_array_index(all, i);
		const ReportLikes *first = g_ptr_array_index(all, 0);
		g_autofree char *text = text_one_line(
		        likes->example != NULL ? likes->example : likes->form,
		        TEXT_CHARS);
		Values *row = values_append(values, "likes");
		values_set(row, "text", text);
		set_number(page, row, "count", likes->count);
		set_number(page, row, "forms", likes->forms);
		values_set_flag(row, "several", likes->forms > 1);
		set_width(row, "width", likes->count, first->count);
	}
}

static void
fill_corrections(const Page *page, Values *values)
{
	const JournalReport *report = page->report;
	values_set_flag(values, "has_changes", report->changes->len > 0);
	for (guint i = 0; i < MIN(report->changes->len, CHANGES_SHOWN); i++) {
		const ReportChange *change = g_ptr_array_index(report->changes, i);
		Values *row = values_append(values, "changes");
		values_set(row, "from",
		        report_title(page->catalogue, page->wording, change->from));
		values_set(row, "to",
		        report_title(page->catalogue, page->wording, change->to));
		set_number(page, row, "count", change->count);
	}
	for (guint i = 0; i < MIN(report->signatures->len, SIGNATURES_SHOWN); i++) {
		const ReportSignature *signature =
		        g_ptr_array_index(report->signatures, i);
		if (signature->corrected == 0)
			break;
		Values *row = values_append(values, "signatures");
		values_set(row, "id", signature->id);
		set_number(page, row, "decided", signature->decided);
		set_number(page, row, "corrected", signature->corrected);
		set_percent(page, row, "agreed",
		        signature->decided - signature->corrected, signature->decided);
	}
}

static void
fill_what_if(const Page *page, Values *values)
{
	const JournalReport *report = page->report;
	values_set_flag(values, "what_if", report->what_if);
	values_set(values, "what_if_mode",
	        wording_text(page->wording, "mode", mode_name(report->what_if_mode)));
	for (guint i = 0; i < report->what_ifs->len; i++) {
		const ReportWhatIf *sum = g_ptr_array_index(report->what_ifs, i);
		Values *row = values_append(values, "what_classes");
		values_set(row, "label",
		        report_title(page->catalogue, page->wording, sum->id));
		set_number(page, row, "sent", sum->sent);
		set_number(page, row, "drafted", sum->drafted);
		set_number(page, row, "kept", sum->held);
		set_number(page, row, "refused", sum->suppressed);
	}
	fill_counts(page, values, "what_held", "has_what_held", report->what_held);
	fill_counts(page, values, "what_suppressed", "has_what_suppressed",
	        report->what_suppressed);
}

static gboolean
has_verbatim(const JournalReport *report)
{
	const ReportLikes *first =
	        report->likes->len > 0 ? g_ptr_array_index(report->likes, 0) : NULL;
	return first != NULL && first->example != NULL;
}

static void
fill_page(const Page *page, Values *values)
{
	const JournalReport *report = page->report;
	set_time(page, values, "generated", report->now);
	values_set_flag(values, "empty", report->mails == 0);
	values_set_flag(values, "verbatim", has_verbatim(report));
	if (report->mails == 0)
		return;
	fill_head(page, values);
	fill_shares(page, values);
	report_chart_days(values, report, page->catalogue, page->wording);
	fill_classes(page, values);
	fill_items(page, values);
	fill_counts(page, values, "held", "has_held", report->held_for);
	fill_counts(
	        page, values, "suppressed", "has_suppressed", report->suppressed_for);
	fill_likes(page, values);
	fill_corrections(page, values);
	fill_what_if(page, values);
}

char *
report_page(const JournalReport *report, const Catalogue *catalogue,
        const char *const *directories, GError **error)
{
	g_autoptr(Wording) wording = NULL;
	g_autoptr(Template) template =
	        report_template_load(directories, &wording, error);
	if (template == NULL)
		return NULL;
	g_autoptr(Values) values = values_new();
	Page page = { report, catalogue, wording };
	fill_page(&page, values);
	return template_fill_markup(template, values);
}
