#include "net/store_group.h"

#include <stdlib.h>
#include <string.h>

void
store_group_free(StoreGroup *group)
{
	if (group == NULL)
		return;
	g_strfreev(group->keywords);
	g_array_unref(group->uids);
	g_free(group);
}

static int
compare_words(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static GStrv
sorted_set(const char *const *keywords)
{
	g_autoptr(GPtrArray) set = g_ptr_array_new();
	g_auto(GStrv) sorted = g_strdupv((GStrv)keywords);
	qsort(sorted, g_strv_length(sorted), sizeof *sorted, compare_words);
	for (guint i = 0; sorted[i] != NULL; i++)
		if (i == 0 || !g_str_equal(sorted[i], sorted[i - 1]))
			g_ptr_array_add(set, g_strdup(sorted[i]));
	g_ptr_array_add(set, NULL);
	return (GStrv)g_ptr_array_free(g_steal_pointer(&set), FALSE);
}

void
store_groups_add(GPtrArray *groups, guint32 uid, const char *const *keywords)
{
	g_auto(GStrv) set = sorted_set(keywords);
	StoreGroup *group = NULL;
	for (guint i = 0; i < groups->len && group == NULL; i++) {
		StoreGroup *candidate = g_ptr_array_index(groups, i);
		if (g_strv_equal((const char *const *)candidate->keywords,
		            (const char *const *)set))
			group = candidate;
	}
	if (group == NULL) {
		group = g_new0(StoreGroup, 1);
		group->keywords = g_steal_pointer(&set);
		group->uids = g_array_new(FALSE, FALSE, sizeof(guint32));
		g_ptr_array_add(groups, group);
	}
	g_array_append_val(group->uids, uid);
}
