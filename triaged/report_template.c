#include "triaged/report_template.h"

#define LANGUAGE "it"
#define PAGE_FILE "report.it.html"

static const char *const page_names[] = { "all_mails", "all_tickets", "all_follow_ups",
	"all_errors", "all_per_day", "all_listed", "all_first", "all_now",
	"all_first_width", "all_now_width", "all_median", "all_p95", "all_replied",
	"all_drafted", "all_held", "all_suppressed", "all_pending", "all_agreed",
	"all_decided", "all_corrected", "all_forms", "since", "until", "days",
	"generated", "empty", "verbatim", "has_list", "has_items", "has_held",
	"has_suppressed", "has_likes", "has_changes", "has_answers", "has_errors",
	"what_if", "what_if_mode", "has_what_held", "has_what_suppressed", "by_day",
	"by_week", "by_month", "chart_width", "chart_top", "chart_first", "chart_last",
	"bars", "legend", "day_list", "classes", "trend", "items", "held", "suppressed",
	"likes", "changes", "signatures", "what_classes", "what_held",
	"what_suppressed", "x", "y", "breadth", "height", "series", "tip", "label",
	"id", "count", "share", "width", "first", "now", "first_width", "now_width",
	"median", "p95", "agreed", "decided", "corrected", "date", "detail", "text",
	"forms", "several", "from", "to", "sent", "drafted", "kept", "refused", NULL };

Template *
report_template_load(const char *const *directories, Wording **wording, GError **error)
{
	*wording = wording_load(directories, LANGUAGE, error);
	if (*wording == NULL)
		return NULL;
	g_autofree char *file = wording_find_file(directories, PAGE_FILE);
	return template_load_named(
	        file != NULL ? file : PAGE_FILE, directories, page_names, error);
}
