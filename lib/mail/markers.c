#include "mail/markers.h"

#include "mail/report_layout.h"

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
	for (guint i = 0; i < MARKERS_SETS; i++)
		markers->sets[i] = phrase_set_new();
	return markers;
}

static void
fill_set(PhraseSet *set, const GPtrArray *list, guint tag)
{
	for (guint i = 0; i < list->len; i++)
		phrase_set_add(set, list->pdata[i], tag);
}

void
markers_finish(Markers *markers)
{
	const GPtrArray *const lists[MARKERS_SETS] = {
		[MARKERS_FORWARD] = markers->forward_lines,
		[MARKERS_ORIGINAL] = markers->original_lines,
		[MARKERS_SIGNATURE] = markers->signature_lines,
		[MARKERS_REPORT] = markers->report_lines,
		[MARKERS_REPORT_END] = markers->report_end_lines,
		[MARKERS_REPORT_REASON] = markers->report_reason_lines,
		[MARKERS_REPORT_RECIPIENT] = markers->report_recipient_lines,
		[MARKERS_REPORT_DELAYED] = markers->report_delayed_lines,
	};
	for (guint i = 0; i < LABEL_COUNT; i++)
		fill_set(markers->sets[MARKERS_LABELS], markers->labels[i], i);
	for (guint i = MARKERS_LABELS + 1; i < MARKERS_SETS; i++)
		fill_set(markers->sets[i], lists[i], i);
	phrases_add(PHRASE_END, markers->sets[MARKERS_REPORT_END]);
	phrases_add(PHRASE_REASON, markers->sets[MARKERS_REPORT_REASON]);
	phrases_add(PHRASE_RECIPIENT, markers->sets[MARKERS_REPORT_RECIPIENT]);
	phrases_add(PHRASE_DELAYED, markers->sets[MARKERS_REPORT_DELAYED]);
}

void
markers_free(Markers *markers)
{
	if (markers == NULL)
		return;
	for (guint i = 0; markers_list(markers, i) != NULL; i++)
		g_ptr_array_unref(*markers_list(markers, i));
	for (guint i = 0; i < MARKERS_SETS; i++)
		phrase_set_free(markers->sets[i]);
	g_free(markers);
}
