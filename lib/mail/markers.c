#include "mail/markers.h"

/* Where each list stands in Markers: one place to make and free them all. */
static GPtrArray **
markers_list(Markers *markers, guint index)
{
	GPtrArray **lists[] = { &markers->forward_lines, &markers->original_lines,
		&markers->attribution_openers, &markers->attribution_verbs,
		&markers->signature_lines, &markers->forward_prefixes,
		&markers->reply_prefixes, &markers->report_lines,
		&markers->report_end_lines, &markers->report_reason_lines,
		&markers->report_recipient_lines, &markers->report_delayed_lines,
		&markers->loose_labels };
	if (index < LABEL_COUNT)
		return &markers->labels[index];
	index -= LABEL_COUNT;
	return index < G_N_ELEMENTS(lists) ? lists[index] : NULL;
}

Markers *
markers_new(void)
{
	Markers *markers = g_new0(Markers, 1);
	for (guint i = 0; markers_list(markers, i) != NULL; i++)
		*markers_list(markers, i) = g_ptr_array_new_with_free_func(g_free);
	return markers;
}

void
markers_free(Markers *markers)
{
	if (markers == NULL)
		return;
	for (guint i = 0; markers_list(markers, i) != NULL; i++)
		g_ptr_array_unref(*markers_list(markers, i));
	g_free(markers);
}
