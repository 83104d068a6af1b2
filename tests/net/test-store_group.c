/* Equal sets of keywords are stored together. */
#include "net/store_group.h"
#include "tests/suite.h"

static void
free_group(gpointer group)
{
	store_group_free(group);
}

static void
test_store_groups(void **state)
{
	static const char *const one[] = { "b", "a", "b", NULL };
	static const char *const same[] = { "a", "b", NULL };
	static const char *const other[] = { "a", NULL };
	(void)state;
	g_autoptr(GPtrArray) groups = g_ptr_array_new_with_free_func(free_group);
	store_groups_add(groups, 4, one);
	store_groups_add(groups, 5, other);
	store_groups_add(groups, 6, same);
	assert_int_equal(groups->len, 2);
	const StoreGroup *group = g_ptr_array_index(groups, 0);
	assert_int_equal(group->uids->len, 2);
	assert_int_equal(g_array_index(group->uids, guint32, 1), 6);
	assert_int_equal(g_strv_length(group->keywords), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_store_groups) };
	return cmocka_run_group_tests_name("store_group", tests, NULL, NULL);
}
