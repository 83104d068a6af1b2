/* Mails grouped by equal keyword sets, so that each set costs one STORE. */
#pragma once

#include <glib.h>

typedef struct {
	GStrv keywords; /* sorted, without duplicates */
	GArray *uids;   /* of guint32 */
} StoreGroup;

void store_group_free(StoreGroup *group);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreGroup, store_group_free)

/* Add uid to the group of its keywords in groups (of StoreGroup), a new one if need be. */
void store_groups_add(GPtrArray *groups, guint32 uid, const char *const *keywords);
