#include "triaged/report_page.h"

/* The classes with a colour of their own; the rest is one more series. */
#define SERIES 6

/* Bars that a phone still shows apart; a longer time is drawn in weeks or months. */
#define BARS_MAX 120
#define WEEK 7
#define MONTH 28

/* The drawing's units: a bar's place, its breadth, the height of the highest. */
#define BAR_STEP 10
#define BAR_BREADTH 8
#define CHART_HEIGHT 100.0

#define DATE_FORMAT "%Y-%m-%d"

/* The report's days, some to a bar. */
typedef struct {
	gint32 first;
	guint step, bars;
} Span;

static Span
span_of(const JournalReport *report)
{
	guint days = (guint)(report->last_day - report->first_day) + 1;
	guint step = days <= BARS_MAX ? 1 : days <= BARS_MAX * WEEK ? WEEK : MONTH;
	step = MAX(step, (days + BARS_MAX * 10 - 1) / (BARS_MAX * 10));
	return (Span){ report->first_day, step, (days + step - 1) / step };
}

static gint64
bar_count(const Span *span, guint bar, const ReportClass *class)
{
	gint64 count = 0;
	for (guint i = 0; i < span->step; i++) {
		gint32 day = span->first + (gint32)(bar * span->step + i);
		count += GPOINTER_TO_INT(
		        g_hash_table_lookup(class->days, GINT_TO_POINTER(day)));
	}
	return count;
}

static guint
series_of(guint class)
{
	return MIN(class, SERIES);
}

static void
bar_counts(const JournalReport *report, const Span *span, guint bar, gint64 *counts)
{
	for (guint i = 0; i <= SERIES; i++)
		counts[i] = 0;
	for (guint i = 0; i < report->classes->len; i++)
		counts[series_of(i)] +=
		        bar_count(span, bar, g_ptr_array_index(report->classes, i));
}

static gint64
sum(const gint64 *counts)
{
	gint64 all = 0;
	for (guint i = 0; i <= SERIES; i++)
		all += counts[i];
	return all;
}

static char *
date_text(const Wording *wording, const Span *span, guint bar)
{
	const char *wish = wording_text(wording, "format", "date");
	g_autofree char *iso =
	        report_day_name(span->first + (gint32)(bar * span->step));
	g_autofree char *whole = g_strconcat(iso, "T00:00:00Z", NULL);
	g_autoptr(GDateTime) date = g_date_time_new_from_iso8601(whole, NULL);
	char *text = NULL;
	if (date != NULL)
		text = g_date_time_format(date, wish[0] == '%' ? wish : DATE_FORMAT);
	return text != NULL ? text : g_steal_pointer(&iso);
}

static const char *
series_title(const JournalReport *report, const Catalogue *catalogue,
        const Wording *wording, guint series)
{
	if (series == SERIES)
		return wording_text(wording, "chart", "others");
	const ReportClass *class = g_ptr_array_index(report->classes, series);
	return report_title(catalogue, wording, class->id);
}

static void
set_unit(Values *values, const char *name, double value)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];
	values_set(values, name, g_ascii_formatd(text, sizeof text, "%.2f", value));
}

static void
set_whole(Values *values, const char *name, guint value)
{
	g_autofree char *text = g_strdup_printf("%u", value);
	values_set(values, name, text);
}

static void
add_rectangle(Values *values, const char *list, guint bar, double base, double height)
{
	Values *rectangle = values_append(values, list);
	set_whole(rectangle, "x", bar * BAR_STEP);
	set_unit(rectangle, "y", CHART_HEIGHT - base - height);
	set_whole(rectangle, "breadth", BAR_BREADTH);
	set_unit(rectangle, "height", height);
}

/* What is drawn of a chart in common. */
typedef struct {
	Values *values;
	const JournalReport *report;
	const Catalogue *catalogue;
	const Wording *wording;
	Span span;
	gint64 top;
} Chart;

