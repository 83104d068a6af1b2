#include "mail/report.h"

void
report_free(Report *report)
{
	if (report == NULL)
		return;
	g_free(report->part);
	g_free(report->layout);
	g_free(report->recipient);
	g_free(report->original_recipient);
	g_free(report->status);
	g_free(report->reply_code);
	g_free(report->diagnostic);
	g_free(report->reporting_mta);
	g_free(report->remote_mta);
	g_free(report->last_attempt);
	g_free(report->final_log_id);
	g_free(report->sender);
	g_clear_pointer(&report->date, g_date_time_unref);
	header_free(report->original);
	g_free(report);
}

GPtrArray *
reports_read(const Mail *mail, const Markers *markers)
{
	(void)mail;
	(void)markers;
	return g_ptr_array_new_with_free_func((GDestroyNotify)report_free);
}

GPtrArray *
reports_read_text(const char *text, const Markers *markers)
{
	(void)text;
	(void)markers;
	return g_ptr_array_new_with_free_func((GDestroyNotify)report_free);
}

gboolean
mail_is_report(const Mail *mail, const Markers *markers)
{
	(void)markers;
	return mail->root->report_type != NULL ||
	       header_has(mail->header, "X-Failed-Recipients");
}

const char *
report_action_name(ReportAction action)
{
	switch (action) {
	case ACTION_FAILED: return "failed";
	case ACTION_DELAYED: return "delayed";
	case ACTION_DELIVERED: return "delivered";
	case ACTION_RELAYED: return "relayed";
	case ACTION_EXPANDED: return "expanded";
	case ACTION_NONE: return "none";
	}
	g_return_val_if_reached("none");
}
