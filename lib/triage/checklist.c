#include "triage/checklist.h"

static gboolean
any_item_present(const Case *kase, guint kinds)
{
	for (int kind = 0; kind < ITEM_COUNT; kind++) {
		if ((kinds & 1u << kind) && case_item(kase, (ItemKind)kind) != NULL)
			return TRUE;
	}
	return FALSE;
}

void
checklist_check(Case *kase, const Catalogue *catalogue)
{
	const Class *class = catalogue_find(catalogue, kase->verdict.class);
	if (class == NULL)
		return;
	const GPtrArray *checklist = catalogue_shown(catalogue, class)->checklist;
	for (guint i = 0; i < checklist->len; i++) {
		Requirement requirement = { 0 };
		requirement.kinds = requirement_parse(g_ptr_array_index(checklist, i));
		requirement.present = any_item_present(kase, requirement.kinds);
		g_array_append_val(kase->requirements, requirement);
	}
}

GPtrArray *
checklist_missing(const Case *kase)
{
	GPtrArray *missing = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < kase->requirements->len; i++) {
		const Requirement *requirement =
		        &g_array_index(kase->requirements, Requirement, i);
		if (!requirement->present)
			g_ptr_array_add(missing, requirement_name(requirement->kinds));
	}
	return missing;
}
