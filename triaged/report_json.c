#include "triaged/journal_desk.h"
#include "triaged/report_form.h"

static void
put_number(json_t *object, const char *name, gint64 number)
{
	json_object_set_new(object, name, json_integer(number));
}

/* Null when there is nothing to take a share of. */
static void
put_share(json_t *object, const char *name, gint64 part, gint64 all)
{
	json_object_set_new(object, name,
	        all > 0 ? json_real((double)part / (double)all) : json_null());
}

static void
put_seconds(json_t *object, const char *name, const Quantile *answers, double part)
{
	gint64 time = quantile_at(answers, part);
	json_object_set_new(object, name,
	        time >= 0 ? json_real((double)time / G_USEC_PER_SEC) : json_null());
}

static void
put_answers(json_t *object, const Quantile *answers)
{
	json_t *times = json_object();
	put_number(times, "mails", quantile_count(answers));
	put_seconds(times, "median_seconds", answers, 0.5);
	put_seconds(times, "p95_seconds", answers, 0.95);
	json_object_set_new(object, "answers", times);
}

static void
put_complete(json_t *object, gint64 listed, gint64 first, gint64 now)
{
	json_t *complete = json_object();
	put_number(complete, "tickets", listed);
	put_share(complete, "first", first, listed);
	put_share(complete, "now", now, listed);
	json_object_set_new(object, "complete", complete);
}

static json_t *
days_json(const JournalReport *report, const ReportClass *class)
{
	json_t *days = json_object();
	for (gint32 day = report->first_day; day <= report->last_day; day++) {
		gpointer count = g_hash_table_lookup(class->days, GINT_TO_POINTER(day));
		g_autofree char *name = report_day_name(day);
		if (count != NULL)
			put_number(days, name, GPOINTER_TO_INT(count));
	}
	return days;
}

static json_t *
class_json(const JournalReport *report, const ReportClass *class)
{
	json_t *object = json_object();
	json_put_text(object, "class", class->id);
	put_number(object, "mails", class->mails);
	put_number(object, "tickets", class->tickets);
	put_complete(object, class->listed, class->complete_first, class->complete_now);
	put_answers(object, class->answers);
	put_number(object, "replied", class->replied);
	put_number(object, "drafted", class->drafted);
	put_number(object, "held", class->held);
	put_number(object, "no_reply", class->suppressed);
	put_number(object, "corrected", class->corrected);
	put_share(object, "agreed", class->decided - class->corrected, class->decided);
	json_object_set_new(object, "days", days_json(report, class));
	return object;
}

static void
put_classes(json_t *object, const JournalReport *report)
{
	json_t *array = json_array();
	for (guint i = 0; i < report->classes->len; i++)
		json_array_append_new(array,
		        class_json(report, g_ptr_array_index(report->classes, i)));
	json_object_set_new(object, "classes", array);
}

static void
put_items(json_t *object, const JournalReport *report)
{
	json_t *array = json_array();
	for (guint i = 0; i < report->items->len; i++) {
		const ReportItem *item = g_ptr_array_index(report->items, i);
		json_t *entry = json_object();
		json_put_text(entry, "item", item->item);
		put_number(entry, "first", item->first);
		put_number(entry, "now", item->now);
		json_array_append_new(array, entry);
	}
	json_object_set_new(object, "missing", array);
}

static void
put_counts(json_t *object, const char *name, const GPtrArray *counts)
{
	json_t *array = json_array();
	for (guint i = 0; i < counts->len; i++) {
		const ReportCount *count = g_ptr_array_index(counts, i);
		json_t *entry = json_object();
		json_put_text(entry, "reason", count->name);
		put_number(entry, "mails", count->count);
		json_array_append_new(array, entry);
	}
	json_object_set_new(object, name, array);
}

static void
put_likes(json_t *object, const JournalReport *report)
{
	json_t *array = json_array();
	for (guint i = 0; i < report->likes->len; i++) {
		const ReportLikes *likes = g_ptr_array_index(report->likes, i);
		json_t *entry = json_object();
		json_put_text(entry, "form", likes->form);
		json_put_text(entry, "example", likes->example);
		put_number(entry, "mails", likes->count);
		put_number(entry, "forms", likes->forms);
		json_array_append_new(array, entry);
	}
	json_object_set_new(object, "unmatched", array);
	put_number(object, "unmatched_forms", report->forms);
}

static void
put_corrections(json_t *object, const JournalReport *report)
{
	json_t *changes = json_array(), *signatures = json_array();
	for (guint i = 0; i < report->changes->len; i++) {
		const ReportChange *change = g_ptr_array_index(report->changes, i);
		json_t *entry = json_object();
		json_put_text(entry, "from", change->from);
		json_put_text(entry, "to", change->to);
		put_number(entry, "mails", change->count);
		json_array_append_new(changes, entry);
	}
	for (guint i = 0; i < report->signatures->len; i++) {
		const ReportSignature *signature =
		        g_ptr_array_index(report->signatures, i);
		json_t *entry = json_object();
		json_put_text(entry, "signature", signature->id);
		put_number(entry, "mails", signature->decided);
		put_number(entry, "corrected", signature->corrected);
		put_share(entry, "agreed", signature->decided - signature->corrected,
		        signature->decided);
		json_array_append_new(signatures, entry);
	}
	json_object_set_new(object, "corrections", changes);
	json_object_set_new(object, "signatures", signatures);
}

static void
put_what_if(json_t *object, const JournalReport *report)
{
	json_t *what_if = json_object(), *array = json_array();
	for (guint i = 0; i < report->what_ifs->len; i++) {
		const ReportWhatIf *sum = g_ptr_array_index(report->what_ifs, i);
		json_t *entry = json_object();
		json_put_text(entry, "class", sum->id);
		put_number(entry, "sent", sum->sent);
		put_number(entry, "drafted", sum->drafted);
		put_number(entry, "held", sum->held);
		put_number(entry, "no_reply", sum->suppressed);
		json_array_append_new(array, entry);
	}
	json_put_text(what_if, "mode", mode_name(report->what_if_mode));
	json_object_set_new(what_if, "classes", array);
	put_counts(what_if, "held", report->what_held);
	put_counts(what_if, "no_reply", report->what_suppressed);
	json_object_set_new(object, "what_if", what_if);
}

void
report_print_json(const JournalReport *report)
{
	json_t *object = json_object();
	json_put_time(object, "since", report->since);
	json_put_time(object, "until", report->until);
	json_put_time(object, "first", report->first_at);
	json_put_time(object, "last", report->last_at);
	put_number(object, "mails", report->mails);
	put_number(object, "tickets", report->tickets);
	put_number(object, "follow_ups", report->follow_ups);
	put_number(object, "not_analysed", report->errors);
	put_number(object, "pending", report->pending);
	put_number(object, "replied", report->replied);
	put_number(object, "drafted", report->drafted);
	put_complete(
	        object, report->listed, report->complete_first, report->complete_now);
	put_answers(object, report->answers);
	put_share(
	        object, "agreed", report->decided - report->corrected, report->decided);
	put_classes(object, report);
	put_items(object, report);
	put_counts(object, "held", report->held_for);
	put_counts(object, "no_reply", report->suppressed_for);
	put_likes(object, report);
	put_corrections(object, report);
	if (report->what_if)
		put_what_if(object, report);
	json_print(object);
}