/* One day's list in words too, for those who cannot see the drawing and for paper. */
static void
add_day(Chart *chart, guint bar, const gint64 *counts)
{
	g_autoptr(GString) detail = g_string_new(NULL);
	g_autofree char *date = date_text(chart->wording, &chart->span, bar);
	g_autofree char *count = report_number(chart->wording, sum(counts));
	for (guint i = 0; i <= SERIES; i++) {
		if (counts[i] == 0)
			continue;
		g_string_append_printf(detail, "%s%s %" G_GINT64_FORMAT,
		        detail->len > 0 ? ", " : "",
		        series_title(
		                chart->report, chart->catalogue, chart->wording, i),
		        counts[i]);
	}
	Values *day = values_append(chart->values, "day_list");
	values_set(day, "date", date);
	values_set(day, "count", count);
	values_set(day, "detail", detail->str);
}

static void
add_bar(Chart *chart, guint bar)
{
	gint64 counts[SERIES + 1], base = 0;
	g_autofree char *date = date_text(chart->wording, &chart->span, bar);
	bar_counts(chart->report, &chart->span, bar, counts);
	for (guint i = 0; i <= SERIES; i++) {
		if (counts[i] == 0)
			continue;
		double unit = CHART_HEIGHT / (double)chart->top;
		g_autofree char *tip =
		        g_strdup_printf("%s, %s: %" G_GINT64_FORMAT, date,
		                series_title(chart->report, chart->catalogue,
		                        chart->wording, i),
		                counts[i]);
		add_rectangle(chart->values, "bars", bar, (double)base * unit,
		        (double)counts[i] * unit);
		const GPtrArray *bars = values_list(chart->values, "bars");
		Values *last = g_ptr_array_index(bars, bars->len - 1);
		set_whole(last, "series", i);
		values_set(last, "tip", tip);
		base += counts[i];
	}
	add_day(chart, bar, counts);
}

static void
add_legend(Chart *chart)
{
	gint64 counts[SERIES + 1] = { 0 };
	for (guint i = 0; i < chart->report->classes->len; i++) {
		const ReportClass *class = g_ptr_array_index(chart->report->classes, i);
		counts[series_of(i)] += class->tickets;
	}
	for (guint i = 0; i <= SERIES; i++) {
		if (counts[i] == 0)
			continue;
		g_autofree char *count = report_number(chart->wording, counts[i]);
		Values *entry = values_append(chart->values, "legend");
		set_whole(entry, "series", i);
		values_set(entry, "count", count);
		values_set(entry, "label",
		        series_title(
		                chart->report, chart->catalogue, chart->wording, i));
	}
}

void
report_chart_days(Values *values, const JournalReport *report,
        const Catalogue *catalogue, const Wording *wording)
{
	Chart chart = { values, report, catalogue, wording, span_of(report), 1 };
	const char *steps[] = { "by_day", "by_week", "by_month" };
	guint step = chart.span.step == 1 ? 0 : chart.span.step == WEEK ? 1 : 2;
	for (guint bar = 0; bar < chart.span.bars; bar++) {
		gint64 counts[SERIES + 1];
		bar_counts(report, &chart.span, bar, counts);
		chart.top = MAX(chart.top, sum(counts));
	}
	for (guint bar = 0; bar < chart.span.bars; bar++)
		add_bar(&chart, bar);
	add_legend(&chart);
	g_autofree char *top = report_number(wording, chart.top);
	g_autofree char *first = date_text(wording, &chart.span, 0);
	g_autofree char *last = date_text(wording, &chart.span, chart.span.bars - 1);
	values_set(values, "chart_top", top);
	values_set(values, "chart_first", first);
	values_set(values, "chart_last", last);
	values_set_flag(values, steps[step], TRUE);
	set_whole(values, "chart_width", chart.span.bars * BAR_STEP);
}

void
report_chart_trend(
        Values *values, const JournalReport *report, const ReportClass *class)
{
	Span span = span_of(report);
	gint64 top = 1;
	for (guint bar = 0; bar < span.bars; bar++)
		top = MAX(top, bar_count(&span, bar, class));
	for (guint bar = 0; bar < span.bars; bar++) {
		double height = CHART_HEIGHT * (double)bar_count(&span, bar, class) /
		                (double)top;
		if (height > 0)
			add_rectangle(values, "trend", bar, 0, height);
	}
}
